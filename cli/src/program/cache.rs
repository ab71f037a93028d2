//! The folder that compiled programs are kept in.
//!
//! `programs/KEY` has the crate of one program and, once it is built, its executable; `target` is the one folder that cargo
//! builds all of them in, so that their dependencies are compiled once. Compiled GPU code (`*.cubin`) lies beside them.
//! Invariants: an executable is there whole or not at all, and folders that are cleared carry a tag, so that a folder of the
//! user's by the same name is not taken for one.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::place::{Place, SIZE, write_if_changed};

/// The environment variable that names the folder.
const VARIABLE: &str = "SCOREMATCH_CACHE";

/// As cargo tags its own; <https://bford.info/cachedir/>.
const TAG: &str = "CACHEDIR.TAG";
const TAG_CONTENT: &str =
    "Signature: 8a477f597d28d172789f06886806bc55\n# Programs that scorematch compiled.\n";

/// The file, in cargo's folder, that names the libraries of the last program.
const LIBRARIES: &str = "libraries";

pub(crate) struct Cache {
    folder: PathBuf,
}

/// That no other process builds or clears; until it is dropped.
pub(super) struct Lock {
    _file: Option<File>,
}

/// What the folder holds.
pub(crate) struct Usage {
    pub(crate) programs: usize,
    /// Bytes of all of it, and of what programs have in common.
    pub(crate) bytes: u64,
    pub(crate) shared: u64,
}

impl Cache {
    /// The folder that the environment names, or that of this system; nothing is made.
    pub(crate) fn find() -> Result<Cache> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = folder(variable)
            .with_context(|| format!("no folder for compiled programs: neither {VARIABLE} nor a home folder is set; set {VARIABLE}=DIR"))?;
        let folder = std::path::absolute(&folder)?;
        Ok(Cache { folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn programs(&self) -> PathBuf {
        self.folder.join("programs")
    }

    /// Where the program of a key is, or is to be.
    pub(super) fn place(&self, key: &str, model: &str) -> Place {
        Place::new(self.programs().join(key), model)
    }

    /// Makes the folders and waits, with `waiting` called once, until no other process builds.
    pub(super) fn lock(&self, waiting: impl FnOnce()) -> Result<Lock> {
        let lock = || -> io::Result<Lock> {
            fs::create_dir_all(self.programs())?;
            write_if_changed(&self.programs().join(TAG), TAG_CONTENT)?;
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(self.folder.join("lock"))?;
            let file = match file.try_lock() {
                Ok(()) => Some(file),
                Err(TryLockError::WouldBlock) => {
                    waiting();
                    file.lock()?;
                    Some(file)
                }
                // A file system without locks; cargo's own makes others wait, or there is none.
                Err(TryLockError::Error(_)) => None,
            };
            Ok(Lock { _file: file })
        };
        lock().map_err(|error| self.unwritable(&error))
    }

    /// Whether the last program was built with these libraries, so that another one takes seconds.
    pub(super) fn has_built(&self, libraries: &str) -> bool {
        fs::read(self.target().join(LIBRARIES)).is_ok_and(|noted| noted == libraries.as_bytes())
    }

    /// Notes that it was. A note that cannot be written costs a word about the time.
    pub(super) fn note_built(&self, libraries: &str) {
        let _ = fs::write(self.target().join(LIBRARIES), libraries);
    }

    /// The error of a write into the folder, with the cure.
    pub(super) fn unwritable(&self, error: &dyn std::fmt::Display) -> anyhow::Error {
        let folder = self.folder.display();
        anyhow!(
            "cannot write to {folder}, where compiled programs are kept: {error}; name another folder with {VARIABLE}=DIR, \
             or make room (`scorematch cache` tells what it holds)"
        )
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        let keys = entries(&self.programs())?;
        let shared = bytes(&self.target())?;
        Ok(Usage {
            programs: keys.iter().filter(|key| key.join(SIZE).is_file()).count(),
            bytes: shared
                + bytes(&self.programs())?
                + self
                    .gpu_code()?
                    .iter()
                    .map(|file| size_of(file))
                    .sum::<u64>(),
            shared,
        })
    }

    /// Removes all that is compiled, and nothing else that may lie in the folder.
    pub(crate) fn clear(&self) -> Result<()> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let shown = self.folder.display();
        let _lock =
            self.lock(|| eprintln!("waiting for another scorematch that compiles a program"))?;
        for folder in [self.programs(), self.target()] {
            if !folder.exists() {
                continue;
            }
            if !folder.join(TAG).is_file() {
                bail!(
                    "{} has no {TAG}, so it may be yours: it is left as it is",
                    folder.display()
                );
            }
            fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {shown}"))?;
        }
        for file in self.gpu_code()? {
            fs::remove_file(&file).with_context(|| format!("cannot clear {shown}"))?;
        }
        Ok(())
    }

    fn gpu_code(&self) -> Result<Vec<PathBuf>> {
        let mut files = entries(&self.folder)?;
        files.retain(|file| {
            file.extension()
                .is_some_and(|extension| extension == "cubin")
        });
        Ok(files)
    }
}

/// `SCOREMATCH_CACHE`, or `scorematch` where this system keeps caches.
fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(folder) = variable(VARIABLE) {
        return Some(folder.into());
    }
    let home = |below: &str| Some(PathBuf::from(variable("HOME")?).join(below));
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else if let Some(base) = variable("XDG_CACHE_HOME") {
        Some(base.into())
    } else if cfg!(target_os = "macos") {
        home("Library/Caches")
    } else {
        home(".cache")
    };
    Some(base?.join("scorematch"))
}

