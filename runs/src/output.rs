//! The folder that pictures and reports go to; found to be writable before any work starts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use scorematch::__private::write_whole;

/// A folder that existed and could be written to when the command began.
pub struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Makes the folder if need be and tries a file in it.
    pub fn prepare(path: &Path) -> Result<OutputFolder> {
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
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        write_whole(&path, content).context("cannot write a result")?;
        Ok(path)
    }
}

/// That a table can be written to a file: its name has an extension of tables, and its folder takes files.
///
/// # Errors
/// It cannot; the message has the cure.
pub(crate) fn check_table(file: &Path) -> Result<()> {
    let shown = file.display();
    let extension = file.extension().and_then(|extension| extension.to_str());
    ensure!(
        extension.is_some_and(|found| ["csv", "npy", "parquet"].contains(&found)),
        "{shown}: tables are written to names that end with .csv, .npy or .parquet; name one with --out"
    );
    ensure!(
        !file.is_dir(),
        "{shown} is a folder: name a file with --out"
    );
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let cure = || format!("cannot write {shown}; name a file in another folder with --out");
    ensure!(
        folder.is_dir(),
        "{}: there is no folder {}",
        cure(),
        folder.display()
    );
    if !file.exists()
        && let Err(error) = tempfile::tempfile_in(folder)
    {
        return Err(anyhow::anyhow!("{} ({})", cure(), error.kind()));
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
