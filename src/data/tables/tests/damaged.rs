//! Files that end early or have bytes changed: read, or refused with a message about the file. No panic, and no more
//! memory than the limits allow.

use std::path::Path;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::folder;
use crate::data::{FileReader, Missing};

/// Changes of each file, unless `SCOREMATCH_MUTATIONS` says otherwise.
const MUTATIONS: usize = 2000;

/// Reads bytes under a name; returns whether they were read.
fn is_read(folder: &Path, name: &str, bytes: &[u8]) -> bool {
    let file = folder.join(name);
    // A file that is emptied and written again goes to disk at once, a new one does not.
    let _ = std::fs::remove_file(&file);
    std::fs::write(&file, bytes).unwrap();
    let reader = FileReader::new().missing(Missing::DropRows);
    match reader.read(&file) {
        Ok(table) => {
            assert!(!table.values.is_empty() && table.values.iter().all(|x| x.is_finite()));
            assert_eq!(table.values.ncols(), table.names.len());
            let (row, column) = (table.values.nrows() - 1, table.values.ncols() - 1);
            assert!(table.place(row, column).is_some());
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(name), "{message}");
            assert!(message.len() < 1000 + folder.as_os_str().len(), "{message}");
            false
        }
    }
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn files_that_end_early() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, bytes) in files() {
        // Headers and footers at every length, what is between in steps.
        let step = (bytes.len() / 60).max(1);
        for length in 0..bytes.len() {
            let is_edge = length < 40 || bytes.len() - length < 12;
            if is_edge || length % step == 0 {
                is_read(scratch.path(), &name, &bytes[..length]);
            }
        }
    }
}

#[test]
fn files_with_bytes_changed() {
    let scratch = tempfile::tempdir().unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let count = std::env::var("SCOREMATCH_MUTATIONS")
        .map_or(MUTATIONS, |text| text.parse().expect("a number"));
    let (mut read, mut refused) = (0, 0);
    for (name, sound) in files() {
        for _ in 0..count {
            let mut bytes = sound.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bytes.len());
                match random.random_range(0..6) {
                    0 => bytes[at] = random.random(),
                    1 => bytes[at] ^= 1 << random.random_range(0..8),
                    2 => bytes[at] = [0, 1, 127, 128, 255][random.random_range(0..5)],
                    3 => drop(bytes.remove(at)),
                    4 => bytes.insert(at, random.random()),
                    _ => {
                        let end = (at + 8).min(bytes.len());
                        bytes[at..end].fill(0xff);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            match is_read(scratch.path(), &name, &bytes) {
                true => read += 1,
                false => refused += 1,
            }
        }
    }
    assert!(read > count && refused > count, "{read} and {refused}");
}

/// A gigabyte of zeros in a megabyte.
#[test]
fn what_unpacks_without_end_is_refused() {
    use std::io::Write;

    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("zeros.csv.gz");
    let mut packer = flate2::write::GzEncoder::new(
        std::fs::File::create(&file).unwrap(),
        flate2::Compression::best(),
    );
    let line = b"0,0,0,0,0,0,0,0,0,0\n".repeat(1 << 15);
    for _ in 0..1 << 10 {
        packer.write_all(&line).unwrap();
    }
    packer.finish().unwrap();
    let error = FileReader::new().read(&file).unwrap_err().to_string();
    assert!(error.contains("the content takes more than"), "{error}");
}
