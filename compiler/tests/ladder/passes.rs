//! Passes keep what a graph computes and what must hold in it; compression keeps it too and needs fewer directions.

use super::values::{basis, feed, repeated, run, same};
use scorematch_compiler::diff::{Adjoint, Program, gradient};
use scorematch_compiler::emit::{cuda, rust};
use scorematch_compiler::ir::{Feed, Graph, Op, verify};
use scorematch_compiler::lower::{Target, lower};
use scorematch_compiler::opt::{compress_entry, optimize, optimize_watched};
use scorematch_compiler::plan_model;
use scorematch_compiler::spec::parse_and_check;

fn program(g: &Graph, p: Program, compress: bool) -> Graph {
    let mut graph = Adjoint::of(g).derive(p);
    if compress {
        graph = compress_entry(&graph, Some(1));
    }
    if p.objective().is_some() {
        gradient(&mut graph);
    }
    graph
}

fn is_exact(p: Program) -> bool {
    p == Program::Laplacian || p.objective().is_some_and(|o| o.uses_laplacian())
}

/// Values for a program: exact ones take the unit vectors.
fn values(g: &Graph, p: Program, seed: u64) -> Feed {
    let f = feed(g, seed);
    if is_exact(p) { basis(g, &f) } else { f }
}

/// Every output of two graphs, which may differ in whether a value that is the same for all samples is stored once.
/// A pass may reorder sums, and what cancels in them is as large as the largest output.
fn agree(name: &str, graphs: (&Graph, &Graph), feeds: (&Feed, &Feed)) {
    let names = |g: &Graph| g.outputs.iter().map(|o| o.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(graphs.0), names(graphs.1), "{name}");
    let (left, right) = (run(graphs.0, feeds.0), run(graphs.1, feeds.1));
    let scale = left.iter().flatten().fold(1.0f64, |m, x| m.max(x.abs()));
    for ((l, r), (output, _)) in left.into_iter().zip(right).zip(&graphs.0.outputs) {
        let n = l.len().max(r.len());
        same(
            &format!("{name} {output}"),
            &repeated(r, n),
            &repeated(l, n),
            scale,
        );
    }
}

fn verified(what: &str, g: &Graph) {
    verify(g).unwrap_or_else(|violation| {
        panic!("{what}: {violation}\n{}", scorematch_compiler::ir::print(g))
    });
}

/// Every program, verified and evaluated after every pass.
pub(crate) fn optimized_graphs_compute_the_same(name: &str, g: &Graph, seed: u64) {
    verified(name, g);
    for p in Program::ALL {
        let graph = program(g, p, false);
        verified(&format!("{name} {p:?}"), &graph);
        let f = values(g, p, seed);
        let mut passes = 0;
        let optimized = optimize_watched(&graph, &mut |pass, after| {
            passes += 1;
            let what = format!("{name} {p:?} after {pass}");
            verified(&what, after);
            agree(&what, (&graph, after), (&f, &f));
        });
        assert!(passes > 0, "the passes were watched");
        agree(&format!("{name} {p:?}"), (&graph, &optimized), (&f, &f));
    }
}

/// The exact programs with and without compression, before and after the passes. Returns whether it took place.
pub(crate) fn compressed_graphs_compute_the_same(name: &str, g: &Graph, seed: u64) -> bool {
    let mut took_place = false;
    for p in Program::ALL.into_iter().filter(|&p| is_exact(p)) {
        let (full, compressed) = (program(g, p, false), program(g, p, true));
        verified(&format!("{name} {p:?} compressed"), &compressed);
        let f = values(g, p, seed);
        let mut fewer = f.clone();
        let rank = compressed.nodes.iter().find_map(|n| match n.op {
            Op::LqLower(_) => n.shape.last().copied(),
            _ => None,
        });
        if let Some(rank) = rank {
            assert!(
                rank <= g.dim(),
                "{name}: {rank} directions in place of {}",
                g.dim()
            );
            fewer.directions = rank;
            took_place = true;
        }
        agree(
            &format!("{name} {p:?} compressed"),
            (&full, &compressed),
            (&f, &fewer),
        );
        let optimized = optimize(&compressed);
        verified(
            &format!("{name} {p:?} compressed and optimised"),
            &optimized,
        );
        agree(
            &format!("{name} {p:?} compressed and optimised"),
            (&full, &optimized),
            (&f, &fewer),
        );
    }
    took_place
}

/// Every program is planned without a violated assertion and emitted, as Rust and for a GPU, the same text from the same plans.
pub(crate) fn plans_and_emits(source: &str) {
    let tokens = source.parse().expect("the spec is made of tokens");
    let models = parse_and_check(tokens).unwrap_or_else(|e| panic!("{source}: {e:?}"));
    for model in &models {
        let planned = || plan_model(model).unwrap_or_else(|e| panic!("{source}: {e}"));
        let (planned, again) = (planned(), planned());
        let text = rust(std::slice::from_ref(&planned));
        syn::parse_file(&text).unwrap_or_else(|e| panic!("{source}: {e}\n{text}"));
        assert_eq!(
            text,
            rust(std::slice::from_ref(&again)),
            "{source}: the text depends on the spec alone"
        );
        assert_eq!(planned.programs.len(), Program::ALL.len());
        for (program, plan) in &planned.programs {
            let source = cuda(*program, &lower(plan, &Target::CUDA)).source;
            assert!(source.contains("__global__"), "{program:?}: {source}");
        }
    }
}
