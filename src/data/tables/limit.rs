//! A bound on what a file may become in memory, so that a damaged or malicious one is refused rather than allocated.

use std::path::Path;

use super::TableError;

/// Bytes that any file may unpack to.
const FREE: u64 = 256 << 20;
/// Beyond these, bytes for each byte of the file. Tables of text and numbers are packed to a tenth or a twentieth.
const RATIO: u64 = 200;

/// The most bytes that the contents of a file may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit(u64);

impl Limit {
    /// The limit of a file of so many bytes.
    pub(super) fn of(size: u64) -> Self {
        Limit(size.saturating_mul(RATIO).saturating_add(FREE))
    }

    /// The number of bytes.
    pub(super) fn bytes(self) -> u64 {
        self.0
    }

    /// That `bytes` are within the limit.
    ///
    /// # Errors
    /// [`TableError::TooLarge`].
    pub(super) fn check(self, file: &Path, bytes: u64) -> Result<(), TableError> {
        if bytes <= self.0 {
            return Ok(());
        }
        Err(TableError::TooLarge {
            file: file.to_owned(),
            bytes: self.0,
        })
    }
}
