//! A file that is opened: its first bytes, its size, its content.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::limit::Limit;
use super::sniff::{Compression, HEAD, sniff};
use super::{Format, TableError};

/// A file whose format is known, at its start.
pub(super) struct Opening {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) size: u64,
    pub(super) format: Format,
    pub(super) compression: Compression,
}

impl Opening {
    /// Opens a file and tells its format.
    ///
    /// # Errors
    /// The file cannot be read, or as [`sniff`].
    pub(super) fn of(path: &Path) -> Result<Self, TableError> {
        let open = || -> io::Result<(File, u64, Vec<u8>)> {
            let mut file = File::open(path)?;
            let mut head = Vec::new();
            file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
            let size = file.metadata()?.len();
            Ok((file, size, head))
        };
        let (mut file, size, head) = open().map_err(|error| unreadable(path, error))?;
        let (format, compression) = sniff(path, &head)?;
        file.seek(SeekFrom::Start(0))
            .map_err(|error| unreadable(path, error))?;
        Ok(Opening {
            path: path.to_owned(),
            file,
            size,
            format,
            compression,
        })
    }

    /// The most that the content may take in memory.
    pub(super) fn limit(&self) -> Limit {
        Limit::of(self.size)
    }
}

/// The error of a file that the system does not read.
pub(super) fn unreadable(file: &Path, source: io::Error) -> TableError {
    TableError::Read {
        file: file.to_owned(),
        source,
    }
}

/// The error of a file that is damaged.
pub(super) fn damaged(file: &Path, what: impl ToString) -> TableError {
    TableError::Damaged {
        file: file.to_owned(),
        what: what.to_string(),
    }
}

/// The result of `work`, in which a library decodes a file; a panic there is the error of a damaged file.
pub(super) fn decoding<T>(
    file: &Path,
    work: impl FnOnce() -> Result<T, TableError>,
) -> Result<T, TableError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(damaged(file, "it contradicts itself")))
}
