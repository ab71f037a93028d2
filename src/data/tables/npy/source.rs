//! Opens an array and gives its rows. The bytes that a header announces must be there before anything is allocated for
//! them.

use std::io::{BufReader, Read};

use zip::{CompressionMethod, ZipArchive};

use super::element::Element;
use super::header::Header;
use super::window::Window;
use crate::data::tables::choice::{Kind, choose};
use crate::data::tables::file::{Opening, damaged, decoding, unreadable};
use crate::data::tables::notes::counted;
use crate::data::tables::place::Locator;
use crate::data::tables::settings::Settings;
use crate::data::tables::source::{Block, Opened, Seen, Source};
use crate::data::tables::{Format, TableError};

/// An array whose columns are chosen.
struct Array {
    locator: Locator,
    window: Window,
    element: Element,
    is_fortran: bool,
    /// Bytes before the first element.
    start: u64,
    rows: u64,
    width: u64,
    /// Rows that were read.
    read: u64,
    bytes: Vec<u8>,
    seen: Seen,
}

/// Chooses the columns of an array.
///
/// # Errors
/// The file is damaged or the array no table of numbers; several arrays, or none of the chosen name; as [`choose`].
pub(crate) fn open(opening: Opening, settings: &Settings) -> Result<Opened, TableError> {
    let path = opening.path.clone();
    let mut notes = Vec::new();
    let mut window = match opening.format {
        Format::Npz => {
            let (name, window) = decoding(&path, || member(opening, settings.array.as_deref()))?;
            notes.push(format!("took the array {name:?}"));
            window
        }
        _ => Window::of(opening.file, 0, opening.size),
    };
    let header = {
        let mut reader = window.reader().map_err(|error| unreadable(&path, error))?;
        Header::read(&mut reader).map_err(|what| damaged(&path, what))?
    };
    let not_a_table = |what: String, cure: &str| TableError::NotATable {
        file: path.clone(),
        what,
        cure: cure.to_owned(),
    };
    let Some(descriptor) = &header.descriptor else {
        return Err(not_a_table(
            "the array has records of several fields".to_owned(),
            "save the fields as columns: \
             `numpy.lib.recfunctions.structured_to_unstructured(array)`",
        ));
    };
    let element = Element::of(descriptor).map_err(|(what, cure)| not_a_table(what, cure))?;
    let (rows, width) = match header.shape[..] {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        [] => {
            return Err(not_a_table(
                "the array is a single number".to_owned(),
                "save an array of rows and columns",
            ));
        }
        _ => {
            return Err(not_a_table(
                format!("the array has {} axes", header.shape.len()),
                "save one of rows and columns: `array.reshape(len(array), -1)`",
            ));
        }
    };
    if rows == 0 || width == 0 {
        return Err(TableError::Empty { file: path });
    }
    let needed = rows
        .checked_mul(width)
        .and_then(|count| count.checked_mul(element.size() as u64));
    let there = window.length - header.length.min(window.length);
    let shape = format!("{} of {}", counted(rows, "row"), counted(width, "column"));
    match needed {
        Some(needed) if needed == there => {}
        Some(needed) if needed < there => {
            notes.push(format!(
                "left {} after the array",
                counted(there - needed, "byte")
            ));
        }
        _ => {
            let what =
                format!("its header announces {shape}, and {there} bytes follow, which are fewer");
            return Err(damaged(&path, what));
        }
    }
    // The bytes are there, so the number of columns is at most their number.
    let kinds = vec![Kind::Number; width as usize];
    let choice = choose(settings, &path, None, &kinds, true)?;
    notes.extend(choice.notes);
    notes.extend(element.note());
    let locator = Locator::new(&path, choice.places, None, false);
    Ok(Opened {
        locator: locator.clone(),
        notes,
        rows: Some(rows),
        source: Box::new(Array {
            locator,
            window,
            element,
            is_fortran: header.is_fortran,
            start: header.length,
            rows,
            width,
            read: 0,
            bytes: Vec::new(),
            seen: Seen::default(),
        }),
    })
}

