//! What is minimised. The exact and the sliced losses estimate one number, J of the data without
//! the constants that do not depend on θ, so their values are on one scale; the denoising loss has
//! a scale of its own.

use std::fmt;
use std::str::FromStr;

use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use crate::directions::{Directions, Draw};
use crate::error::{Error, Result};
use crate::loss::{Loss, Noise, Slices};
use crate::setting::{at_least, positive};

/// A training objective, p(x) ∝ exp(−E(x)).
///
/// As text, which [`Display`](fmt::Display) and serialization write and [`FromStr`] reads: `esm`, `ssm`, `ssm:4`,
/// `ssm_vr:4:sphere`, `dsm:0.1`; `ssm-vr` is read as `ssm_vr`.
///
/// The first three are unbounded below where the data repeats values exactly, as rounded
/// measurements do: a density may rise without limit at an atom. See
/// [`Trainer::jitter`](super::Trainer::jitter).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Objective {
    /// Exact score matching (Hyvärinen 2005): mean of ½‖∇E‖² − ΔE.
    Esm,
    /// Sliced score matching (Song et al. 2019): mean of ½(v·∇E)² − vᵀ∇²E v over random v.
    Ssm {
        /// Directions a sample, M.
        directions: usize,
        /// Their distribution.
        kind: Directions,
    },
    /// Sliced score matching with reduced variance: mean of ½‖∇E‖² − vᵀ∇²E v over random v.
    SsmVr {
        /// Directions a sample, M.
        directions: usize,
        /// Their distribution.
        kind: Directions,
    },
    /// Denoising score matching (Vincent 2011): mean of ½‖σ∇E(x + σε) − ε‖² over normal ε. Least
    /// for the data smoothed by a normal of deviation σ.
    Dsm {
        /// The noise level σ, in the units of the model's input.
        sigma: f64,
    },
}

impl Objective {
    /// Sliced score matching with `directions` Rademacher directions a sample.
    #[must_use]
    pub fn ssm(directions: usize) -> Self {
        Objective::Ssm {
            directions,
            kind: Directions::Rademacher,
        }
    }

    /// Sliced score matching with reduced variance and `directions` Rademacher directions a sample.
    #[must_use]
    pub fn ssm_vr(directions: usize) -> Self {
        Objective::SsmVr {
            directions,
            kind: Directions::Rademacher,
        }
    }

    /// The loss of one step, whose directions or noise are a function of `seed` and `step`.
    #[must_use]
    pub fn loss<T: Real>(&self, seed: u64, step: u64) -> Loss<'static, T> {
        let drawn = |kind, count| {
            Slices::Drawn(Draw {
                kind,
                count,
                seed,
                step,
            })
        };
        match *self {
            Objective::Esm => Loss::Esm,
            Objective::Ssm { directions, kind } => Loss::Ssm(drawn(kind, directions)),
            Objective::SsmVr { directions, kind } => Loss::SsmVr(drawn(kind, directions)),
            Objective::Dsm { sigma } => Loss::Dsm {
                sigma: T::of(sigma),
                noise: Noise::Drawn { seed, step },
            },
        }
    }

    /// Whether the loss uses second derivatives of E in x, which are not defined at kinks.
    #[must_use]
    pub fn uses_curvature(&self) -> bool {
        !matches!(self, Objective::Dsm { .. })
    }

    /// The deviation of the noise that the loss itself adds to samples.
    pub(super) fn noise(&self) -> f64 {
        match *self {
            Objective::Esm | Objective::Ssm { .. } | Objective::SsmVr { .. } => 0.0,
            Objective::Dsm { sigma } => sigma,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        match *self {
            Objective::Esm => Ok(()),
            Objective::Ssm { directions, .. } | Objective::SsmVr { directions, .. } => {
                at_least(1, "the number of directions", directions as u64)
            }
            Objective::Dsm { sigma } => positive("the noise level of dsm", sigma),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, directions, kind) = match *self {
            Objective::Esm => return f.write_str("esm"),
            Objective::Dsm { sigma } => return write!(f, "dsm:{sigma}"),
            Objective::Ssm { directions, kind } => ("ssm", directions, kind),
            Objective::SsmVr { directions, kind } => ("ssm_vr", directions, kind),
        };
        f.write_str(name)?;
        if directions != 1 || kind != Directions::Rademacher {
            write!(f, ":{directions}")?;
        }
        if kind != Directions::Rademacher {
            write!(f, ":{kind}")?;
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
            expected: "write esm, ssm, ssm:4, dsm:0.1, or ssm_vr:4:sphere \
                       (or :rademacher, :normal, :orthonormal)"
                .to_owned(),
        };
        let mut parts = text.trim().split(':');
        let name = parts.next().unwrap_or_default();
        let (first, second) = (parts.next(), parts.next());
        let objective = match (name, first, second, parts.next()) {
            ("esm", None, None, None) => Objective::Esm,
            ("dsm", Some(sigma), None, None) => Objective::Dsm {
                sigma: sigma.parse().map_err(|_| unknown())?,
            },
            ("ssm" | "ssm_vr" | "ssm-vr", directions, kind, None) => {
                let directions = directions.unwrap_or("1").parse().map_err(|_| unknown())?;
                let kind = kind.map_or(Ok(Directions::Rademacher), |kind| {
                    kind.parse().map_err(|_| unknown())
                })?;
                match name {
                    "ssm" => Objective::Ssm { directions, kind },
                    _ => Objective::SsmVr { directions, kind },
                }
            }
            _ => return Err(unknown()),
        };
        objective.check()?;
        Ok(objective)
    }
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
