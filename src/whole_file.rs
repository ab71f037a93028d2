//! Bytes to a file in one move: a reader finds the old file or the new one, never a part.
//!
//! The new file is written beside the old one under a temporary name and renamed. Its writer holds a lock on it
//! meanwhile, so that temporary files of writers that were killed are told from those of writers at work, and removed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};
use twox_hash::XxHash3_128;

use crate::error::{Error, Result};

/// Symbolic links that lead to a file at most, as on Linux.
const MOST_LINKS: usize = 40;

/// Writes `bytes` to a temporary file beside the file that `path` leads to, forces it to disk and renames it.
///
/// # Errors
/// [`Error::Io`], naming `path`; what stood there before is untouched.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// As [`write_whole`], with what `content` writes.
///
/// # Errors
/// [`Error::Io`], naming `path`, also for an error of `content`; what stood there before is untouched.
pub(crate) fn write_with(
    path: &Path,
    content: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<()> {
    let write = || -> io::Result<()> {
        let target = Target::of(path)?;
        target.remove_stale();
        let mut file = target.temporary()?;
        if let Some(old) = &target.old {
            keep_ownership(file.as_file(), old);
            file.as_file().set_permissions(old.permissions())?;
        }
        content(file.as_file_mut())?;
        file.as_file().sync_all()?;
        // The lock is held until the file has its name.
        let _renamed = file.persist(&target.path).map_err(|error| error.error)?;
        sync_folder(&target.folder)
    };
    write().map_err(|error| Error::io(path, error))
}

/// That a file could be written here, before the work whose result it is to hold. Removes what killed writers of the same
/// file left.
///
/// # Errors
/// [`Error::Io`] if `path` is a folder or another thing than a file, or its folder is not there or does not take files.
pub(crate) fn check_destination(path: &Path) -> Result<()> {
    let check = || -> io::Result<()> {
        let target = Target::of(path)?;
        target.remove_stale();
        target.temporary().map(drop)
    };
    check().map_err(|error| Error::io(path, error))
}

/// The file that is written in the end.
struct Target {
    path: PathBuf,
    folder: PathBuf,
    /// What stands there now.
    old: Option<fs::Metadata>,
}

impl Target {
    /// What `path` leads to, over symbolic links, also one to a file that is not there.
    fn of(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
                _ => PathBuf::from("."),
            };
            let old = match fs::symlink_metadata(&path) {
                Ok(old) if old.is_symlink() => {
                    path = folder.join(fs::read_link(&path)?);
                    continue;
                }
                Ok(old) if old.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
                // A device or a pipe would be replaced, not written.
                Ok(old) if !old.is_file() => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidInput,
                        "it is no regular file; name a file, new or to be replaced",
                    ));
                }
                Ok(old) => Some(old),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
            return Ok(Self { path, folder, old });
        }
        Err(io::Error::other("too many symbolic links"))
    }

    /// A new temporary file, locked where the file system has locks.
    fn temporary(&self) -> io::Result<NamedTempFile> {
        let prefix = temporary_prefix(&self.path);
        let mut builder = Builder::new();
        builder.prefix(&prefix);
        // A temporary file is private unless told otherwise. A new file is to be what the umask lets it be; one that
        // replaces another gets the permissions of that before it gets content.
        #[cfg(unix)]
        if self.old.is_none() {
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        loop {
            let file = builder.tempfile_in(&self.folder)?;
            let locked = file.as_file().lock();
            // Between the two, another writer may have taken the file for stale and removed it.
            if locked.is_err() || fs::symlink_metadata(file.path()).is_ok() {
                return Ok(file);
            }
        }
    }

    /// Removes temporary files of this file that no writer holds. What cannot be removed stays: it does no harm.
    fn remove_stale(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let prefix = temporary_prefix(&self.path);
        for entry in entries.flatten() {
            let name = entry.file_name();
            let ours = name.as_encoded_bytes().starts_with(prefix.as_bytes());
            if !ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            let path = entry.path();
            // Network file systems lock what is open for writing; a file may have the permissions of one that is not.
            let opened = File::options()
                .write(true)
                .open(&path)
                .or_else(|_| File::open(&path));
            let Ok(file) = opened else {
                continue;
            };
            // Removed while the lock is held: a writer that waits for it sees afterwards that its file is gone.
            if file.try_lock().is_ok()
                && let Err(error) = fs::remove_file(&path)
            {
                log::debug!("{}: {error}; the file is left over", path.display());
            }
        }
    }
}

/// How the temporary names of a file begin. Of fixed length, since the file's own name may be as long as names can be.
pub(crate) fn temporary_prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    let hash = XxHash3_128::oneshot(name.as_encoded_bytes());
    format!(".scorematch-{:016x}-", hash as u64)
}

/// Gives a file the owner and group of the one that it replaces, as far as this process may.
fn keep_ownership(file: &File, old: &fs::Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let same = file
            .metadata()
            .is_ok_and(|new| (new.uid(), new.gid()) == (old.uid(), old.gid()));
        if !same && let Err(error) = fchown(file, Some(old.uid()), Some(old.gid())) {
            log::debug!("the owner of a replaced file is not kept: {error}");
        }
    }
    #[cfg(not(unix))]
    let _ = (file, old);
}

/// Makes the rename itself last through a loss of power.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
