//! One program in the cache: the crate that it is built from, and its executable. The executable is there whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file with the size of the executable that lies beside it.
pub(super) const SIZE: &str = "size";

/// Where one program is.
pub(super) struct Place {
    /// The folder of its crate.
    pub(super) package: PathBuf,
    executable: PathBuf,
}

impl Place {
    /// The place of a model's program in the folder `package`.
    pub(super) fn new(package: PathBuf, model: &str) -> Place {
        let name = format!("scorematch-{model}{}", std::env::consts::EXE_SUFFIX);
        Place {
            executable: package.join(name),
            package,
        }
    }

    /// The executable, if it is there and as long as it was when it was put there.
    pub(super) fn ready(&self) -> Option<PathBuf> {
        let size = fs::read_to_string(self.package.join(SIZE)).ok()?;
        let found = fs::metadata(&self.executable).ok()?;
        (found.is_file() && size.trim().parse() == Ok(found.len())).then(|| self.executable.clone())
    }

    /// Writes a file of the crate; one that is as it should be keeps its time, by which cargo tells what changed.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.package.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.package))?;
        write_if_changed(&path, text)
    }

    /// Copies what cargo built to its place. It is a copy and not a link: a damaged one must not damage what cargo takes for
    /// built.
    pub(super) fn keep(&self, built: &Path) -> io::Result<PathBuf> {
        let part = self.package.join("executable.part");
        let size = fs::copy(built, &part)?;
        File::options().write(true).open(&part)?.sync_all()?;
        fs::write(self.package.join(SIZE), format!("{size}\n"))?;
        fs::rename(&part, &self.executable)?;
        Ok(self.executable.clone())
    }
}

/// Writes a file, unless it has this text.
pub(super) fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executable_is_ready_if_it_is_whole() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(root.path().join("key"), "Ring");
        assert_eq!(place.ready(), None);
        place.write("src/main.rs", "fn main() {}").unwrap();
        let built = root.path().join("built");
        fs::write(&built, "machine code").unwrap();
        let kept = place.keep(&built).unwrap();
        assert_eq!(place.ready().as_deref(), Some(&*kept));
        assert!(kept.ends_with(format!(
            "key/scorematch-Ring{}",
            std::env::consts::EXE_SUFFIX
        )));

        fs::write(&kept, "machine").unwrap();
        assert_eq!(place.ready(), None, "cut short");
        assert_eq!(fs::read(&built).unwrap(), b"machine code");
        place.keep(&built).unwrap();
        fs::remove_file(&kept).unwrap();
        assert_eq!(place.ready(), None, "gone");
        place.keep(&built).unwrap();
        fs::remove_file(place.package.join(SIZE)).unwrap();
        assert_eq!(place.ready(), None, "of unknown size");
    }
}
