//! Data. Takes an array, or with the feature `csv` a file; produces matrices of finite numbers `[rows, columns]`, split
//! into training rows and held-out rows, in units of zero mean and unit standard deviation, and findings about
//! properties that mislead a model. This module does not depend on models.

#[cfg(feature = "csv")]
mod csv;
mod error;
mod finding;
mod guard;
mod quote;
mod split;
mod standardization;
mod standardizer;

#[cfg(feature = "csv")]
pub use self::csv::{
    Column, Columns, CsvError, CsvReader, Header, Layout, Place, Separator, Table,
};
#[cfg(feature = "datasets")]
pub use self::csv::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use error::{ConstantColumn, DataError};
pub use finding::{Finding, Levels, Outliers};
pub use guard::{Guard, examine};
pub use split::{Split, split};
pub use standardization::{Standardization, check_finite};
pub use standardizer::{ConstantColumns, Standardizer};