/// The array of an archive with this name, or the only one.
fn member(opening: Opening, wanted: Option<&str>) -> Result<(String, Window), TableError> {
    let (path, limit) = (&opening.path, opening.limit());
    let of_file = |error| damaged(path, error);
    let file = opening
        .file
        .try_clone()
        .map_err(|error| unreadable(path, error))?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| of_file(error.to_string()))?;
    let mut names: Vec<String> = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(|error| of_file(error.to_string()))?;
        names.extend(name.strip_suffix(".npy").map(str::to_owned));
    }
    names.sort();
    let part = |wanted: Option<&str>| TableError::Part {
        file: path.clone(),
        part: "array",
        wanted: wanted.map(str::to_owned),
        names: names.clone(),
    };
    let name = match (wanted, &names[..]) {
        (_, []) => return Err(TableError::Empty { file: path.clone() }),
        (Some(wanted), _) if names.iter().any(|name| name == wanted) => wanted,
        (Some(wanted), _) => return Err(part(Some(wanted))),
        (None, [name]) => name,
        (None, _) => return Err(part(None)),
    };
    let mut entry = archive
        .by_name(&format!("{name}.npy"))
        .map_err(|error| of_file(error.to_string()))?;
    let window = match (entry.compression(), entry.data_start()) {
        (CompressionMethod::Stored, Some(start)) => {
            let size = entry.size().min(opening.size.saturating_sub(start));
            drop(entry);
            Window::of(opening.file, start, size)
        }
        _ => {
            let mut bytes = Vec::new();
            let unpacked = (&mut entry).take(limit.bytes() + 1).read_to_end(&mut bytes);
            unpacked.map_err(|error| of_file(error.to_string()))?;
            limit.check(path, bytes.len() as u64)?;
            Window::unpacked(bytes)
        }
    };
    Ok((name.to_owned(), window))
}

impl Source for Array {
    fn read(&mut self, most: usize, block: &mut Block) -> Result<(), TableError> {
        let rows = (most as u64).min(self.rows - self.read) as usize;
        let columns = self.locator.places.len();
        block.blank(self.read + 1, rows, columns);
        if rows > 0 {
            let read = if self.is_fortran {
                self.read_columns(rows, block)
            } else {
                self.read_rows(rows, block)
            };
            read.map_err(|error| unreadable(&self.locator.file, error))?;
            self.read += rows as u64;
        }
        Ok(())
    }

    fn seen(&self) -> Seen {
        self.seen.clone()
    }
}

impl Array {
    /// The position of an element.
    fn position(&self, element: u64) -> u64 {
        self.start + element * self.element.size() as u64
    }

    /// Rows that follow one another in the file.
    fn read_rows(&mut self, rows: usize, block: &mut Block) -> std::io::Result<()> {
        let (width, size) = (self.width as usize, self.element.size());
        let place = self.position(self.read * self.width);
        let columns = self.locator.places.len();
        let first = self.read + 1;
        let is_whole = self.locator.places.iter().copied().eq(0..width);
        if is_whole {
            self.bytes.resize(rows * width * size, 0);
            self.window.read(place, &mut self.bytes)?;
            let (values, seen) = (&mut block.values, &mut self.seen);
            self.element.decode(
                &self.bytes,
                |place, value| values[place] = value,
                |place| seen.round(first + (place / width) as u64, place % width),
            );
            return Ok(());
        }
        self.bytes.resize(width * size, 0);
        for row in 0..rows {
            let skipped = (row * width * size) as u64;
            self.window.read(place + skipped, &mut self.bytes)?;
            for (column, &chosen) in self.locator.places.iter().enumerate() {
                let bytes = &self.bytes[chosen * size..][..size];
                let value = &mut block.values[row * columns + column];
                self.element.decode_column(
                    bytes,
                    column,
                    first + row as u64,
                    &mut self.seen,
                    |_, found| *value = found,
                );
            }
        }
        Ok(())
    }

    /// Columns that follow one another in the file.
    fn read_columns(&mut self, rows: usize, block: &mut Block) -> std::io::Result<()> {
        let columns = self.locator.places.len();
        self.bytes.resize(rows * self.element.size(), 0);
        for column in 0..columns {
            let element = self.locator.places[column] as u64 * self.rows + self.read;
            self.window.read(self.position(element), &mut self.bytes)?;
            let values = &mut block.values;
            self.element.decode_column(
                &self.bytes,
                column,
                self.read + 1,
                &mut self.seen,
                |row, value| values[row * columns + column] = value,
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header may announce anything; memory is taken for what is there.
    #[test]
    fn announced_rows_are_not_allocated() {
        for shape in [
            "(1000000000000000000, 2)",
            "(18446744073709551615, 18446744073709551615)",
            "(1, 1000000000000)",
        ] {
            let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
            let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
            bytes.extend((text.len() as u16).to_le_bytes());
            bytes.extend(text.bytes());
            bytes.extend([0; 64]);
            let file = tempfile::Builder::new()
                .suffix(".npy")
                .tempfile()
                .expect("a file");
            std::fs::write(file.path(), bytes).expect("written");
            let opening = Opening::of(file.path()).expect("an npy file");
            let error = open(opening, &Settings::default()).err().expect("refused");
            assert!(
                error
                    .to_string()
                    .contains("64 bytes follow, which are fewer"),
                "{error}"
            );
        }
    }
}
