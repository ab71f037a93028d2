//! What a trainer minimises: an entry of the table of objectives with its settings, as a value and as text.

use std::fmt;
use std::str::FromStr;

use scorematch_kernels::simd::Real;
use scorematch_objectives::{self as objectives, Descriptor};
use serde::{Deserialize, Serialize};

use super::loss::{Loss, Noise, Projections};
use crate::directions::{DirectionDistribution, RandomDraw};
use crate::error::{Error, Result};
use crate::program::{Compiled, CompiledSpec};
use crate::setting::{at_least, positive};

/// A training objective, p(x) ∝ exp(−E(x)).
///
/// As text, which [`Display`](fmt::Display) and serialization write and [`FromStr`] reads: a name, then what it takes,
/// between colons. An objective of directions takes their number M (1) and distribution (`rademacher`), one of noise its
/// level σ: `esm`, `ssm`, `ssm:4`, `ssm_vr:4:sphere`, `dsm:0.1`; `ssm-vr` is read as `ssm_vr`.
///
/// The exact and the sliced losses estimate one number, J of the data without the constants that do not depend on θ, so their
/// values are on one scale; the denoising loss has a scale of its own. Those of J are unbounded below where the data repeats
/// values exactly, as rounded measurements do: a density may rise without limit at an atom. See
/// [`Trainer::jitter`](crate::train::Trainer::jitter).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Objective {
    entry: &'static Descriptor,
    /// Of an objective that draws directions: how many a sample, and their distribution.
    directions: Option<(usize, DirectionDistribution)>,
    /// Of an objective that draws noise: its level.
    sigma: Option<f64>,
}

impl Objective {
    /// Exact score matching (Hyvärinen 2005): mean of ½‖∇E‖² − ΔE.
    #[must_use]
    pub fn esm() -> Self {
        Objective::of(&objectives::ESM, 1, 0.0)
    }

    /// Sliced score matching (Song et al. 2019) with `directions` Rademacher directions v a sample: mean of
    /// ½(v·∇E)² − vᵀ∇²E v.
    #[must_use]
    pub fn ssm(directions: usize) -> Self {
        Objective::of(&objectives::SSM, directions, 0.0)
    }

    /// Sliced score matching with reduced variance and `directions` Rademacher directions v a sample: mean of
    /// ½‖∇E‖² − vᵀ∇²E v.
    #[must_use]
    pub fn ssm_vr(directions: usize) -> Self {
        Objective::of(&objectives::SSM_VR, directions, 0.0)
    }

    /// Denoising score matching (Vincent 2011) at the noise level σ, in the units of the model's input: mean of
    /// ½‖σ∇E(x + σε) − ε‖² over normal ε. Least for the data smoothed by a normal of deviation σ.
    #[must_use]
    pub fn dsm(sigma: f64) -> Self {
        Objective::of(&objectives::DSM, 1, sigma)
    }

    /// An entry with so many directions and this noise level, where it takes them.
    fn of(entry: &'static Descriptor, directions: usize, sigma: f64) -> Self {
        Objective {
            entry,
            directions: entry
                .draws_directions()
                .then_some((directions, DirectionDistribution::default())),
            sigma: entry.draws_noise().then_some(sigma),
        }
    }

    /// The same with directions of this distribution; an objective without directions stays as it is.
    #[must_use]
    pub fn distribution(mut self, distribution: DirectionDistribution) -> Self {
        if let Some((_, of)) = &mut self.directions {
            *of = distribution;
        }
        self
    }

