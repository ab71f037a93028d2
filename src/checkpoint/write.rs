//! Bytes to a file in one move: a reader finds the old file or the new one, never a part.

use std::fs::{File, metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::error::{Error, Result};

/// Writes `bytes` to a temporary file beside `path`, forces it to disk and renames it.
///
/// # Errors
/// [`Error::Io`], naming `path`; what stood there before is untouched.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = folder(path);
    let write = || -> io::Result<()> {
        let mut file = temporary(&folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        sync_folder(&folder)
    };
    write().map_err(|error| Error::io(path, error))
}

/// That a file could be written here, before the work whose result it is to hold.
///
/// # Errors
/// [`Error::Io`] if `path` is a folder, or its folder is not there or does not take files.
pub(crate) fn check_destination(path: &Path) -> Result<()> {
    if metadata(path).is_ok_and(|found| found.is_dir()) {
        return Err(Error::io(path, io::ErrorKind::IsADirectory.into()));
    }
    temporary(&folder(path))
        .map(drop)
        .map_err(|error| Error::io(path, error))
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".checkpoint-");
    // A temporary file is private unless told otherwise, and would stay so under its final name.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes the rename itself last through a loss of power.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
