//! Every fixture family as a compiled model, with its comparison to golden values.
//!
//! A crate of its own so that tests share one compilation of the models: what is instantiated here is compiled once,
//! with the optimisation that the workspace's profile gives this package.

mod case;
mod golden;
mod trajectory;

pub use case::Case;
pub use golden::{Agreement, FAMILIES, Family};
pub use trajectory::{Divergence, run as run_trajectory};

/// The models, as the compiler emitted them.
#[allow(missing_docs, reason = "documented where they are declared")]
pub mod models {
    include!(concat!(env!("OUT_DIR"), "/families.rs"));
}
