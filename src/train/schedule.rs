//! Learning-rate schedules: a factor on the optimizer's learning rate for every step.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::setting::within;

/// A factor in [0, 1] for each step of a run: an optional linear warm-up, then a decay.
///
/// `Schedule::cosine().floor(0.1).warm_up(100)` rises from 1/100 to 1 over the first hundred steps, then decreases
/// along a half cosine to 0.1 at the last step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct Schedule {
    decay: Decay,
    floor: f64,
    warm_up: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decay {
    Constant,
    Cosine,
}

impl Default for Schedule {
    /// [`Schedule::constant`].
    fn default() -> Self {
        Self::constant()
    }
}

impl Schedule {
    /// The factor is 1 at every step.
    pub fn constant() -> Self {
        Self {
            decay: Decay::Constant,
            floor: 0.0,
            warm_up: 0,
        }
    }

    /// The factor is floor + (1 − floor)·½(1 + cos πt), where t goes from 0 after the warm-up to 1 at the end of the
    /// run (Loshchilov and Hutter 2017, one period).
    pub fn cosine() -> Self {
        Self {
            decay: Decay::Cosine,
            ..Self::constant()
        }
    }

    /// The last value of a cosine, as a fraction in [0, 1) of the full learning rate; 0 by default. It has no effect on
    /// a constant schedule.
    pub fn floor(self, floor: f64) -> Self {
        Self { floor, ..self }
    }

    /// Adds a warm-up: a linear rise over the first `steps` steps, from 1/steps at the first to 1.
    pub fn warm_up(self, steps: u64) -> Self {
        Self {
            warm_up: steps,
            ..self
        }
    }

    /// The factor of step `step` (from 0) in a run of `total` steps.
    #[must_use]
    pub fn factor(&self, step: u64, total: u64) -> f64 {
        if step < self.warm_up {
            return (step + 1) as f64 / self.warm_up as f64;
        }
        match self.decay {
            Decay::Constant => 1.0,
            Decay::Cosine => {
                // The last step is total − 1, where the cosine reaches its floor.
                let span = total.saturating_sub(self.warm_up + 1).max(1);
                let t = ((step - self.warm_up) as f64 / span as f64).min(1.0);
                self.floor + (1.0 - self.floor) * 0.5 * (1.0 + (PI * t).cos())
            }
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        within("the floor of the schedule", self.floor, 0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_is_one() {
        assert!((0..10).all(|step| Schedule::constant().factor(step, 10) == 1.0));
    }

    #[test]
    fn cosine_from_one_to_its_floor() {
        let schedule = Schedule::cosine().floor(0.2);
        assert_eq!(schedule.factor(0, 101), 1.0);
        assert!((schedule.factor(50, 101) - 0.6).abs() < 1e-15);
        assert!((schedule.factor(100, 101) - 0.2).abs() < 1e-15);
        assert!((1..101).all(|step| schedule.factor(step, 101) < schedule.factor(step - 1, 101)));
    }

    #[test]
    fn warm_up_comes_first() {
        let schedule = Schedule::cosine().warm_up(4);
        let factors: Vec<f64> = (0..9).map(|step| schedule.factor(step, 9)).collect();
        assert_eq!(factors[..5], [0.25, 0.5, 0.75, 1.0, 1.0]);
        assert!((factors[6] - 0.5).abs() < 1e-15 && factors[8].abs() < 1e-15);
        assert_eq!(Schedule::constant().warm_up(2).factor(7, 9), 1.0);
    }

    #[test]
    fn short_runs_divide_by_nothing() {
        assert_eq!(Schedule::cosine().factor(0, 1), 1.0);
        assert_eq!(Schedule::cosine().warm_up(5).factor(4, 3), 1.0);
        assert!(Schedule::cosine().floor(1.0).check().is_err());
    }
}
