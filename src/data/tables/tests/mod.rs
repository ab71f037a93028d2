//! Files that the usual libraries wrote (`tests/data/generate.py`), sound and damaged, and files that are written here.

mod damaged;
mod expected;
mod settings;
mod written;

use std::path::{Path, PathBuf};

/// The folder of files.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/files")
}
