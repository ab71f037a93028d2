//! The folder that pictures and reports go to; found to be writable before any work starts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

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

    /// Writes one file and returns its path.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
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
}
