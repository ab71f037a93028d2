//! Derivative programs against finite differences of the interpreted energy.

mod common;

use common::{energies, feed, finite_difference};
use scorematch_compiler::diff::{Program, derive, gradient};
use scorematch_compiler::ir::{Feed, Graph, Input, eval};

fn run(g: &Graph, f: &Feed) -> Vec<Vec<f64>> {
    eval(g, f).into_iter().map(|a| a.data).collect()
}

fn close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    for (g, w) in got.iter().zip(want) {
        assert!(
            (g - w).abs() <= tolerance * scale,
            "{what}: {g} against {w}"
        );
    }
}

#[test]
fn score_and_hvp_match_finite_differences() {
    for (name, g) in energies() {
        let f = feed(&g, 3, 1);
        let d = g.dim();
        let energy = derive(&g, Program::Energy);
        let score = derive(&g, Program::Score);
        let s = run(&score, &f).remove(0);
        for i in 0..d {
            let slope = finite_difference(&f, Input::X, i, d, &|f| run(&energy, f).remove(0));
            let got: Vec<f64> = (0..3).map(|b| -s[b * d + i]).collect();
            close(&format!("{name} score {i}"), &got, &slope, 1e-6);
        }
        let hvp = run(&derive(&g, Program::Hvp), &f).remove(0);
        let mut along = vec![0.0; 3 * d];
        for i in 0..d {
            // Row i of the Hessian times v, by symmetry: Σᵢ vᵢ ∂(∇E)/∂xᵢ.
            for b in 0..3 {
                let column = finite_difference(&f, Input::X, i, d, &|f| {
                    run(&score, f).remove(0)[b * d..][..d].to_vec()
                });
                for k in 0..d {
                    along[b * d + k] -= f.inputs[&Input::V][b * d + i] * column[k];
                }
            }
        }
        close(&format!("{name} hvp"), &hvp, &along, 1e-5);
    }
}

#[test]
fn curvature_is_v_dot_hvp_and_laplacian_is_the_trace() {
    for (name, g) in energies() {
        let d = g.dim();
        let mut f = feed(&g, 3, 2);
        let hvp = derive(&g, Program::Hvp);
        f.directions = 1;
        f.inputs
            .insert(Input::Directions, f.inputs[&Input::V].clone());
        let h = run(&hvp, &f).remove(0);
        let v = f.inputs[&Input::V].clone();
        let want: Vec<f64> = (0..3)
            .map(|b| (0..d).map(|i| v[b * d + i] * h[b * d + i]).sum())
            .collect();
        let got = run(&derive(&g, Program::Curvature), &f);
        let s = run(&derive(&g, Program::Score), &f).remove(0);
        let slope: Vec<f64> = (0..3)
            .map(|b| -(0..d).map(|i| v[b * d + i] * s[b * d + i]).sum::<f64>())
            .collect();
        close(&format!("{name} slope"), &got[0], &slope, 1e-10);
        close(&format!("{name} curvature"), &got[1], &want, 1e-10);
        let mut trace = vec![0.0; 3];
        for i in 0..d {
            let mut unit = vec![0.0; 3 * d];
            (0..3).for_each(|b| unit[b * d + i] = 1.0);
            f.inputs.insert(Input::V, unit);
            let h = run(&hvp, &f).remove(0);
            (0..3).for_each(|b| trace[b] += h[b * d + i]);
        }
        f.directions = d;
        let mut laplacian = run(&derive(&g, Program::Laplacian), &f).remove(0);
        if laplacian.len() == 1 {
            // The same for every sample: a shared value.
            laplacian = vec![laplacian[0]; 3];
        }
        close(&format!("{name} laplacian"), &laplacian, &trace, 1e-10);
    }
}

#[test]
fn loss_gradients_match_finite_differences() {
    for (name, g) in energies() {
        for program in Program::ALL.into_iter().filter(|p| p.is_loss()) {
            let mut graph = derive(&g, program);
            let value = graph.clone();
            gradient(&mut graph);
            let mut f = feed(&g, 3, 3);
            f.directions = if program == Program::Esm { g.dim() } else { 2 };
            let outputs = run(&graph, &f);
            for (k, p) in g.params.iter().enumerate() {
                let output = graph
                    .outputs
                    .iter()
                    .position(|o| o.0 == format!("grad.{k}"));
                let n: usize = p.shape.iter().product();
                for i in (0..n).step_by(n.div_ceil(5)) {
                    let step = 1e-5;
                    let at = |delta: f64| {
                        let mut f = f.clone();
                        f.params[k][i] += delta;
                        run(&value, &f)[0][0]
                    };
                    let want = (at(step) - at(-step)) / (2.0 * step);
                    let got = output.map_or(0.0, |o| outputs[o][i]);
                    let scale = want.abs().max(1.0);
                    assert!(
                        (got - want).abs() < 2e-6 * scale,
                        "{name} {program:?} {}[{i}]: {got} against {want}",
                        p.name
                    );
                }
            }
        }
    }
}
