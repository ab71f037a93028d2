//! The bytes of one array: a part of a file, or what was unpacked of it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

/// Bytes that are read from any position.
pub(super) struct Window {
    bytes: Bytes,
    start: u64,
    /// The number of bytes.
    pub(super) length: u64,
}

enum Bytes {
    File(File),
    Memory(Cursor<Vec<u8>>),
}

impl Window {
    /// `length` bytes of a file from `start` on.
    pub(super) fn of(file: File, start: u64, length: u64) -> Self {
        Window {
            bytes: Bytes::File(file),
            start,
            length,
        }
    }

    /// Bytes that were unpacked.
    pub(super) fn unpacked(bytes: Vec<u8>) -> Self {
        Window {
            length: bytes.len() as u64,
            bytes: Bytes::Memory(Cursor::new(bytes)),
            start: 0,
        }
    }

    /// Fills `into` with the bytes from `place` on.
    pub(super) fn read(&mut self, place: u64, into: &mut [u8]) -> io::Result<()> {
        let end = place.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let place = self.start + place;
        match &mut self.bytes {
            Bytes::File(file) => {
                file.seek(SeekFrom::Start(place))?;
                file.read_exact(into)
            }
            Bytes::Memory(bytes) => {
                bytes.set_position(place);
                bytes.read_exact(into)
            }
        }
    }

    /// A reader of the bytes from the start.
    pub(super) fn reader(&mut self) -> io::Result<impl Read + '_> {
        let bytes: &mut dyn Read = match &mut self.bytes {
            Bytes::File(file) => {
                file.seek(SeekFrom::Start(self.start))?;
                file
            }
            Bytes::Memory(bytes) => {
                bytes.set_position(self.start);
                bytes
            }
        };
        Ok(io::BufReader::new(bytes.take(self.length)))
    }
}
