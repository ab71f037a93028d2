//! The folder that pictures and reports go to; found to be writable before any work starts.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::Builder;

/// A folder that existed and could be written to when the command began.
pub(crate) struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder if need be and tries a file in it.
    pub(crate) fn prepare(path: &Path) -> Result<OutputFolder> {
        let cure = || {
            let path = path.display();
            format!("cannot write to the output folder {path}; choose another with --out DIR")
        };
        fs::create_dir_all(path).with_context(cure)?;
        tempfile::tempfile_in(path).with_context(cure)?;
        Ok(OutputFolder {
            path: path.to_owned(),
        })
    }

    /// Writes one file, whole or not at all, and returns its path.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        write_whole(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// Writes `bytes` to a temporary file beside `path`, forces it to disk and renames it: a reader finds the old file or the
/// new one. A link keeps its target and a file its permissions.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|found| !found.is_file()) {
        // A rename would put a file in place of a device or a named pipe.
        return fs::write(&path, bytes);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    builder.prefix(".scorematch-");
    // A temporary file is private unless told otherwise, and would stay so under its final name.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The rename itself lasts through a loss of power once its folder is on disk.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_way_is_named_with_the_cure() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let message = format!("{:#}", OutputFolder::prepare(file.path()).err().unwrap());
        assert!(
            message.contains("--out") && message.contains(file.path().to_str().unwrap()),
            "{message}"
        );
    }

    #[test]
    fn folders_are_made_and_hold_what_was_written() {
        let root = tempfile::tempdir().unwrap();
        let folder = OutputFolder::prepare(&root.path().join("a/b")).unwrap();
        let path = folder.write("c.txt", b"d").unwrap();
        assert_eq!(fs::read(path).unwrap(), b"d");
        let left: Vec<_> = fs::read_dir(root.path().join("a/b")).unwrap().collect();
        assert_eq!(left.len(), 1, "the trial file was left behind");
    }

    #[cfg(unix)]
    #[test]
    fn links_permissions_and_what_is_no_file_stay() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        use std::os::unix::net::UnixListener;
        let root = tempfile::tempdir().unwrap();
        let [target, link, socket] =
            ["target", "link", "socket"].map(|name| root.path().join(name));
        fs::write(&target, b"old").unwrap();
        fs::set_permissions(&target, PermissionsExt::from_mode(0o640)).unwrap();
        symlink(&target, &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"new");
        let mode = fs::metadata(&target).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(write_whole(&socket, b"new").is_err());
        assert!(fs::metadata(&socket).unwrap().file_type().is_socket());
    }
}
