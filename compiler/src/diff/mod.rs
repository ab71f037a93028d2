//! Derivatives: graph in, graph out. Nothing here simplifies.

mod cotangent;
mod curvature;
mod objective;
mod tangent;

pub use cotangent::cotangents;
pub use curvature::{Directions, curvature};
pub use objective::{Program, derive, gradient};
pub use tangent::{Tangent, tangents};
