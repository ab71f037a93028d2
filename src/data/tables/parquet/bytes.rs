//! The bytes of a file for the crate `parquet`, which checks what a page announces before memory is taken for it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// Bytes that a page may unpack to, whatever its size; and beyond them for each of its bytes. Packers are told to write
/// pages of about 1 MB; one column of one value is packed to a thousandth.
const FREE: i64 = 64 << 20;
const RATIO: i64 = 1000;

/// A file. Every read has a handle of its own, with a position of its own if it stays within one call.
pub(super) struct Checked(pub(super) File);

impl Length for Checked {
    fn len(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }
}

impl ChunkReader for Checked {
    type T = BufReader<File>;

    /// A reader from `start` on, which is where the header of a page or the end of the file begins.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut file = self.0.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        let mut head = [0; 24];
        let mut count = 0;
        while count < head.len() {
            match file.read(&mut head[count..])? {
                0 => break,
                read => count += read,
            }
        }
        if let Some((unpacked, packed)) = sizes(&head[..count])
            && (unpacked < 0 || unpacked > packed.max(0).saturating_mul(RATIO) + FREE)
        {
            return Err(ParquetError::General(format!(
                "a page of {packed} bytes announces {unpacked}"
            )));
        }
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(file))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF("it ends within a page".to_owned()));
        }
        let mut file = self.0.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// The unpacked and the packed size of the page whose header this is: the second and the third field, after the type.
/// `None` if these bytes are no header of a page.
fn sizes(head: &[u8]) -> Option<(i64, i64)> {
    /// The mark of an integer of 32 bits whose number follows that of the field before.
    const NEXT_INTEGER: u8 = 0x15;
    let mut rest = head;
    let mut field = || {
        let (&mark, after) = rest.split_first()?;
        if mark != NEXT_INTEGER {
            return None;
        }
        rest = after;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        None
    };
    field()?;
    Some((field()?, field()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_a_page() {
        assert_eq!(sizes(&[0x15, 0, 0x15, 0x80, 1, 0x15, 6]), Some((64, 3)));
        assert_eq!(sizes(&[0x15, 0, 0x15, 1, 0x15, 6]), Some((-1, 3)));
        assert_eq!(sizes(&[0x15, 4, 0x19, 1]), None);
        assert_eq!(sizes(&[0x15, 4]), None);
    }
}
