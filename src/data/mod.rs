//! Data. Enters: a CSV file or an array. Leaves: matrices of finite numbers `[rows, columns]`,
//! divided into rows to learn from and rows to judge on, in units of zero mean and unit deviation.
//! Nothing here knows a model.

mod columns;
mod embedded;
mod error;
mod split;
mod standardization;
mod table;
#[cfg(test)]
mod tests;

pub use columns::{Column, Columns};
pub use embedded::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use error::DataError;
pub use split::{Split, split};
pub use standardization::{Standardization, check_finite};
pub use table::Table;
