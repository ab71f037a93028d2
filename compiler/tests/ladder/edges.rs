//! Energies at the edges of what is allowed.

use super::values::{BATCH, basis, feed, first, run};
use super::{climb, passes};
use scorematch_compiler::diff::{Adjoint, Program, gradient};
use scorematch_compiler::ir::{Func, Graph, Init, Input};
use scorematch_compiler::objectives;
use scorematch_compiler::spec::parse_and_check;

fn spec(body: &str, x: &str) -> (String, Graph) {
    let source = format!("M(x: {x}) {{ {body} }}");
    let tokens = source.parse().expect("the spec is made of tokens");
    let mut models = parse_and_check(tokens).unwrap_or_else(|e| panic!("{source}: {e:?}"));
    (source, models.remove(0).graph)
}

/// Climbs the whole ladder, and plans and emits.
pub(crate) fn stands(body: &str, x: &str) -> Graph {
    let (source, g) = spec(body, x);
    climb(&source, &g, 5);
    passes::plans_and_emits(&source);
    g
}

/// Every program of a linear energy, whose Hessian vanishes identically and not only in value.
#[test]
fn linear_energies_have_no_curvature() {
    for (body, x) in [
        ("dense(x, 1)", "[3]"),
        ("param w: [3]; dot(w, x)", "[3]"),
        ("param w: [3]; sum(w * x) + sum(exp(w))", "[3]"),
        ("dense(dense(x, 2), 1)", "[5]"),
        ("2 * x", "[]"),
        ("sum(concat(x[1..], x[..2]) * [1, 2, 3, 4])", "[3]"),
    ] {
        let g = stands(body, x);
        let f = basis(&g, &feed(&g, 5));
        assert_eq!(
            first(&Adjoint::of(&g).derive(Program::Laplacian), &f, 1),
            [0.0; BATCH],
            "{body}"
        );
        assert_eq!(
            first(&Adjoint::of(&g).derive(Program::Hvp), &f, g.dim()),
            vec![0.0; BATCH * g.dim()],
            "{body}"
        );
    }
}

#[test]
fn inputs_of_one_entry() {
    for x in ["[]", "[1]", "[1, 1]"] {
        stands("param k: []; sum(exp(k) * sq(x) + cos(2 * x))", x);
        stands("mlp(reshape(x, [1]), [3, 2], silu)", x);
        stands("logsumexp(stack(sum(x), 2 * sum(sq(x))))", x);
    }
}

#[test]
fn only_scalar_parameters() {
    stands(
        "param a: []; param b: []; 0.5 * exp(a) * norm_sq(x) + b * sum(sin(x)) + sq(a * b) * mean(x)",
        "[3]",
    );
    stands(
        "param a: [1]; param b: [1, 1]; sum(softplus(a * x)) + sum(b * tanh(x))",
        "[4]",
    );
}

#[test]
fn no_parameters() {
    for body in [
        "0.5 * norm_sq(x)",
        "sum(x)",
        "logsumexp(x) + x[0] * x[1]",
        "sum(sq(x[1..] - sq(x[..2])) + sq(1 - x[..2]))",
    ] {
        let g = stands(body, "[3]");
        assert!(g.params.is_empty());
    }
}

/// ½‖x‖² has ΔE = D and J = mean(½‖x‖²) − D: the sign of the Laplacian.
#[test]
fn the_laplacian_of_a_unit_well_is_its_dimension() {
    let (_, g) = spec("0.5 * norm_sq(x)", "[4]");
    let f = feed(&g, 5);
    assert_eq!(
        first(&Adjoint::of(&g).derive(Program::Laplacian), &f, 1),
        [4.0; BATCH]
    );
    let x = &f.inputs[&Input::X];
    let norm = |b: usize| 0.5 * x[4 * b..][..4].iter().map(|x| x * x).sum::<f64>();
    let want = 0.3 * norm(0) + 0.7 * norm(1) - 4.0;
    assert!(
        (run(&Adjoint::of(&g).derive(Program::Loss(&objectives::ESM)), &f)[0][0] - want).abs()
            < 1e-14
    );
}

#[test]
fn inputs_that_the_energy_ignores() {
    for body in [
        "sum(sq(x[..2]))",
        "mlp(x[[3, 1]], [3], tanh)",
        "param w: [2]; sum(logcosh(w * x[1..3])) + x[1]",
    ] {
        let g = stands(body, "[5]");
        let f = feed(&g, 5);
        let s = first(&Adjoint::of(&g).derive(Program::Score), &f, 5);
        assert!((0..BATCH).all(|b| s[5 * b + 4] == 0.0), "{body}");
    }
}

/// Built by hand: the language refuses a parameter that the energy does not depend on.
#[test]
fn parameters_that_the_energy_ignores() {
    let mut g = Graph::new(vec![2]);
    let x = g.input(Input::X);
    let w = g.param("w", vec![2], Init::Normal(1.0));
    g.param("ignored", vec![2, 3], Init::Normal(1.0));
    let product = g.mul(w, x);
    let square = g.map(&[product], |s, v| s.powi(v[0], 2));
    let e = g.sum_all(square);
    g.outputs.push(("energy".to_string(), e));
    climb("a parameter that the energy ignores", &g, 5);
    for program in Program::ALL.into_iter().filter(|p| p.objective().is_some()) {
        let mut loss = Adjoint::of(&g).derive(program);
        gradient(&mut loss);
        assert!(
            loss.output("grad.0").is_some() && loss.output("grad.1").is_none(),
            "{program:?}"
        );
    }
}

