//! Files of Apache Parquet. Takes a file; produces rows of its flat columns of numbers, page by page. No type of the
//! crate `parquet`, whose major versions follow one another quickly, leaves this folder.

mod bytes;
mod column;
mod pages;
mod source;
mod write;

pub(super) use source::open;
pub(super) use write::write;
