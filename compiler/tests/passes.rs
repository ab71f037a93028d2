//! Passes keep what a graph computes; compression keeps it too and needs fewer directions.

mod common;

use common::{contains, energies, feed, mlp};
use scorematch_compiler::diff::{Program, derive, gradient};
use scorematch_compiler::ir::{Graph, Op, eval, verify};
use scorematch_compiler::opt::{compress_entry, optimize};

fn close(name: &str, a: &Graph, b: &Graph, directions: (usize, usize)) {
    let mut f = feed(a, 4, 7);
    f.directions = directions.0;
    let left = eval(a, &f);
    f.directions = directions.1;
    let right = eval(b, &f);
    for ((l, r), (output, _)) in left.iter().zip(&right).zip(&a.outputs) {
        let scale = l.data.iter().fold(1e-3f64, |m, x| m.max(x.abs()));
        for (i, x) in l.data.iter().enumerate() {
            let y = r.data[i % r.data.len()];
            assert!(
                (x - y).abs() <= 1e-9 * scale,
                "{name} {output}[{i}]: {x} against {y}"
            );
        }
    }
}

fn program(g: &Graph, p: Program, compress: bool) -> Graph {
    let mut graph = derive(g, p);
    if compress {
        graph = compress_entry(&graph);
    }
    if p.is_loss() {
        gradient(&mut graph);
    }
    graph
}

#[test]
fn optimized_graphs_compute_the_same() {
    for (name, g) in energies() {
        for p in Program::ALL {
            let graph = program(&g, p, false);
            verify(&graph).unwrap_or_else(|what| panic!("{name} {p:?}: {what}"));
            let optimized = optimize(&graph);
            verify(&optimized).unwrap_or_else(|what| panic!("{name} {p:?}: {what}"));
            let t = if p == Program::Esm || p == Program::Laplacian {
                g.dim()
            } else {
                2
            };
            close(&format!("{name} {p:?}"), &graph, &optimized, (t, t));
        }
    }
}

#[test]
fn compressed_graphs_compute_the_same() {
    for (d, widths) in [(9, vec![3, 4]), (12, vec![5, 7, 4]), (7, vec![6, 2])] {
        let g = mlp(d, &widths);
        for p in [Program::Laplacian, Program::Esm] {
            let full = optimize(&program(&g, p, false));
            let compressed = optimize(&program(&g, p, true));
            assert!(
                contains(&compressed, |op| matches!(op, Op::LqLower(_))),
                "{d} > {}",
                widths[0]
            );
            close(
                &format!("{d} {widths:?} {p:?}"),
                &full,
                &compressed,
                (d, widths[0]),
            );
        }
    }
}
