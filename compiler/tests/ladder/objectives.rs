//! Objectives beside the table: what a formula can say must compile, whether an entry says it or not.

use scorematch_compiler::diff::Program;
use scorematch_compiler::objectives::{Along, Coefficient, Descriptor, Formula, Point, Vector};

/// E², σ times a norm in which ∇E and ε meet, and both quantities along directions with numbers of their own.
pub(crate) const EVERYTHING: Descriptor = Descriptor {
    name: "everything",
    program: "Everything",
    formula: Formula::Sum(&[
        Formula::Scaled(
            Coefficient::Number(0.3),
            &Formula::Squared(&Formula::Energy),
        ),
        Formula::Scaled(
            Coefficient::Sigma,
            &Formula::SquaredNorm(&[
                (Coefficient::Number(0.5), Vector::Gradient),
                (Coefficient::Sigma, Vector::Noise),
            ]),
        ),
        Formula::MeanOverDirections(&[(-1.2, Along::Curvature), (0.6, Along::SlopeSquared)]),
    ]),
    point: Point::Sample,
};

/// Every program, and the loss of one objective more.
pub(crate) fn programs() -> impl Iterator<Item = Program> {
    Program::ALL.into_iter().chain([Program::Loss(&EVERYTHING)])
}

/// The losses among them.
pub(crate) fn losses() -> impl Iterator<Item = Program> {
    programs().filter(|program| program.objective().is_some())
}
