//! Reports as pages that need no other file.

mod page;

pub use page::Page;
