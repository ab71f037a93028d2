//! Compiled models that use parameters at several places, in double precision and every instruction set, against the
//! interpreter.

use ndarray::{Array2, Array3};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use scorematch::train::Objective;
use scorematch::{InstructionSet, Model, Spec};
use scorematch_compiler::diff::{Adjoint, Program, gradient};
use scorematch_compiler::ir::{Feed, Graph, Input, eval};
use scorematch_compiler::spec::parse_and_check;

#[allow(
    dead_code,
    reason = "the comparison names the specs, not the model types"
)]
mod models {
    include!(concat!(env!("OUT_DIR"), "/sharing.rs"));
}

const SOURCE: &str = include_str!("../sharing.energy");

/// A panel and a part of one, and more directions than one.
const BATCH: usize = 19;
const DIRECTIONS: usize = 3;

const SIGMA: f64 = 0.3;

/// Rounding of two orders of the same sums.
const TOLERANCE: f64 = 1e-10;

/// The energy of a model, as the front end understands it.
fn energy(name: &str) -> Graph {
    let tokens = SOURCE.parse().expect("the file is made of tokens");
    let models = parse_and_check(tokens).expect("the specs are sound");
    let model = models.into_iter().find(|m| m.name == name);
    model
        .expect("every compiled model stands in the file")
        .graph
}

struct Values {
    params: Vec<f64>,
    x: Array2<f64>,
    v: Array2<f64>,
    /// Directions, batch, entries.
    directions: Array3<f64>,
}

impl Values {
    fn random<S: Spec>() -> Values {
        let mut rng = SmallRng::seed_from_u64(7);
        let mut params = vec![0.0; S::PARAM_LEN];
        for p in S::PARAMS {
            let scale = 1.5 / (p.shape.last().copied().unwrap_or(1) as f64).sqrt();
            let values = &mut params[p.offset..][..p.len()];
            values.fill_with(|| rng.random_range(-scale..scale));
        }
        let mut entry = || rng.random_range(-1.0..1.0);
        Values {
            params,
            x: Array2::from_shape_simple_fn((BATCH, S::DIM), &mut entry),
            v: Array2::from_shape_simple_fn((BATCH, S::DIM), &mut entry),
            directions: Array3::from_shape_simple_fn((DIRECTIONS, BATCH, S::DIM), &mut entry),
        }
    }

    fn feed(&self, g: &Graph, program: Program) -> Feed {
        // The program of the denoising loss gets what the noise has moved.
        let x = match program.perturbs() {
            true => &self.x + SIGMA * &self.v,
            false => self.x.clone(),
        };
        let inputs = [
            (Input::X, x.into_raw_vec_and_offset().0),
            (Input::V, self.v.iter().copied().collect()),
            (Input::Directions, self.directions.iter().copied().collect()),
            (Input::Omega, vec![1.0 / BATCH as f64; BATCH]),
            (Input::Weight, vec![1.0 / DIRECTIONS as f64]),
            (Input::Sigma, vec![SIGMA]),
        ];
        let exact_loss = program.objective().is_some_and(|o| o.uses_laplacian());
        let is_exact = program == Program::Laplacian || exact_loss;
        let mut rest = &self.params[..];
        let mut next = |n: usize| {
            let (own, others) = rest.split_at(n);
            rest = others;
            own.to_vec()
        };
        let params = g.params.iter().map(|p| next(p.shape.iter().product()));
        Feed {
            batch: BATCH,
            directions: if is_exact { g.dim() } else { DIRECTIONS },
            params: params.collect(),
            inputs: inputs.into_iter().collect(),
        }
    }

