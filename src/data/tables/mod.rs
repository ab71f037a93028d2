//! Tables of numbers in files. Takes a file of any format that the features of this build read; produces a matrix of
//! finite numbers `[rows, columns]` with the place of each in the file, and sentences that say what was left out or
//! converted. What is common to all formats stands here: the choice of columns, text, missing values, constant columns
//! and errors. A folder for each format turns the file into blocks of rows.

// A build with some of the formats does not need what others do.
#![cfg_attr(not(feature = "files"), allow(dead_code))]

mod blocks;
mod cell;
mod choice;
mod column;
mod columns;
mod description;
mod error;
mod file;
mod format;
mod layout;
mod limit;
mod notes;
mod open;
mod place;
mod policies;
mod quote;
mod reader;
mod separator;
mod settings;
mod sniff;
mod source;
mod table;
#[cfg(all(test, feature = "files"))]
mod tests;
mod write;

#[cfg(feature = "compressed")]
mod compressed;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "npy")]
mod npy;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "xlsx")]
mod xlsx;

#[cfg(feature = "csv")]
pub use self::csv::CsvReader;
#[cfg(feature = "datasets")]
pub use self::csv::{DataSet, OLD_FAITHFUL, RED_WINE};
pub use blocks::Blocks;
pub use column::Column;
pub use columns::Columns;
pub use description::Description;
pub use error::TableError;
pub use format::Format;
pub use layout::Layout;
pub use place::{Place, RowNumber};
pub use policies::{Constants, Header, Missing, TextColumns};
pub use reader::FileReader;
pub use separator::Separator;
pub use table::Table;
pub use write::write_table;
