//! What can be said about a model from the losses and scores of held-out rows, with its uncertainty.

pub mod bootstrap;
pub mod quantile;
pub mod residuals;
