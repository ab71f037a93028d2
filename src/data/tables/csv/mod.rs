//! Numbers from text. Takes lines of separated values; produces the rows of the chosen columns. Any other content of a
//! chosen column is an error with its line and column.

#[cfg(feature = "datasets")]
mod embedded;
mod format;
mod reader;
mod source;
#[cfg(test)]
mod tests;

#[cfg(feature = "datasets")]
pub use embedded::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use reader::CsvReader;
pub(super) use source::open;
