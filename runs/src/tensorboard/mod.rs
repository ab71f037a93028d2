//! Event files that TensorBoard reads: the numbers of a run in, records of scalars out.
//!
//! The content of a record is a message `Event` of `tensorflow/core/util/event.proto`; the first names the version of the
//! format. The bytes depend on the metrics and the start of the run alone.

mod record;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scorematch::__private::write_whole;

use self::record::record;
use crate::metrics::Metric;

/// An event file that grows with its run.
pub struct EventFile {
    path: PathBuf,
    file: File,
    started: u64,
}

impl EventFile {
    /// Writes the file of a run that began at `started`, in seconds since 1970, with the metrics that there are so far.
    /// A file of the same run is replaced.
    pub fn create(folder: &Path, started: u64, metrics: &[Metric]) -> Result<EventFile> {
        let path = folder.join(format!("events.out.tfevents.{started:010}.scorematch"));
        let cure = || format!("cannot write the TensorBoard file {}", path.display());
        write_whole(&path, &encode(started, metrics)).with_context(cure)?;
        let file = File::options()
            .append(true)
            .open(&path)
            .with_context(cure)?;
        Ok(EventFile {
            path,
            file,
            started,
        })
    }

    /// Appends the scalars of one more metric.
    pub fn add(&mut self, metric: &Metric) -> Result<()> {
        let records = scalars(self.started, metric);
        self.file
            .write_all(&records)
            .with_context(|| format!("cannot write the TensorBoard file {}", self.path.display()))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The content of a whole file.
fn encode(started: u64, metrics: &[Metric]) -> Vec<u8> {
    let mut version = Message::at(started as f64);
    version.bytes(FILE_VERSION, b"brain.Event:2");
    let mut content = record(&version.0);
    for metric in metrics {
        content.extend(scalars(started, metric));
    }
    content
}

/// The records of one metric: none, or one with a scalar for each of its numbers.
fn scalars(started: u64, metric: &Metric) -> Vec<u8> {
    let (values, step, seconds) = match metric {
        Metric::Train {
            step,
            loss,
            gradient_norm,
            learning_rate,
            seconds,
            epoch: _,
        } => (
            vec![
                ("train/loss", loss),
                ("train/gradient_norm", gradient_norm),
                ("train/learning_rate", learning_rate),
            ],
            step,
            seconds,
        ),
        Metric::Evaluation {
            step,
            seconds,
            loss,
            standard_error,
            improvement: _,
        } => (
            vec![
                ("held_out/loss", loss),
                ("held_out/standard_error", standard_error),
            ],
            step,
            seconds,
        ),
        Metric::Resumed { .. } | Metric::Finished { .. } => return Vec::new(),
    };
    let mut summary = Message(Vec::new());
    for (tag, value) in values {
        let mut scalar = Message(Vec::new());
        scalar.bytes(TAG, tag.as_bytes());
        scalar.float(SIMPLE_VALUE, *value as f32);
        summary.bytes(VALUE, &scalar.0);
    }
    let mut event = Message::at(started as f64 + seconds);
    event.integer(STEP, *step);
    event.bytes(SUMMARY, &summary.0);
    record(&event.0)
}

// Fields of `Event`, of `Summary` and of `Summary.Value`.
const WALL_TIME: u64 = 1;
const STEP: u64 = 2;
const FILE_VERSION: u64 = 3;
const SUMMARY: u64 = 5;
const VALUE: u64 = 1;
const TAG: u64 = 1;
const SIMPLE_VALUE: u64 = 2;

/// A message of protocol buffers under construction.
struct Message(Vec<u8>);

impl Message {
    /// An event at a time in seconds since 1970.
    fn at(time: f64) -> Message {
        let mut event = Message(Vec::new());
        event.key(WALL_TIME, 1);
        event.0.extend(time.to_le_bytes());
        event
    }

    fn integer(&mut self, field: u64, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.key(field, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn float(&mut self, field: u64, value: f32) {
        self.key(field, 5);
        self.0.extend(value.to_le_bytes());
    }

    fn key(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    /// Seven bits a byte, the lowest first; the high bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A checksum as zlib's manual defines one, bit by bit and without a table.
    fn slow_crc(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0x82f6_3b78 * (crc & 1));
            }
        }
        !crc
    }

    /// The contents of the records, each with both checksums verified.
    fn records(mut file: &[u8]) -> Vec<&[u8]> {
        let check = |bytes: &[u8], found: &[u8]| {
            let crc = slow_crc(bytes);
            let expected = crc.rotate_right(15).wrapping_add(0xa282_ead8);
            assert_eq!(found, expected.to_le_bytes());
        };
        let mut found = Vec::new();
        while !file.is_empty() {
            let (length, rest) = file.split_at(8);
            check(length, &rest[..4]);
            let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
            let content = &rest[4..4 + length];
            check(content, &rest[4 + length..8 + length]);
            found.push(content);
            file = &rest[8 + length..];
        }
        found
    }

    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    /// Number, wire type and bytes of each field; an integer as eight bytes.
    fn fields(mut message: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
        let mut found = Vec::new();
        while !message.is_empty() {
            let key = varint(&mut message);
            let length = match key & 7 {
                0 => {
                    let value = varint(&mut message);
                    found.push((key >> 3, 0, value.to_le_bytes().to_vec()));
                    continue;
                }
                1 => 8,
                2 => varint(&mut message) as usize,
                5 => 4,
                other => panic!("wire type {other}"),
            };
            let (value, rest) = message.split_at(length);
            found.push((key >> 3, key & 7, value.to_vec()));
            message = rest;
        }
        found
    }

    fn metrics() -> Vec<Metric> {
        vec![
            Metric::Train {
                step: 300,
                epoch: 2,
                loss: -1.5,
                gradient_norm: 0.25,
                learning_rate: f64::NAN,
                seconds: 2.5,
            },
            Metric::Resumed {
                step: 300,
                changes: Vec::new(),
            },
            Metric::Evaluation {
                step: 400,
                seconds: 3.0,
                loss: -2.0,
                standard_error: 0.125,
                improvement: true,
            },
        ]
    }

    #[test]
    fn a_reader_of_the_format_finds_every_scalar() {
        let folder = tempfile::tempdir().unwrap();
        let (first, last) = (&metrics()[..2], &metrics()[2]);
        let mut file = EventFile::create(folder.path(), 1_700_000_000, first).unwrap();
        file.add(last).unwrap();
        let name = file.path().file_name().unwrap();
        assert_eq!(name, "events.out.tfevents.1700000000.scorematch");
        let content = fs::read(file.path()).unwrap();
        assert_eq!(content, encode(1_700_000_000, &metrics()));
        let records = records(&content);
        let version = &fields(records[0])[1];
        assert_eq!(version, &(3, 2, b"brain.Event:2".to_vec()));
        let mut found = Vec::new();
        for event in &records[1..] {
            let [time, step, summary] = &fields(event)[..] else {
                panic!("an event has three fields");
            };
            assert_eq!(
                [(time.0, time.1), (step.0, step.1), (summary.0, summary.1)],
                [(1, 1), (2, 0), (5, 2)]
            );
            let time = f64::from_le_bytes(time.2[..].try_into().unwrap());
            let step = u64::from_le_bytes(step.2[..].try_into().unwrap());
            for value in fields(&summary.2) {
                let [tag, number] = &fields(&value.2)[..] else {
                    panic!("a value has two fields");
                };
                let number = f32::from_le_bytes(number.2[..].try_into().unwrap());
                let tag = String::from_utf8(tag.2.clone()).unwrap();
                found.push(format!("{tag} {step} {} {number}", time - 1.7e9));
            }
        }
        assert_eq!(
            found,
            [
                "train/loss 300 2.5 -1.5",
                "train/gradient_norm 300 2.5 0.25",
                "train/learning_rate 300 2.5 NaN",
                "held_out/loss 400 3 -2",
                "held_out/standard_error 400 3 0.125",
            ]
        );
    }
}