/// A constant in θ beside the energy moves neither the score nor a loss.
#[test]
fn parameters_that_the_score_ignores() {
    let g = stands("param c: [3]; mlp(x, [3], tanh) + sum(exp(c))", "[2]");
    for program in Program::ALL.into_iter().filter(|p| p.objective().is_some()) {
        let mut loss = Adjoint::of(&g).derive(program);
        gradient(&mut loss);
        assert!(loss.output("grad.0").is_none(), "{program:?}");
    }
}

/// Built by hand: the language refuses an energy that does not depend on x.
#[test]
fn an_energy_that_is_constant_in_x() {
    let refused = "M(x: [2]) { param w: [2]; sum(w) }"
        .parse()
        .expect("tokens");
    let errors = parse_and_check(refused).expect_err("the energy is constant");
    assert!(
        errors[0]
            .to_string()
            .contains("does not depend on the input"),
        "{errors:?}"
    );

    let mut g = Graph::new(vec![2]);
    let w = g.param("w", vec![2], Init::Normal(1.0));
    let e = g.sum_all(w);
    g.outputs.push(("energy".to_string(), e));
    climb("a constant energy", &g, 5);
}

#[test]
fn a_network_of_32_layers() {
    stands(
        "let mut h = x; for i in 0..32 { h = tanh(dense(h, 2)); } sum(h)",
        "[2]",
    );
    stands(
        "let mut h = x; for i in 0..32 { h += 0.1 * silu(dense(h, 3)); } norm_sq(h)",
        "[3]",
    );
}

#[test]
fn networks_of_one_hidden_unit() {
    stands("mlp(x, [1], silu)", "[3]");
    stands("mlp(x, [1, 1], tanh)", "[4]");
    stands("mlp(x, [1, 1], gelu)", "[1]");
}

/// Sums of slices of themselves, along an axis of one entry, of several and of no power of two.
#[test]
fn cumulative_sums() {
    stands("sum(sq(cumsum(tanh(x))))", "[5]");
    stands(
        "param w: [3, 4]; sum(w * cumsum(sin(x), axis = 0)) + norm_sq(cumsum(x, axis = [1, 0]))",
        "[3, 4]",
    );
    stands(
        "let a = cumsum(reshape(x, [3, 1])); dot(cumsum(sq(x)), flatten(tanh(a)))",
        "[3]",
    );
}

/// An entry whose rows are zero or multiples of each other: L has zero columns, Q is completed by any directions, and
/// neither the losses nor L̄Q may depend on which.
#[test]
fn entries_of_deficient_rank() {
    for body in [
        "param w: [3, 5]; mlp(tanh(dot(w * [[1], [0], [1]], x)), [2], silu)",
        "param w: [2, 5]; mlp(dot(concat(w, 2 * w), x), [3, 2], tanh)",
        "param a: [2]; param w: [5]; mlp(tanh(dot(reshape(a, [2, 1]) * w, x)), [3], silu)",
    ] {
        let (source, g) = spec(body, "[5]");
        climb(&source, &g, 5);
        assert!(
            passes::compressed_graphs_compute_the_same(&source, &g, 6),
            "{body}"
        );
    }
}

/// x against its own transpose: both tangents are diagonal, and along different axes.
#[test]
fn outer_products_of_the_input() {
    for body in [
        "param w: [3, 3]; sum(w * x * reshape(x, [3, 1]))",
        "param w: [3]; sum(sq(w * x - 0.5 * reshape(x, [3, 1])))",
        "param w: [3, 3]; sum(w * sin(x * reshape(x, [3, 1])))",
    ] {
        stands(body, "[3]");
    }
}

/// Built by hand, as the language takes shared sums out itself: one formula with a sum of what varies over samples,
/// two terms that do not, and a number.
#[test]
fn sums_of_shared_and_varying_terms() {
    let mut g = Graph::new(vec![3]);
    let x = g.input(Input::X);
    let p = g.param("p", vec![3], Init::Normal(1.0));
    let q = g.param("q", vec![], Init::Normal(1.0));
    let e = g.map(&[x, p, q], |s, v| {
        let shift = s.constant(0.7);
        let sum = s.linear(&[(1.5, v[0]), (1.0, v[1]), (-2.0, v[2]), (1.0, shift)]);
        let wave = s.call(Func::Cos, sum);
        s.mul(wave, sum)
    });
    let e = g.sum_all(e);
    g.outputs.push(("energy".to_string(), e));
    climb("sums of shared and varying terms", &g, 5);
}

/// Built by hand: a contraction that keeps x's axis, of which the matrix is no stack of columns.
#[test]
fn contractions_that_keep_the_axis_of_the_input() {
    let mut g = Graph::new(vec![3]);
    let x = g.input(Input::X);
    let w = g.param("w", vec![2, 3], Init::Normal(1.0));
    let z = g.einsum("oi,i->oi", &[w, x]);
    let h = g.call(Func::Logcosh, z);
    let e = g.sum_all(h);
    g.outputs.push(("energy".to_string(), e));
    climb("a contraction that keeps x's axis", &g, 5);
}
