//! Data. Takes an array, or with the feature of its format a file; produces matrices of finite numbers `[rows, columns]`, split
//! into training rows and held-out rows, in units of zero mean and unit standard deviation, and findings about
//! properties that mislead a model. This module does not depend on models.

mod error;
mod finding;
mod guard;
mod quote;
mod split;
mod standardization;
mod standardizer;
#[cfg(feature = "tables")]
mod tables;

pub use error::{ConstantColumn, DataError};
pub use finding::{Finding, Levels, Outliers};
pub use guard::{Guard, examine};
pub use split::{Split, split};
pub use standardization::{Standardization, check_finite};
pub use standardizer::{ConstantColumns, Standardizer};
#[cfg(feature = "csv")]
pub use tables::CsvReader;
#[cfg(feature = "tables")]
pub use tables::{
    Blocks, Column, Columns, Constants, Description, FileReader, Format, Header, Layout, Missing,
    Place, RowNumber, Separator, Table, TableError, TextColumns, write_table,
};
#[cfg(feature = "datasets")]
pub use tables::{DataSet, OLD_FAITHFUL, RED_WINE};