/// What a folder holds; nothing if it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.with_context(|| format!("cannot read {}", folder.display())),
    }
}

/// The bytes of all files below a folder, each counted once under whichever name.
fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in entries(folder)? {
        // What was removed meanwhile has no size.
        sum += match fs::symlink_metadata(&entry) {
            Ok(found) if found.is_dir() => bytes(&entry)?,
            _ => size_of(&entry),
        };
    }
    Ok(sum)
}

/// A file's share of its bytes: cargo links files to second names.
fn size_of(file: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(file) else {
        return 0;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        found.len() / found.nlink().max(1)
    }
    #[cfg(not(unix))]
    found.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("cache");
        (root, Cache { folder })
    }

    #[test]
    fn the_folder_is_named_by_the_variable_or_the_system() {
        let of = |set: &[(&str, &str)]| {
            let set: Vec<(String, OsString)> =
                set.iter().map(|(n, v)| (n.to_string(), v.into())).collect();
            folder(move |name| {
                set.iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, value)| value.clone())
            })
        };
        assert_eq!(of(&[(VARIABLE, "/a"), ("HOME", "/h")]), Some("/a".into()));
        assert_eq!(of(&[]), None);
        if cfg!(target_os = "linux") {
            assert_eq!(of(&[("HOME", "/h")]), Some("/h/.cache/scorematch".into()));
            assert_eq!(
                of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]),
                Some("/x/scorematch".into())
            );
        }
    }

    #[test]
    fn clearing_removes_what_is_compiled_and_nothing_else() {
        let (_root, cache) = cache();
        cache.clear().expect("a folder that is not there is clear");
        drop(cache.lock(|| ()).unwrap());
        let place = cache.place("key", "Ring");
        place.write("src/main.rs", "fn main() {}").unwrap();
        place.write(SIZE, "0").unwrap();
        for name in ["run-0.cubin", "notes.txt"] {
            fs::write(cache.folder.join(name), "1234").unwrap();
        }
        let usage = cache.usage().unwrap();
        assert_eq!((usage.programs, usage.shared), (1, 0));
        assert_eq!(usage.bytes, TAG_CONTENT.len() as u64 + 12 + 1 + 4);
        cache.clear().unwrap();
        assert_eq!(fs::read(cache.folder.join("notes.txt")).unwrap(), b"1234");
        assert_eq!(cache.usage().unwrap().bytes, 0);

        fs::create_dir_all(cache.target().join("debug")).unwrap();
        let message = cache.clear().unwrap_err().to_string();
        assert!(
            message.contains("left as it is") && cache.target().exists(),
            "{message}"
        );
    }
}
