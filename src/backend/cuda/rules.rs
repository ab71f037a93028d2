//! Update rules as the kernels are given them: what does not change, and the numbers of a step.

use super::arguments::{Rule, Step};
use crate::optimizer::{Adam, Optimizer};

/// The rule of an optimizer.
pub(super) fn rule(optimizer: &Optimizer) -> Rule {
    match optimizer {
        Optimizer::Adam(adam) => of_adam(adam),
        Optimizer::AdamW(adamw) => of_adam(&adamw.adam),
        Optimizer::Sgd(sgd) => Rule {
            kind: if sgd.nesterov { 2 } else { 1 },
            beta1: sgd.momentum as f32,
            ..Rule::default()
        },
    }
}

fn of_adam(adam: &Adam) -> Rule {
    Rule {
        kind: 0,
        beta1: adam.beta1 as f32,
        rest1: (1.0 - adam.beta1) as f32,
        beta2: adam.beta2 as f32,
        rest2: (1.0 - adam.beta2) as f32,
        epsilon: adam.epsilon as f32,
    }
}

/// The numbers of the rule at a step, from 0, at `factor` times the optimizer's learning rate.
pub(super) fn numbers(optimizer: &Optimizer, step: u64, factor: f64) -> Step {
    let learning_rate = optimizer.learning_rate() * factor;
    let (adam, decay) = match optimizer {
        Optimizer::Adam(adam) => (adam, 0.0),
        Optimizer::AdamW(adamw) => (&adamw.adam, adamw.decay),
        Optimizer::Sgd(_) => {
            return Step {
                learning_rate: learning_rate as f32,
                ..Step::default()
            };
        }
    };
    let count = (step + 1) as f64;
    Step {
        learning_rate: (learning_rate / (1.0 - adam.beta1.powf(count))) as f32,
        root: (1.0 - adam.beta2.powf(count)).sqrt().recip() as f32,
        keep: (1.0 - learning_rate * decay) as f32,
        ..Step::default()
    }
}
