//! Plans compute what their graphs do.

use super::machine;
use super::values::{basis, feed, repeated, run, same};
use scorematch_compiler::diff::Program;
use scorematch_compiler::ir::{Feed, Graph};
use scorematch_compiler::plan::{Plan, Stream, plan};
use scorematch_compiler::program;

/// Every program of an energy, as the driver optimises and plans it.
pub(crate) fn compute_the_same(name: &str, energy: &Graph, seed: u64) {
    for p in Program::ALL {
        let graph = program(energy, p);
        let planned = plan(&graph);
        let what = format!("{name} {p:?} as planned");
        agree(&what, &graph, &planned, &values(energy, &planned, seed));
    }
}

/// Values for a program: a trace takes the unit vectors, or as many directions as compression leaves.
fn values(energy: &Graph, plan: &Plan, seed: u64) -> Feed {
    let f = feed(energy, seed);
    match plan.stream {
        Stream::None | Stream::Given => f,
        Stream::Exact(count) => Feed {
            directions: count,
            ..basis(energy, &f)
        },
    }
}

fn agree(what: &str, graph: &Graph, plan: &Plan, f: &Feed) {
    let want = run(graph, f);
    let got = machine::run(plan, f);
    let scale = want.iter().flatten().fold(1.0f64, |m, x| m.max(x.abs()));
    let mut offsets = vec![0];
    for p in &f.params {
        offsets.push(offsets[offsets.len() - 1] + p.len());
    }
    let mut sums = vec![false; got.acc.len()];
    for (((name, _), want), rows) in graph.outputs.iter().zip(want).zip(got.outputs) {
        let what = format!("{what} {name}");
        let at = match name.strip_prefix("grad.") {
            Some(k) => offsets[k.parse::<usize>().expect("gradients are numbered")],
            None if name == "loss" => offsets[offsets.len() - 1],
            None => {
                let rows = rows.concat().concat();
                let n = rows.len();
                same(&what, &rows, &repeated(want, n), scale);
                continue;
            }
        };
        same(&what, &got.acc[at..][..want.len()], &want, scale);
        sums[at..][..want.len()].fill(true);
    }
    // The caller takes the whole gradient: entries of parameters that the loss does not depend on are zero.
    if graph.output("loss").is_some() {
        let rest = (0..offsets[offsets.len() - 1]).filter(|&i| !sums[i]);
        rest.for_each(|i| assert_eq!(got.acc[i], 0.0, "{what}: entry {i} of the gradient"));
    }
}
