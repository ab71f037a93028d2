//! Derivatives: graph in, graph out. Nothing here simplifies.

mod cotangent;
mod curvature;
mod objective;
mod program;
mod tangent;

pub use cotangent::cotangents;
pub use curvature::{DirectionReduction, curvature};
pub use program::{Adjoint, Program, gradient};
pub use tangent::{Tangent, tangents};
