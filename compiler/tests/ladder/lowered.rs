//! Lowered programs compute what their graphs do.

use super::objectives::programs;
use super::values::{basis, feed, repeated, run, same};
use scorematch_compiler::ir::{Feed, Graph};
use scorematch_compiler::lower::{Lowered, Output, Target, interpret, lower, verify};
use scorematch_compiler::plan::{Stream, plan};
use scorematch_compiler::program;

/// Every program of an energy, as the driver optimises, plans and lowers it.
pub(crate) fn compute_the_same(name: &str, energy: &Graph, seed: u64) {
    for p in programs() {
        let graph = program(energy, p);
        let lowered = lower(&plan(&graph), &Target::CPU);
        let what = format!("{name} {p:?} as lowered");
        assert_eq!(verify(&lowered), Ok(()), "{what}");
        agree(&what, &graph, &lowered, &values(energy, &lowered, seed));
    }
}

/// Values for a program: a trace takes the unit vectors, or as many directions as compression leaves.
fn values(energy: &Graph, lowered: &Lowered, seed: u64) -> Feed {
    let f = feed(energy, seed);
    match lowered.stream {
        Stream::None | Stream::Given => f,
        Stream::Exact(count) => Feed {
            directions: count,
            ..basis(energy, &f)
        },
    }
}

fn agree(what: &str, graph: &Graph, lowered: &Lowered, f: &Feed) {
    let want = run(graph, f);
    let got = interpret(lowered, f);
    let scale = want.iter().flatten().fold(1.0f64, |m, x| m.max(x.abs()));
    let (mut summed, mut row) = (vec![false; got.sums.len()], 0);
    for (output, want) in lowered.outputs.iter().zip(want) {
        let view = match output {
            Output::Loss(view) | Output::Gradient(_, view) => view,
            Output::Sample { name, rows } => {
                let directions = got.results.iter().flatten();
                let values: Vec<f64> = directions
                    .flat_map(|all| all[row..][..*rows].iter().copied())
                    .collect();
                let repeated = repeated(want, values.len());
                same(&format!("{what} {name}"), &values, &repeated, scale);
                row += rows;
                continue;
            }
        };
        let range = view.offset..view.offset + view.len;
        same(
            &format!("{what} {output:?}"),
            &got.sums[range.clone()],
            &want,
            scale,
        );
        summed[range].fill(true);
    }
    // The caller takes the whole gradient: entries of parameters that the loss does not depend on are zero.
    let is_loss = |output: &Output| matches!(output, Output::Loss(_));
    if lowered.outputs.iter().any(is_loss) {
        let rest = (0..lowered.params).filter(|&i| !summed[i]);
        rest.for_each(|i| assert_eq!(got.sums[i], 0.0, "{what}: entry {i} of the gradient"));
    }
}
