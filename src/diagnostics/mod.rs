//! The mathematics, tested on a model at hand. Enters: a model and points. Leaves: numbers that
//! should agree, side by side, and whether they do. Nothing here prints.

mod agreement;
mod derivatives;
mod parts;
mod quadrature;
mod sign;
mod sliced;

#[cfg(test)]
mod tests;

pub use agreement::Agreement;
pub use derivatives::check_derivatives;
pub use parts::{Parts, integration_by_parts};
pub use sign::{SignTest, sign_test};
pub use sliced::{SlicedAgainstExact, SlicedEstimate, sliced_against_exact};
