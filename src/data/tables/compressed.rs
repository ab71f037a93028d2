//! Text files that are compressed. Takes a file of gzip or Zstandard; produces its bytes. Files of several members or
//! frames, as parallel packers and appending programs write them, are one text.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use super::file::{Opening, damaged, decoding};
use super::limit::Limit;
use super::sniff::{Compression, HEAD, sniff};
use super::{Format, TableError};

/// The bytes of a compressed text.
///
/// # Errors
/// The file is damaged, or unpacks to more than its size makes plausible.
pub(super) fn unpack(opening: Opening) -> Result<Vec<u8>, TableError> {
    let (limit, path) = (opening.limit(), opening.path);
    let file = BufReader::new(opening.file);
    let bytes = decoding(&path, || match opening.compression {
        Compression::Zstandard => frames(file, limit, &path),
        _ => {
            let mut bytes = Vec::new();
            append(MultiGzDecoder::new(file), &mut bytes, limit, &path)?;
            Ok(bytes)
        }
    })?;
    match sniff(&path, &bytes[..bytes.len().min(HEAD)])? {
        (Format::Csv, Compression::None) => Ok(bytes),
        _ => Err(TableError::OtherFormat {
            file: path,
            found: "a compressed file of another format than text",
            cure: "unpack it",
        }),
    }
}

/// Appends what `packed` unpacks to.
fn append(
    packed: impl Read,
    bytes: &mut Vec<u8>,
    limit: Limit,
    file: &Path,
) -> Result<(), TableError> {
    let left = (limit.bytes() + 1).saturating_sub(bytes.len() as u64);
    packed
        .take(left)
        .read_to_end(bytes)
        .map_err(|error| damaged(file, error))?;
    limit.check(file, bytes.len() as u64)
}

/// The frames of a Zstandard file, one after the other; the decoder reads one.
fn frames(mut file: impl BufRead, limit: Limit, path: &Path) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    while !file
        .fill_buf()
        .map_err(|error| damaged(path, error))?
        .is_empty()
    {
        let mut frame = match StreamingDecoder::new(&mut file) {
            Ok(frame) => frame,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                skip(&mut file, u64::from(length)).map_err(|error| damaged(path, error))?;
                continue;
            }
            Err(error) => return Err(damaged(path, error)),
        };
        append(&mut frame, &mut bytes, limit, path)?;
        let decoder = &frame.decoder;
        let told = decoder.get_checksum_from_data();
        if told.is_some() && told != decoder.get_calculated_checksum() {
            return Err(damaged(path, "a checksum differs"));
        }
    }
    Ok(bytes)
}

fn skip(file: &mut impl Read, length: u64) -> io::Result<()> {
    let skipped = io::copy(&mut file.take(length), &mut io::sink())?;
    if skipped < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}
