//! What the spec language means, on small specs.

mod graphs;
mod limits;
mod mistakes;
mod sizes;
mod values;

use scorematch_compiler::ir::{Feed, Graph, Input, eval};
use scorematch_compiler::spec::{Checked, parse_and_check};

fn check(source: &str) -> Checked {
    let tokens = source.parse().expect("the spec is made of tokens");
    let mut models =
        parse_and_check(tokens).unwrap_or_else(|e| panic!("{source}: {:?}", texts(&e)));
    models.remove(0)
}

fn texts(errors: &[syn::Error]) -> Vec<String> {
    errors.iter().map(|e| e.to_string()).collect()
}

/// The energy of one sample; entry i of the j-th parameter is 0.1·(i + 1) + j.
fn energy(graph: &Graph, x: &[f64]) -> f64 {
    let entry = |i: usize, j: usize| 0.1 * (i as f64 + 1.0) + j as f64;
    let fill = |(j, p): (usize, &scorematch_compiler::ir::Param)| {
        (0..p.shape.iter().product()).map(|i| entry(i, j)).collect()
    };
    let params = graph.params.iter().enumerate().map(fill).collect();
    let inputs = [(Input::X, x.to_vec())].into_iter().collect();
    eval(
        graph,
        &Feed {
            batch: 1,
            directions: 1,
            params,
            inputs,
        },
    )[0]
    .data[0]
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}
