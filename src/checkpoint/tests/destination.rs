//! Where a checkpoint is written, and what stood there before.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{message, units, well};
use crate::checkpoint::{load, save};
use crate::error::Error;
use crate::testing::Well;
use crate::whole_file::{check_destination, temporary_prefix};

#[cfg(unix)]
#[test]
fn others_may_read_what_the_umask_lets_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, plain) = (folder.path().join("model"), folder.path().join("plain"));
    save(&path, &well(), None, 0).unwrap();
    fs::write(&plain, "").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}

#[test]
fn a_save_that_fails_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").join("model");
    assert!(
        matches!(save(&missing, &well(), None, 0), Err(Error::Io { path, .. }) if path == missing)
    );
    assert!(check_destination(&missing).is_err());
    // A folder in the place of the file: the rename fails after the temporary file was written.
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("kept"), "as it was").unwrap();
    assert!(matches!(
        save(&taken, &well(), None, 0),
        Err(Error::Io { .. })
    ));
    assert!(check_destination(&taken).is_err());
    assert_eq!(fs::read_to_string(taken.join("kept")).unwrap(), "as it was");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
    assert!(check_destination(&folder.path().join("free")).is_ok());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn names(folder: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn a_file_that_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for mode in [0o600, 0o640, 0o664, 0o400] {
        save(&path, &well(), None, 0).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let before = fs::metadata(&path).unwrap();
        save(&path, &well(), None, u64::from(mode)).unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!(after.permissions().mode() & 0o7777, mode);
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
        assert_eq!(load::<Well, f64>(&path).unwrap().step, u64::from(mode));
    }
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_written_through() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (models, links) = (folder.path().join("models"), folder.path().join("links"));
    fs::create_dir(&models).unwrap();
    fs::create_dir(&links).unwrap();
    let (file, link, second) = (models.join("model"), links.join("one"), links.join("two"));
    symlink("../models/model", &link).unwrap();
    symlink(&link, &second).unwrap();
    // First where the last link leads to nothing yet.
    for (step, path) in [&link, &second, &link].into_iter().enumerate() {
        check_destination(path).unwrap();
        save(path, &well(), None, step as u64).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
        assert!(fs::symlink_metadata(&file).unwrap().is_file());
        assert_eq!(load::<Well, f64>(&file).unwrap().step, step as u64);
        assert_eq!(names(&models), ["model"]);
        assert_eq!(names(&links), ["one", "two"]);
    }
    let endless = links.join("endless");
    symlink("endless", &endless).unwrap();
    assert!(check_destination(&endless).is_err());
    assert!(save(&endless, &well(), None, 0).is_err());
    assert!(message(&endless).contains("endless"));
}

/// A rename would put a file in the place of the device.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_replaced() {
    let path = "/dev/null";
    let error = check_destination(Path::new(path)).unwrap_err().to_string();
    assert!(
        error.contains(path) && error.contains("name a file"),
        "{error}"
    );
    assert!(matches!(
        save(path, &well(), None, 0),
        Err(Error::Io { .. })
    ));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn names_may_be_as_long_as_names_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n".repeat(255));
    save(&path, &well(), None, 3).unwrap();
    assert_eq!(load::<Well, f64>(&path).unwrap().step, 3);
}

/// A temporary file of `path`, as its writer leaves it when it is killed, or holds it while it is at work.
fn temporary_of(path: &Path, random: &str) -> (PathBuf, File) {
    let prefix = temporary_prefix(path);
    let file = path.with_file_name(format!("{prefix}{random}"));
    let writer = File::create(&file).unwrap();
    (file, writer)
}

#[test]
fn what_killed_writers_left_is_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("model"), folder.path().join("other"));
    let own = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(own, 0);
    for write in [
        (|path| check_destination(path)) as fn(&Path) -> crate::Result<()>,
        |path| save(path, &well(), Some(&units()), 1),
    ] {
        let (stale, writer) = temporary_of(&path, "killed");
        drop(writer);
        let (live, writer) = temporary_of(&path, "atwork");
        writer.lock().unwrap();
        let (of_another, _) = temporary_of(&other, "killed");
        write(&path).unwrap();
        assert!(!stale.exists());
        assert!(live.exists() && of_another.exists());
        drop(writer);
        write(&path).unwrap();
        assert!(!live.exists() && of_another.exists());
    }
}

/// Concurrent writers of one file: the last one wins, none fails, no temporary file is left.
#[test]
fn writers_may_meet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for step in 0..25 {
                    save(path, &well(), None, 100 * writer + step).unwrap();
                    load::<Well, f64>(path).unwrap();
                }
            });
        }
    });
    assert_eq!(names(folder.path()), ["model"]);
}