    /// The name: `esm`, `ssm`, `ssm_vr`, `dsm`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.entry.name
    }

    /// Directions a sample and their distribution; none for an objective without directions.
    #[must_use]
    pub fn directions(&self) -> Option<(usize, DirectionDistribution)> {
        self.directions
    }

    /// The noise level σ; none for an objective without noise.
    #[must_use]
    pub fn sigma(&self) -> Option<f64> {
        self.sigma
    }

    /// The loss of one step, whose directions or noise are a function of `seed` and `step`.
    #[must_use]
    pub fn loss<T: Real>(&self, seed: u64, step: u64) -> Loss<'static, T> {
        let drawn = |(count, kind)| {
            Projections::Drawn(RandomDraw {
                kind,
                count,
                seed,
                step,
            })
        };
        let noise = |sigma| (T::of(sigma), Noise::Drawn { seed, step });
        Loss::new(
            self.entry,
            self.directions.map(drawn),
            self.sigma.map(noise),
        )
    }

    /// The loss of a batch with given directions and noise, of which it takes what the objective needs.
    #[must_use]
    pub fn loss_with<'a, T: Real>(
        &self,
        directions: impl Into<Projections<'a, T>>,
        noise: impl Into<Noise<'a, T>>,
    ) -> Loss<'a, T> {
        Loss::new(
            self.entry,
            self.directions.map(|_| directions.into()),
            self.sigma.map(|sigma| (T::of(sigma), noise.into())),
        )
    }

    /// Whether the loss uses second derivatives of E in x, which are not defined at kinks.
    #[must_use]
    pub fn uses_curvature(&self) -> bool {
        self.entry.uses_curvature()
    }

    /// The program of the loss and its gradient.
    pub(crate) fn program<T: Real>(&self, spec: &CompiledSpec<T>) -> Result<Compiled<T>> {
        super::program(spec, self.entry)
    }

    /// The deviation of the noise that the loss itself adds to samples.
    pub(crate) fn noise(&self) -> f64 {
        self.sigma.unwrap_or(0.0)
    }

    pub(crate) fn check(&self) -> Result<()> {
        if let Some((directions, _)) = self.directions {
            at_least(1, "the number of directions", directions as u64)?;
        }
        match self.sigma {
            Some(sigma) => positive("the noise level of the objective", sigma),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry.name)?;
        if let Some(sigma) = self.sigma {
            write!(f, ":{sigma}")?;
        }
        if let Some((directions, distribution)) = self.directions {
            let usual = distribution == DirectionDistribution::default();
            if directions != 1 || !usual {
                write!(f, ":{directions}")?;
            }
            if !usual {
                write!(f, ":{distribution}")?;
            }
        }
        Ok(())
    }
}

impl From<Objective> for String {
    fn from(objective: Objective) -> Self {
        objective.to_string()
    }
}

impl TryFrom<String> for Objective {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for Objective {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::InvalidSetting {
            setting: "the objective",
            found: format!("{text:?}"),
            expected: format!(
                "write one of {}; directions are rademacher, normal, sphere or orthonormal",
                objectives::ALL.map(example).join(", ")
            ),
        };
        let mut parts = text.trim().split(':');
        let entry = Descriptor::named(parts.next().unwrap_or_default()).ok_or_else(unknown)?;
        let sigma = match entry.draws_noise() {
            true => {
                let sigma = parts.next().ok_or_else(unknown)?;
                sigma.parse().map_err(|_| unknown())?
            }
            false => 0.0,
        };
        let (mut directions, mut distribution) = (1, DirectionDistribution::default());
        if entry.draws_directions() {
            if let Some(count) = parts.next() {
                directions = count.parse().map_err(|_| unknown())?;
            }
            if let Some(name) = parts.next() {
                distribution = name.parse().map_err(|_| unknown())?;
            }
        }
        if parts.next().is_some() {
            return Err(unknown());
        }
        let objective = Objective::of(entry, directions, sigma).distribution(distribution);
        objective.check()?;
        Ok(objective)
    }
}

/// How an objective is written with all that it takes.
fn example(entry: &Descriptor) -> String {
    let sigma = if entry.draws_noise() { ":0.1" } else { "" };
    let directions = if entry.draws_directions() {
        ":4:sphere"
    } else {
        ""
    };
    format!("{}{sigma}{directions}", entry.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read_back() {
        for text in [
            "esm",
            "ssm",
            "ssm:4",
            "ssm_vr",
            "ssm_vr:4:sphere",
            "ssm:1:orthonormal",
            "dsm:0.1",
        ] {
            assert_eq!(text.parse::<Objective>().unwrap().to_string(), text);
        }
        // The command line wrote a hyphen once.
        assert_eq!(
            "ssm-vr:2".parse::<Objective>().unwrap(),
            Objective::ssm_vr(2)
        );
        assert_eq!(
            "ssm:2:rademacher".parse::<Objective>().unwrap(),
            Objective::ssm(2)
        );
        for text in [
            "",
            "esm:1",
            "dsm",
            "dsm:-1",
            "dsm:nan",
            "ssm:0",
            "ssm:x",
            "ssm:1:cube",
            "ssm:1:normal:2",
        ] {
            assert!(
                matches!(text.parse::<Objective>(), Err(Error::InvalidSetting { .. })),
                "{text:?}"
            );
        }
    }
}
