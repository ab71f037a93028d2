//! Derivative programs against finite differences of the interpreted energy, and against each other.

use super::difference::{close, difference};
use super::values::{
    BATCH, DIRECTIONS, basis, direction, feed, first, repeated, rowwise, run, same,
};
use scorematch_compiler::diff::{Adjoint, Program};
use scorematch_compiler::ir::{Feed, Graph, Input};

/// x moved along v, sample by sample.
fn moved(f: &Feed, step: f64, v: &[f64]) -> Feed {
    let mut f = f.clone();
    let x = f.inputs.get_mut(&Input::X).expect("x is fed");
    x.iter_mut().zip(v).for_each(|(x, v)| *x += step * v);
    f
}

/// −∇E and ∇²E v against differences of E and of −∇E.
pub(crate) fn score_and_hvp(name: &str, g: &Graph, seed: u64) {
    let (d, f) = (g.dim(), feed(g, seed));
    let [energy, score, hvp] =
        [Program::Energy, Program::Score, Program::Hvp].map(|p| Adjoint::of(g).derive(p));
    let s = first(&score, &f, d);
    for i in 0..d {
        let unit: Vec<f64> = (0..BATCH * d)
            .map(|k| f64::from(u8::from(k % d == i)))
            .collect();
        let slope = difference(&|h| first(&energy, &moved(&f, h, &unit), 1));
        close(
            &format!("{name}: ∂E/∂x[{i}]"),
            &rowwise(&s, &unit.iter().map(|u| -u).collect::<Vec<_>>()),
            &slope,
        );
    }
    let v = &f.inputs[&Input::V];
    let change = difference(&|h| {
        let s = first(&score, &moved(&f, h, v), d);
        s.into_iter().map(|s| -s).collect()
    });
    close(&format!("{name}: hvp"), &first(&hvp, &f, d), &change);
}

/// vᵀ∇²E v from second derivatives of the nodes against v · (forward over reverse) v, v·∇E against the score, and ΔE
/// against both the sum of curvatures along the unit vectors and the trace of Hessian-vector products.
pub(crate) fn curvature_and_laplacian(name: &str, g: &Graph, seed: u64) {
    let d = g.dim();
    let mut f = feed(g, seed);
    let [score, hvp, curvature, laplacian] = [
        Program::Score,
        Program::Hvp,
        Program::Curvature,
        Program::Laplacian,
    ]
    .map(|p| Adjoint::of(g).derive(p));
    let s = first(&score, &f, d);
    let along = |f: &mut Feed, v: Vec<f64>| {
        f.inputs.insert(Input::V, v.clone());
        let h = first(&hvp, f, d);
        // What may have cancelled in vᵀHv: the size of H v.
        (
            rowwise(&h, &v),
            h.iter().fold(1.0f64, |m, x| m.max(x.abs())),
        )
    };
    // Outputs are [sample][direction].
    let both = |f: &Feed| {
        run(&curvature, f)
            .into_iter()
            .map(|o| repeated(o, BATCH * f.directions))
            .collect::<Vec<_>>()
    };
    let found = both(&f);
    for t in 0..DIRECTIONS {
        let v = direction(&f, t);
        let pick = |k: usize| {
            (0..BATCH)
                .map(|b| found[k][b * DIRECTIONS + t])
                .collect::<Vec<_>>()
        };
        let slope: Vec<f64> = rowwise(&s, &v).iter().map(|s| -s).collect();
        same(&format!("{name}: slope"), &pick(0), &slope, 1.0);
        let (curvature, scale) = along(&mut f, v);
        same(&format!("{name}: curvature"), &pick(1), &curvature, scale);
    }
    let mut f = basis(g, &f);
    let found = both(&f).remove(1);
    let sums: Vec<f64> = found.chunks(d).map(|c| c.iter().sum()).collect();
    let (mut trace, mut scale) = (
        vec![0.0; BATCH],
        found.iter().fold(1.0f64, |m, x| m.max(x.abs())),
    );
    for t in 0..d {
        let unit = direction(&f, t);
        let (diagonal, size) = along(&mut f, unit);
        trace.iter_mut().zip(&diagonal).for_each(|(t, d)| *t += d);
        scale = scale.max(size);
    }
    let found = first(&laplacian, &f, 1);
    same(
        &format!("{name}: Laplacian, by curvatures"),
        &found,
        &sums,
        scale,
    );
    same(
        &format!("{name}: Laplacian, by products"),
        &found,
        &trace,
        scale,
    );
}
