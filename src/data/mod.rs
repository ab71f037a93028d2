//! Data. Enters: a CSV file or an array. Leaves: matrices of finite numbers `[rows, columns]`,
//! divided into rows to learn from and rows to judge on, in units of zero mean and unit deviation,
//! and what about them would mislead a model. Nothing here knows a model.

mod cell;
mod columns;
mod embedded;
mod error;
mod format;
mod guard;
mod quote;
mod reader;
mod split;
mod standardization;
mod standardizer;
mod table;
#[cfg(test)]
mod tests;

pub use columns::{Column, Columns};
pub use embedded::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use error::{ConstantColumn, DataError, Place};
pub use format::{Layout, Separator};
pub use guard::{Finding, Guard, Levels, Outliers, examine};
pub use reader::{CsvReader, Header};
pub use split::{Split, split};
pub use standardization::{Standardization, check_finite};
pub use standardizer::{ConstantColumns, Standardizer};
pub use table::Table;
