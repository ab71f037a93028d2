//! Sheets of Excel files. Takes an xlsx file; produces the rows of one of its sheets that have cells.

mod sheet;
mod source;

pub(super) use source::open;
