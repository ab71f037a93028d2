//! Losses against their definitions, and their gradients against finite differences in the parameters.

use super::difference::{close, difference};
use super::objectives::{EVERYTHING, losses};
use super::values::{BATCH, Random, basis, direction, feed, first, inner, rowwise, run, same};
use scorematch_compiler::diff::{Adjoint, Program, gradient};
use scorematch_compiler::ir::{Feed, Graph, Input};
use scorematch_compiler::objectives;

/// The losses as written, from −∇E and products with ∇²E, which finite differences have judged:
/// mean(½‖∇E‖² − tr ∇²E), mean mean(½(v·∇E)² − vᵀ∇²E v), mean(½‖∇E‖² − mean vᵀ∇²E v), mean ½‖σ∇E − ε‖², and
/// mean(0.3E² + σ‖½∇E + σε‖² + 1.2 mean(½(v·∇E)² − vᵀ∇²E v)).
pub(crate) fn values(name: &str, g: &Graph, seed: u64) {
    let d = g.dim();
    let f = feed(g, seed);
    let (score, hvp) = (
        Adjoint::of(g).derive(Program::Score),
        Adjoint::of(g).derive(Program::Hvp),
    );
    let s = first(&score, &f, d);
    let curvature = |v: &[f64]| {
        let mut f = f.clone();
        f.inputs.insert(Input::V, v.to_vec());
        rowwise(&first(&hvp, &f, d), v)
    };
    let sums = |f: &Feed, square: f64| {
        let mut total = [0.0; BATCH];
        for t in 0..f.directions {
            let v = direction(f, t);
            for (total, (slope, c)) in total
                .iter_mut()
                .zip(rowwise(&s, &v).iter().zip(curvature(&v)))
            {
                *total += square * slope * slope - c;
            }
        }
        let weight = f.inputs[&Input::Weight][0];
        total.iter().map(|t| weight * t).collect::<Vec<f64>>()
    };
    let unit = basis(g, &f);
    let half = |v: &[f64]| rowwise(v, v).iter().map(|n| 0.5 * n).collect::<Vec<_>>();
    let plus = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<_>>();
    let (sigma, noise) = (f.inputs[&Input::Sigma][0], &f.inputs[&Input::V]);
    let residual: Vec<f64> = s.iter().zip(noise).map(|(s, e)| sigma * s + e).collect();
    let mixed: Vec<f64> = s
        .iter()
        .zip(noise)
        .map(|(s, e)| sigma * e - 0.5 * s)
        .collect();
    let energy = first(&Adjoint::of(g).derive(Program::Energy), &f, 1);
    let squares = energy.iter().map(|e| 0.3 * e * e).collect();
    let norms = half(&mixed).iter().map(|n| 2.0 * sigma * n).collect();
    let sliced = sums(&f, 0.5).iter().map(|j| 1.2 * j).collect();
    for (program, f, per_sample) in [
        (
            Program::Loss(&objectives::ESM),
            &unit,
            plus(half(&s), sums(&unit, 0.0)),
        ),
        (Program::Loss(&objectives::SSM), &f, sums(&f, 0.5)),
        (
            Program::Loss(&objectives::SSM_VR),
            &f,
            plus(half(&s), sums(&f, 0.0)),
        ),
        (Program::Loss(&objectives::DSM), &f, half(&residual)),
        (
            Program::Loss(&EVERYTHING),
            &f,
            plus(plus(squares, norms), sliced),
        ),
    ] {
        let want = inner(&per_sample, &f.inputs[&Input::Omega]);
        let scale = per_sample
            .iter()
            .chain(&half(&s))
            .fold(1.0f64, |m, x| m.max(x.abs()));
        same(
            &format!("{name}: {program:?}"),
            &run(&Adjoint::of(g).derive(program), f)[0],
            &[want],
            scale,
        );
    }
}

/// ⟨∇J, θ̇⟩ against the difference of J along θ̇, a random direction in each parameter: every entry of a gradient takes
/// part, and a parameter without a gradient must not move the loss.
pub(crate) fn gradients(name: &str, g: &Graph, seed: u64) {
    let mut r = Random::new(seed ^ 0x9AD);
    for program in losses() {
        let value = Adjoint::of(g).derive(program);
        let exact = program.objective().is_some_and(|o| o.uses_laplacian());
        let f = match exact {
            true => basis(g, &feed(g, seed)),
            false => feed(g, seed),
        };
        let found = gradient_of(&value, &f);
        for (k, p) in g.params.iter().enumerate() {
            let direction = r.vec(p.shape.iter().product());
            let slope = difference(&|h| {
                let mut f = f.clone();
                f.params[k]
                    .iter_mut()
                    .zip(&direction)
                    .for_each(|(p, d)| *p += h * d);
                run(&value, &f).remove(0)
            });
            let along = found[k].as_ref().map_or(0.0, |g| inner(g, &direction));
            close(
                &format!("{name}: {program:?} in {}", p.name),
                &[along],
                &slope,
            );
        }
    }
}

/// The exact loss is the variance-reduced one along the unit vectors. The two take different ways, closed forms of
/// shared tangents against a value for each direction, so their gradients agree to rounding or one is wrong.
pub(crate) fn exact_is_sliced_along_the_basis(name: &str, g: &Graph, seed: u64) {
    let f = basis(g, &feed(g, seed));
    let [exact, sliced] = [
        Program::Loss(&objectives::ESM),
        Program::Loss(&objectives::SSM_VR),
    ]
    .map(|p| gradient_of(&Adjoint::of(g).derive(p), &f));
    let largest = exact
        .iter()
        .chain(&sliced)
        .flatten()
        .flatten()
        .fold(1.0f64, |m, x| m.max(x.abs()));
    for (p, (e, s)) in g.params.iter().zip(exact.into_iter().zip(sliced)) {
        let zero = vec![0.0; p.shape.iter().product()];
        let (e, s) = (e.unwrap_or(zero.clone()), s.unwrap_or(zero));
        same(&format!("{name}: gradient in {}", p.name), &e, &s, largest);
    }
}

/// The gradient of a loss graph in every parameter that it depends on.
fn gradient_of(value: &Graph, f: &Feed) -> Vec<Option<Vec<f64>>> {
    let mut graph = value.clone();
    gradient(&mut graph);
    let outputs = run(&graph, f);
    let of = |k: usize| {
        graph
            .outputs
            .iter()
            .position(|o| o.0 == format!("grad.{k}"))
    };
    (0..graph.params.len())
        .map(|k| of(k).map(|i| outputs[i].clone()))
        .collect()
}
