//! Tells which format a file has: by its first bytes, then by its name.

use std::path::Path;

use super::{Format, TableError};

/// How a text file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstandard,
}

/// The first bytes by which formats are told.
pub(super) const HEAD: usize = 4096;

const TO_TABLE: &str = "save the table as CSV, npy, Parquet or xlsx";
const UNPACK: &str = "unpack it";

/// Formats that are recognised to tell what they are.
const OTHERS: [(&[u8], &str, &str); 11] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", TO_TABLE),
    (
        b"ARROW1",
        "an Arrow or Feather file",
        "save the table as Parquet",
    ),
    (b"FEA1", "a Feather file", "save the table as Parquet"),
    (b"ORC", "an ORC file", "save the table as Parquet"),
    (b"PARE", "an encrypted Parquet file", "decrypt it"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an xls file, or an xlsx file with a password",
        "save it as xlsx without a password",
    ),
    (b"BZh", "a file that bzip2 compressed", UNPACK),
    (b"\xfd7zXZ\0", "a file that xz compressed", UNPACK),
    (b"SQLite format 3\0", "an SQLite database", TO_TABLE),
    (b"MATLAB 5.0", "a MATLAB file", TO_TABLE),
    (b"%PDF-", "a PDF file", TO_TABLE),
];

/// The format of a file that begins with `head`, its first [`HEAD`] bytes or all it has.
///
/// # Errors
/// The format is another one or unknown, or not that of the name.
pub(super) fn sniff(file: &Path, head: &[u8]) -> Result<(Format, Compression), TableError> {
    let file_of = || file.to_owned();
    let named = Format::named(file);
    let found = match head {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => (Format::Npy, Compression::None),
        [b'P', b'A', b'R', b'1', ..] if !is_text(head) => (Format::Parquet, Compression::None),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => match (archive(head), named) {
            (Some(format), _) | (None, Some(format @ (Format::Npz | Format::Xlsx))) => {
                (format, Compression::None)
            }
            _ => {
                return Err(TableError::OtherFormat {
                    file: file_of(),
                    found: "a zip archive without arrays or sheets",
                    cure: UNPACK,
                });
            }
        },
        [0x1f, 0x8b, ..] => (Format::Csv, Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            (Format::Csv, Compression::Zstandard)
        }
        _ => {
            // A header of text may begin as one of these: `ORCID`.
            let other = OTHERS.iter().find(|(magic, ..)| head.starts_with(magic));
            if let Some(&(_, found, cure)) = other.filter(|_| !is_text(head)) {
                let file = file_of();
                return Err(TableError::OtherFormat { file, found, cure });
            }
            return match named {
                Some(format) if format != Format::Csv => Err(TableError::NotAsNamed {
                    file: file_of(),
                    format,
                }),
                // A named text file says itself which of its lines is no text.
                Some(_) => Ok((Format::Csv, Compression::None)),
                None if is_marked_up(head) => Err(TableError::OtherFormat {
                    file: file_of(),
                    found: "a JSON, XML or HTML file, or one like it",
                    cure: TO_TABLE,
                }),
                None if is_text(head) => Ok((Format::Csv, Compression::None)),
                None => Err(TableError::UnknownFormat { file: file_of() }),
            };
        }
    };
    Ok(found)
}

/// What a zip archive holds, by the name of its first file.
fn archive(head: &[u8]) -> Option<Format> {
    let length = u16::from_le_bytes([*head.get(26)?, *head.get(27)?]);
    let name = head.get(30..30 + usize::from(length))?;
    if name.ends_with(b".npy") {
        return Some(Format::Npz);
    }
    let is_sheet = [&b"[Content_Types].xml"[..], b"xl/", b"_rels/", b"docProps/"]
        .iter()
        .any(|start| name.starts_with(start));
    is_sheet.then_some(Format::Xlsx)
}

/// Whether bytes are text: UTF-16 with its mark, or bytes without those that text does not have.
fn is_text(head: &[u8]) -> bool {
    let has_mark = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    has_mark
        || !head
            .iter()
            .any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31))
}

/// Whether a text begins as one of objects or elements does, and no line of cells.
fn is_marked_up(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    matches!(text.trim_ascii_start(), [b'{' | b'[' | b'<', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide_before_the_name() {
        let of = |name: &str, head: &[u8]| sniff(Path::new(name), head);
        assert_eq!(of("x.csv", b"\x93NUMPY\x01\x00").unwrap().0, Format::Npy);
        assert_eq!(of("x", b"1,2\n").unwrap().0, Format::Csv);
        assert_eq!(
            of("x.npy", b"1,2\n").unwrap_err().to_string(),
            "x.npy: the name is that of a file of npy, the content is not: it is damaged, or another kind of file"
        );
        assert!(matches!(
            of("x", b"\0\x01\x02"),
            Err(TableError::UnknownFormat { .. })
        ));
        assert_eq!(
            of("x.h5", b"\x89HDF\r\n\x1a\n\0\0")
                .unwrap_err()
                .to_string(),
            "x.h5: an HDF5 file, which is not read; save the table as CSV, npy, Parquet or xlsx"
        );
        for text in [&b"[{\"a\": 1}]"[..], b"\n<html>"] {
            let error = of("x", text).unwrap_err().to_string();
            assert!(error.starts_with("x: a JSON, XML or HTML file"), "{error}");
        }
        assert_eq!(
            of("x.csv.gz", b"\x1f\x8b\x08").unwrap(),
            (Format::Csv, Compression::Gzip)
        );
        let zip = |name: &[u8]| {
            let mut head = b"PK\x03\x04".to_vec();
            head.resize(30, 0);
            head[26] = name.len() as u8;
            head.extend(name);
            head
        };
        assert_eq!(of("x", &zip(b"a.npy")).unwrap().0, Format::Npz);
        assert_eq!(of("x", &zip(b"xl/workbook.xml")).unwrap().0, Format::Xlsx);
        for header in ["ORCID,x\n1,2\n", "PAR1,PAR2\n1,2\n", "BZh,x\n1,2\n"] {
            assert_eq!(of("x", header.as_bytes()).unwrap().0, Format::Csv);
        }
        assert!(matches!(
            of("x.zip", &zip(b"a.csv")),
            Err(TableError::OtherFormat { .. })
        ));
    }
}
