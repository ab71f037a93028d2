//! Compiled programs on disk. An entry holds everything that its code was made from, so that no other code is taken for
//! it. A damaged entry is compiled again. An entry that cannot be written is not kept; one warning says so where the
//! user named the folder.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Once;

use crate::error::{Error, Result};

/// The environment variable that names the folder.
const VARIABLE: &str = "SCOREMATCH_CACHE";

const MAGIC: &[u8; 8] = b"smcubin1";

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Checks that `SCOREMATCH_CACHE`, if it is set, names a folder or a path that can become one.
///
/// # Errors
/// [`Error::InvalidSetting`]: there is something else.
pub(super) fn check_cache() -> Result<()> {
    check(variable(VARIABLE).map(PathBuf::from))
}

fn check(folder: Option<PathBuf>) -> Result<()> {
    match folder {
        Some(folder) if folder.exists() && !folder.is_dir() => Err(Error::InvalidSetting {
            setting: VARIABLE,
            found: folder.display().to_string(),
            expected: "that is no folder: name one, which need not exist, or unset the variable"
                .to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The folder: `SCOREMATCH_CACHE`, or `scorematch` where this system keeps caches.
pub(super) fn folder() -> Option<PathBuf> {
    if let Some(folder) = variable(VARIABLE) {
        return Some(folder.into());
    }
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA").map(PathBuf::from)
    } else {
        variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")))
    };
    Some(base?.join("scorematch"))
}

/// The code of a key, if the cache has it.
pub(super) fn find(entry: &str, key: &str) -> Option<Vec<u8>> {
    read(&file(&folder()?, entry, key), key)
}

/// Keeps the code of a key.
pub(super) fn keep(entry: &str, key: &str, code: &[u8]) {
    if let Some(folder) = folder()
        && let Err(error) = write(&folder, entry, key, code)
    {
        let message = format!(
            "{}: {error}; compiled programs are not kept",
            folder.display()
        );
        static TOLD: Once = Once::new();
        match variable(VARIABLE) {
            Some(_) => TOLD.call_once(|| log::warn!("{message}")),
            None => log::debug!("{message}"),
        }
    }
}

fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

fn file(folder: &Path, entry: &str, key: &str) -> PathBuf {
    folder.join(format!("{entry}-{:016x}.cubin", hash(&[key.as_bytes()])))
}

/// Written under another name and renamed, so that a reader finds all of it or nothing.
fn write(folder: &Path, entry: &str, key: &str, code: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file_under_way = tempfile::NamedTempFile::new_in(folder)?;
    file_under_way.write_all(MAGIC)?;
    file_under_way.write_all(&hash(&[key.as_bytes(), code]).to_le_bytes())?;
    file_under_way.write_all(&(key.len() as u64).to_le_bytes())?;
    file_under_way.write_all(key.as_bytes())?;
    file_under_way.write_all(code)?;
    file_under_way.persist(file(folder, entry, key))?;
    Ok(())
}

fn read(path: &Path, key: &str) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    let (sum, rest) = rest.split_first_chunk::<8>()?;
    let (len, rest) = rest.split_first_chunk::<8>()?;
    let (found, code) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
    let sound = found == key.as_bytes() && u64::from_le_bytes(*sum) == hash(&[found, code]);
    sound.then(|| code.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_a_folder_or_nothing_yet() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let (there, new) = (folder.path().to_owned(), folder.path().join("new"));
        for sound in [None, Some(there), Some(new)] {
            assert!(check(sound).is_ok());
        }
        let message = check(Some(file.clone())).unwrap_err().to_string();
        assert!(message.contains(VARIABLE) && message.contains(file.to_str().unwrap()));
    }

    #[test]
    fn entries_are_found_again_unless_they_are_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let (key, code) = ("options and source", b"machine code");
        let path = file(folder.path(), "run", key);
        assert_eq!(read(&path, key), None);
        write(folder.path(), "run", key, code).unwrap();
        assert_eq!(read(&path, key).as_deref(), Some(&code[..]));
        // A key with the same hash has the same file.
        assert_eq!(read(&path, "other options and source"), None);
        let sound = fs::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut damaged = sound.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(read(&path, key), None, "byte {at}");
        }
        for len in 0..sound.len() {
            fs::write(&path, &sound[..len]).unwrap();
            assert_eq!(read(&path, key), None, "{len} bytes");
        }
        write(folder.path(), "run", key, code).unwrap();
        assert_eq!(read(&path, key).as_deref(), Some(&code[..]));
    }
}
