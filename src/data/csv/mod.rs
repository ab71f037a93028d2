//! Numbers from text files. Takes a CSV file; produces a matrix of finite numbers `[rows, columns]` together with the
//! location of each number in the file. Any other content of a chosen column is an error with its line and column.

mod cell;
mod column;
mod columns;
#[cfg(feature = "datasets")]
mod embedded;
mod error;
mod format;
mod quote;
mod reader;
mod separator;
mod table;
#[cfg(test)]
mod tests;

pub use column::Column;
pub use columns::Columns;
#[cfg(feature = "datasets")]
pub use embedded::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use error::{CsvError, Place};
pub use format::Layout;
pub use reader::{CsvReader, Header};
pub use separator::Separator;
pub use table::Table;