    /// What the interpreter makes of a program: a value a sample, of which one that all share is repeated, or a loss with
    /// its gradient in front.
    fn interpreted(&self, energy: &Graph, program: Program) -> Vec<f64> {
        let mut g = Adjoint::of(energy).derive(program);
        if program.objective().is_none() {
            let value = eval(&g, &self.feed(&g, program)).remove(0).data;
            let width = g.shape(g.outputs[0].1).iter().product::<usize>();
            return value.iter().copied().cycle().take(BATCH * width).collect();
        }
        gradient(&mut g);
        let mut all = vec![0.0; self.params.len() + 1];
        for ((name, _), value) in g.outputs.iter().zip(eval(&g, &self.feed(&g, program))) {
            let index = name.strip_prefix("grad.").map(str::parse::<usize>);
            let before = match index {
                Some(index) => &g.params[..index.expect("gradients are numbered")],
                None => &g.params[..],
            };
            let at: usize = before
                .iter()
                .map(|p| p.shape.iter().product::<usize>())
                .sum();
            all[at..][..value.data.len()].copy_from_slice(&value.data);
        }
        all
    }
}

fn check<S: Spec>() {
    let energy = energy(S::NAME);
    let values = Values::random::<S>();
    for isa in InstructionSet::ALL.into_iter().filter(|f| f.is_supported()) {
        let mut model = Model::<S, f64>::zeros();
        model
            .set_instruction_set(isa)
            .expect("the instruction set is supported");
        model.params_mut().copy_from_slice(&values.params);
        for program in Program::ALL {
            let Some(got) = compiled(&model, &values, program) else {
                continue;
            };
            let want = values.interpreted(&energy, program);
            assert_eq!(got.len(), want.len(), "{} {program:?}", S::NAME);
            let scale = want.iter().fold(1.0f64, |m, w| m.max(w.abs()));
            for (i, (g, w)) in got.iter().zip(&want).enumerate() {
                assert!(
                    (g - w).abs() <= TOLERANCE * scale,
                    "{} {program:?} {isa:?} [{i}]: {g} against {w}",
                    S::NAME
                );
            }
        }
    }
}

/// The same of the compiled model. What the curvature program returns is part of the sliced losses.
fn compiled<S: Spec>(model: &Model<S, f64>, values: &Values, program: Program) -> Option<Vec<f64>> {
    let (x, v) = (values.x.view(), values.v.view());
    let flat = |a: Array2<f64>| a.into_raw_vec_and_offset().0;
    let objective = match program {
        Program::Energy => return Some(model.energy(x).expect("sound values").to_vec()),
        Program::Score => return Some(flat(model.score(x).expect("sound values"))),
        Program::Laplacian => return Some(model.laplacian(x).expect("sound values").to_vec()),
        Program::Hvp => return Some(flat(model.hvp(x, v).expect("sound values"))),
        Program::Curvature => return None,
        Program::Loss(objective) => objective,
    };
    let text = match objective.draws_noise() {
        true => format!("{}:{SIGMA}", objective.name),
        false => objective.name.to_owned(),
    };
    let objective: Objective = text.parse().expect("an objective of the table");
    let loss = objective.loss_with(&values.directions, v);
    let mut gradient = vec![0.0; S::PARAM_LEN];
    let value = model.loss_gradient(x, &loss, &mut gradient);
    gradient.push(value.expect("sound values"));
    Some(gradient)
}

#[test]
fn models_that_use_parameters_again_are_what_the_interpreter_says() {
    check::<models::HalvesSpec>();
    check::<models::TwiceSpec>();
    check::<models::EvenSpec>();
    check::<models::NestedSpec>();
    check::<models::StackedSpec>();
    check::<models::TiedSpec>();
    check::<models::PartsSpec>();
    check::<models::EverywhereSpec>();
    check::<models::ParticlesSpec>();
    check::<models::WideHalvesSpec>();
}

#[test]
fn random_models_are_what_the_interpreter_says() {
    check::<models::Random1Spec>();
    check::<models::Random2Spec>();
    check::<models::Random3Spec>();
    check::<models::Random4Spec>();
    check::<models::Random5Spec>();
    check::<models::Random6Spec>();
}
