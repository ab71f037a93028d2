//! One training step, timed: loss, gradient, Adam.

use std::time::Duration;

use ndarray::Axis;
use scorematch::train::{Adam, Objective, Phases, Stepper};
use scorematch::{Real, Spec};

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
    /// Median microseconds of the prologue, the tiles, the sum, the epilogue and the update.
    pub(crate) phases: [f64; 5],
}

/// Steps of the network `S` in scalars `T`.
pub(crate) fn time<S: Spec, T: Real>(case: &Case) -> scorematch::Result<Timing> {
    let mut model = model::<S, T>();
    model.set_threads(case.threads);
    let x = samples::<T>(case.batch, S::DIM);
    let signs = signs::<T>(case.batch, S::DIM);
    let given = case
        .objective
        .loss_with(&signs, signs.index_axis(Axis(0), 0));
    let mut gradient = vec![T::zero(); S::PARAM_LEN];
    let loss = model.loss_gradient(x.view(), &given, &mut gradient)?;

    let mut stepper = Stepper::new(&model, Adam::new(RATE))?;
    let mut number = 0;
    let mut failed = None;
    let mut phases: Vec<Phases> = Vec::new();
    let step = clock(case.budget, || {
        number += 1;
        let loss = case.objective.loss(0, number);
        if let Err(error) = stepper.step(&mut model, x.view(), &loss, 1.0) {
            failed = Some(error);
        }
        phases.push(stepper.phases());
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(Timing {
            step,
            threads: model.threads(),
            loss,
            phases: [
                median(&phases, |p| p.prologue),
                median(&phases, |p| p.tiles),
                median(&phases, |p| p.sum),
                median(&phases, |p| p.epilogue),
                median(&phases, |p| p.update),
            ],
        }),
    }
}

/// The median of one phase over all steps, in microseconds.
fn median(phases: &[Phases], of: impl Fn(&Phases) -> Duration) -> f64 {
    let mut times: Vec<f64> = phases.iter().map(|p| of(p).as_secs_f64() * 1e6).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
