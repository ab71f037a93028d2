//! The update rules and their settings. What a rule does to the parameters is in `train/update.rs`, and on a GPU in
//! `kernels/cuda/train.cuh`.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::setting::{positive, within};

/// An update rule with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Optimizer {
    /// Adam.
    Adam(Adam),
    /// Adam with decoupled weight decay.
    AdamW(AdamW),
    /// Gradient descent with momentum.
    Sgd(Sgd),
}

/// Adam (Kingma and Ba 2015, algorithm 1), with bias correction and ε outside the root:
///
/// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
#[non_exhaustive]
pub struct Adam {
    /// The learning rate η.
    pub learning_rate: f64,
    /// Decay of the mean gradient, in [0, 1).
    pub beta1: f64,
    /// Decay of the mean square, in [0, 1).
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
}

/// AdamW (Loshchilov and Hutter 2019): Adam's update, and beside it θ ← θ − η · decay · θ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
#[non_exhaustive]
pub struct AdamW {
    /// The rule it extends.
    pub adam: Adam,
    /// Weight decay, on every parameter; not below 0.
    pub decay: f64,
}

/// Gradient descent with heavy-ball momentum: b ← momentum·b + g, θ ← θ − η · b, from b = 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
#[non_exhaustive]
pub struct Sgd {
    /// The learning rate η.
    pub learning_rate: f64,
    /// Decay of the summed gradients, in [0, 1); 0 is plain gradient descent.
    pub momentum: f64,
    /// Nesterov's form: the step is along g + momentum·b.
    pub nesterov: bool,
}

impl Default for Adam {
    /// Learning rate 10⁻³, β₁ 0.9, β₂ 0.999, ε 10⁻⁸.
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl Adam {
    /// The defaults at this learning rate.
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            ..Self::default()
        }
    }

    /// Other decays of the mean gradient and of the mean square, each in [0, 1).
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        Self {
            beta1,
            beta2,
            ..self
        }
    }

    /// Another ε, which is added to the root of the mean square; above 0.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }
}

impl Default for AdamW {
    /// Adam's defaults with a decay of 0.01.
    fn default() -> Self {
        Self {
            adam: Adam::default(),
            decay: 0.01,
        }
    }
}

impl AdamW {
    /// Adam's defaults at this learning rate, with this decay.
    pub fn new(learning_rate: f64, decay: f64) -> Self {
        Self {
            adam: Adam::new(learning_rate),
            decay,
        }
    }

    /// [`Adam::betas`].
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        Self {
            adam: self.adam.betas(beta1, beta2),
            ..self
        }
    }

    /// [`Adam::epsilon`].
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self {
            adam: self.adam.epsilon(epsilon),
            ..self
        }
    }
}

impl Sgd {
    /// Gradient descent at this learning rate with this momentum, in the classical form.
    pub fn new(learning_rate: f64, momentum: f64) -> Self {
        Self {
            learning_rate,
            momentum,
            nesterov: false,
        }
    }

    /// Whether the step is along g + momentum·b (Nesterov's form) in place of b.
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }
    }
}

impl From<Adam> for Optimizer {
    fn from(adam: Adam) -> Self {
        Optimizer::Adam(adam)
    }
}

impl From<AdamW> for Optimizer {
    fn from(adam: AdamW) -> Self {
        Optimizer::AdamW(adam)
    }
}

impl From<Sgd> for Optimizer {
    fn from(sgd: Sgd) -> Self {
        Optimizer::Sgd(sgd)
    }
}

impl Optimizer {
    /// The learning rate before any schedule.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        match self {
            Optimizer::Adam(adam) => adam.learning_rate,
            Optimizer::AdamW(adamw) => adamw.adam.learning_rate,
            Optimizer::Sgd(sgd) => sgd.learning_rate,
        }
    }

    /// Whether the averages of one are those of the other. The hyperparameters may differ.
    pub(crate) fn is_same_rule(&self, other: &Optimizer) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// How many mean squares the rule keeps for so many parameters.
    pub(crate) fn mean_squares(&self, parameters: usize) -> usize {
        match self {
            Optimizer::Adam(_) | Optimizer::AdamW(_) => parameters,
            Optimizer::Sgd(_) => 0,
        }
    }

    /// That every setting is in its range.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`](crate::Error::InvalidSetting) with the setting and its range.
    pub fn check(&self) -> Result<()> {
        positive("the learning rate", self.learning_rate())?;
        match self {
            Optimizer::Adam(adam) => adam.check(),
            Optimizer::AdamW(AdamW { adam, decay }) => {
                adam.check()?;
                within("the weight decay", *decay, 0.0, f64::INFINITY)
            }
            Optimizer::Sgd(sgd) => within("the momentum", sgd.momentum, 0.0, 1.0),
        }
    }
}

impl Adam {
    fn check(&self) -> Result<()> {
        within("beta1", self.beta1, 0.0, 1.0)?;
        within("beta2", self.beta2, 0.0, 1.0)?;
        positive("epsilon", self.epsilon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn settings_are_checked() {
        let sound: [Optimizer; 3] = [
            Adam::default().into(),
            AdamW::default().into(),
            Sgd::new(0.1, 0.9).into(),
        ];
        for optimizer in sound {
            optimizer.check().unwrap();
        }
        let broken: [Optimizer; 7] = [
            Adam::new(0.0).into(),
            Adam::new(f64::NAN).into(),
            Adam::default().betas(1.0, 0.999).into(),
            AdamW::default().betas(0.9, -0.1).into(),
            AdamW::default().epsilon(0.0).into(),
            AdamW::new(1e-3, -1.0).into(),
            Sgd::new(0.1, 1.0).into(),
        ];
        for optimizer in broken {
            assert!(
                matches!(optimizer.check(), Err(Error::InvalidSetting { .. })),
                "{optimizer:?}"
            );
        }
        let message = Optimizer::from(Sgd::new(0.1, 1.0))
            .check()
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "the momentum is 1; it must be at least 0 and below 1"
        );
    }
}
