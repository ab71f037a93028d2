//! The objectives of scorematch, one entry each: what the compiler differentiates, what the runtime draws, checks and
//! evaluates, and what settings and the command line call them.
//!
//! With p(x) ∝ exp(−E(x)) and averages over a batch of B samples and M directions:
//!
//! | objective | loss |
//! | --- | --- |
//! | [`esm`](ESM) | mean_b \[ ½‖∇E‖² − ΔE \] |
//! | [`ssm`](SSM) | mean_b mean_m \[ ½(v·∇E)² − vᵀ∇²E v \] |
//! | [`ssm_vr`](SSM_VR) | mean_b \[ ½‖∇E‖² − mean_m vᵀ∇²E v \] |
//! | [`dsm`](DSM) | mean_b ½‖σ∇E(x + σε) − ε‖² |
//!
//! The first three estimate one number J, which differs from ½𝔼‖∇E + ∇ln p‖² by a constant of the data (Hyvärinen 2005;
//! Song, Garg, Shi, Ermon 2019). J is unbounded below on data with repeated values: a model can put a narrow well on each.
//! Denoising score matching (Vincent 2011) is multiplied by σ² here and fits the data blurred by σ.
//!
//! # A new objective
//!
//! It is an entry here, named in [`ALL`], with its row in the table above. Everything else follows from the entry: the
//! program that the compiler derives, its gradient, its text (`name:M:distribution`, `name:σ`), what a trainer draws and
//! checks, and how held-out rows are judged.

mod formula;

pub use formula::{Along, Coefficient, Formula, Vector};

use Coefficient::{Number, Sigma};
use Formula::{Laplacian, MeanOverDirections, Scaled, SquaredNorm, Sum};

/// An objective: its names and its loss.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// The name in settings, checkpoints, tables and on the command line; also the identity: no two entries share it.
    pub name: &'static str,
    /// The name of its program in emitted code, an identifier in camel case.
    pub program: &'static str,
    /// The loss of one sample.
    pub formula: Formula,
    /// Where the formula's derivatives of the energy are taken.
    pub point: Point,
}

/// Where an objective looks at the energy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// At the sample x.
    Sample,
    /// At x + σε, with normal noise ε.
    Perturbed,
}

/// Exact score matching (Hyvärinen 2005, eq. 4): the Laplacian in full.
pub const ESM: Descriptor = Descriptor {
    name: "esm",
    program: "Esm",
    formula: Sum(&[HALF_SQUARED_SCORE, Scaled(Number(-1.0), &Laplacian)]),
    point: Point::Sample,
};

/// Sliced score matching (Song et al. 2019, eq. 8): everything along directions.
pub const SSM: Descriptor = Descriptor {
    name: "ssm",
    program: "Ssm",
    formula: MeanOverDirections(&[(0.5, Along::SlopeSquared), (-1.0, Along::Curvature)]),
    point: Point::Sample,
};

/// Sliced score matching with reduced variance (Song et al. 2019, section 4): the norm of the score in full, the trace
/// along directions.
pub const SSM_VR: Descriptor = Descriptor {
    name: "ssm_vr",
    program: "SsmVr",
    formula: Sum(&[
        HALF_SQUARED_SCORE,
        MeanOverDirections(&[(-1.0, Along::Curvature)]),
    ]),
    point: Point::Sample,
};

/// Denoising score matching at one noise level (Vincent 2011), times σ².
pub const DSM: Descriptor = Descriptor {
    name: "dsm",
    program: "Dsm",
    formula: Scaled(
        Number(0.5),
        &SquaredNorm(&[(Sigma, Vector::Gradient), (Number(-1.0), Vector::Noise)]),
    ),
    point: Point::Perturbed,
};

/// ½‖∇E‖².
const HALF_SQUARED_SCORE: Formula = Scaled(
    Number(0.5),
    &SquaredNorm(&[(Number(1.0), Vector::Gradient)]),
);

/// Every objective.
pub const ALL: [&Descriptor; 4] = [&ESM, &SSM, &SSM_VR, &DSM];

impl Descriptor {
    /// The objective of a name; a hyphen counts as an underscore.
    pub fn named(name: &str) -> Option<&'static Descriptor> {
        let name = name.replace('-', "_");
        ALL.into_iter().find(|objective| objective.name == name)
    }

    /// Whether the loss takes random directions.
    pub fn draws_directions(&self) -> bool {
        self.formula.reads_directions()
    }

    /// Whether the loss takes normal noise and a noise level σ.
    pub fn draws_noise(&self) -> bool {
        self.point == Point::Perturbed || self.formula.reads_noise()
    }

    /// Whether the loss uses second derivatives of E in x, which are not defined at kinks.
    pub fn uses_curvature(&self) -> bool {
        self.uses_laplacian() || self.formula.reads_curvature()
    }

    /// Whether the loss uses the exact Laplacian.
    pub fn uses_laplacian(&self) -> bool {
        self.formula.reads_laplacian()
    }
}

impl PartialEq for Descriptor {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Descriptor {}

impl std::hash::Hash for Descriptor {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_names_of_their_own() {
        for (i, objective) in ALL.iter().enumerate() {
            let found = Descriptor::named(objective.name).expect("a name of the table");
            assert_eq!(found.program, objective.program);
            let others = &ALL[..i];
            assert!(others.iter().all(|o| o.program != objective.program));
            // One stream of directions: those of the exact Laplacian, or given ones.
            assert!(!(objective.uses_laplacian() && objective.draws_directions()));
            let text = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(objective.name.chars().all(text), "{}", objective.name);
        }
        assert_eq!(Descriptor::named("ssm-vr"), Some(&SSM_VR));
        assert_eq!(Descriptor::named("SSM"), None);
    }

    #[test]
    fn what_objectives_need_follows_from_their_formulas() {
        let needs = ALL.map(|o| {
            [
                o.draws_directions(),
                o.draws_noise(),
                o.uses_laplacian(),
                o.uses_curvature(),
            ]
        });
        assert_eq!(
            needs,
            [
                [false, false, true, true],
                [true, false, false, true],
                [true, false, false, true],
                [false, true, false, false],
            ]
        );
    }
}
