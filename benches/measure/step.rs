//! One training step, timed: loss, gradient, Adam.

use std::time::Duration;

use ndarray::Axis;
use scorematch::train::{Adam, Objective, Stepper};
use scorematch::{Loss, Noise, Real, Slices, Spec};

use super::clock::{Times, clock};
use super::numbers::{model, samples, signs};

/// So small that thousands of steps on one batch change nothing: exact and sliced losses have no lower bound on data that
/// repeats, and a run that diverges, or saturates its units, would time other numbers than a user's.
const RATE: f64 = 1e-7;

/// What to time.
pub(crate) struct Case {
    pub(crate) objective: Objective,
    pub(crate) batch: usize,
    /// 0 for all.
    pub(crate) threads: usize,
    pub(crate) budget: Duration,
}

/// What was seen.
pub(crate) struct Timing {
    pub(crate) step: Times,
    /// The threads that ran.
    pub(crate) threads: usize,
    /// The loss at the first parameters, along the signs of `numbers`: what peers must agree with.
    pub(crate) loss: f64,
}

/// Steps of the network `S` in scalars `T`.
pub(crate) fn time<S: Spec, T: Real>(case: &Case) -> scorematch::Result<Timing> {
    let mut model = model::<S, T>();
    model.set_threads(case.threads);
    let x = samples::<T>(case.batch, S::DIM);
    let signs = signs::<T>(case.batch, S::DIM);
    let given = match case.objective.loss(0, 0) {
        Loss::Ssm(_) => Loss::Ssm(Slices::Given(signs.view())),
        Loss::SsmVr(_) => Loss::SsmVr(Slices::Given(signs.view())),
        Loss::Dsm { sigma, .. } => Loss::Dsm {
            sigma,
            noise: Noise::Given(signs.index_axis(Axis(0), 0)),
        },
        Loss::Esm => Loss::Esm,
    };
    let mut gradient = vec![T::zero(); S::PARAM_LEN];
    let loss = model.loss_gradient(x.view(), &given, &mut gradient)?;

    let mut stepper = Stepper::new(&model, Adam::new(RATE))?;
    let mut number = 0;
    let mut failed = None;
    let step = clock(case.budget, || {
        number += 1;
        let loss = case.objective.loss(0, number);
        if let Err(error) = stepper.step(&mut model, x.view(), &loss, 1.0) {
            failed = Some(error);
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(Timing {
            step,
            threads: model.threads(),
            loss,
        }),
    }
}
