//! Opens a workbook and gives the rows of a sheet.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use calamine::{Reader, SheetType, Xlsx};
use zip::ZipArchive;

use super::sheet::{Cell, Sheet};
use crate::data::tables::cell::{self, bare};
use crate::data::tables::choice::{Kind, choose};
use crate::data::tables::file::{Opening, damaged, decoding, unreadable};
use crate::data::tables::limit::Limit;
use crate::data::tables::place::Locator;
use crate::data::tables::settings::Settings;
use crate::data::tables::source::{Block, NULL, Opened, Seen, Source};
use crate::data::tables::{Header, Missing, Separator, TableError};

/// A sheet whose columns are chosen.
struct Chosen {
    locator: Locator,
    sheet: Sheet,
    missing: Missing,
    /// The first row that was not read.
    next: usize,
    seen: Seen,
}

/// Chooses the columns of a sheet.
///
/// # Errors
/// The file is damaged; several sheets have cells, or none has the chosen name; as [`choose`].
pub(crate) fn open(opening: Opening, settings: &Settings) -> Result<Opened, TableError> {
    let path = opening.path.clone();
    let (name, sheet) = decoding(&path, || {
        fits(&opening)?;
        sheet(opening, settings.sheet.as_deref())
    })?;
    if sheet.rows.is_empty() {
        return Err(TableError::Empty { file: path });
    }
    let header = header(&sheet, settings.header);
    let kinds = kinds(&sheet, header.is_some());
    let choice = choose(settings, &path, header.as_deref(), &kinds, false)?;
    let locator = Locator::new(&path, choice.places, header.as_deref(), false);
    let mut notes = vec![format!("took the sheet {name:?}")];
    notes.extend(choice.notes);
    Ok(Opened {
        locator: locator.clone(),
        notes,
        rows: None,
        source: Box::new(Chosen {
            locator,
            sheet,
            missing: settings.missing,
            next: usize::from(header.is_some()),
            seen: Seen::default(),
        }),
    })
}

/// That all files of the archive unpack, to no more than the limit. The library unpacks without one.
fn fits(opening: &Opening) -> Result<(), TableError> {
    let path = &opening.path;
    let file = opening
        .file
        .try_clone()
        .map_err(|error| unreadable(path, error))?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, error))?;
    let limit = opening.limit();
    let mut bytes = 0;
    for place in 0..archive.len() {
        let entry = archive
            .by_index(place)
            .map_err(|error| damaged(path, error))?;
        let mut entry = entry.take(limit.bytes() + 1 - bytes);
        bytes += io::copy(&mut entry, &mut io::sink()).map_err(|error| damaged(path, error))?;
        limit.check(path, bytes)?;
    }
    Ok(())
}

/// The sheet with this name, or the only one that has cells.
fn sheet(opening: Opening, wanted: Option<&str>) -> Result<(String, Sheet), TableError> {
    let (path, limit) = (opening.path.clone(), opening.limit());
    let mut book: Xlsx<BufReader<File>> =
        Xlsx::new(BufReader::new(opening.file)).map_err(|error| damaged(&path, error))?;
    let is_sheet = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(is_sheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let part = |wanted: Option<&str>, names: Vec<String>| TableError::Part {
        file: path.clone(),
        part: "sheet",
        wanted: wanted.map(str::to_owned),
        names,
    };
    if let Some(wanted) = wanted {
        if !names.iter().any(|name| name == wanted) {
            return Err(part(Some(wanted), names));
        }
        let sheet = Sheet::read(&mut book, wanted, &path, limit)?;
        return Ok((wanted.to_owned(), sheet));
    }
    if let [name] = &names[..] {
        let sheet = Sheet::read(&mut book, name, &path, limit)?;
        return Ok((name.clone(), sheet));
    }
    let mut filled = Vec::new();
    for name in names {
        if has_cells(&mut book, &name, &path, limit)? {
            filled.push(name);
        }
    }
    match filled.pop() {
        None => Err(TableError::Empty { file: path }),
        Some(name) if filled.is_empty() => {
            let sheet = Sheet::read(&mut book, &name, &path, limit)?;
            Ok((name, sheet))
        }
        Some(name) => {
            filled.push(name);
            Err(part(None, filled))
        }
    }
}

/// Whether a sheet has cells. Several sheets are common, empty ones beside the one with the table too.
fn has_cells(
    book: &mut Xlsx<BufReader<File>>,
    name: &str,
    path: &Path,
    limit: Limit,
) -> Result<bool, TableError> {
    Ok(!Sheet::read(book, name, path, limit)?.rows.is_empty())
}

/// A text as text files have it: a number, a word for a missing value, or text.
fn read(text: &str) -> cell::Cell {
    cell::Cell::of(bare(text), Separator::Comma)
}

/// The names in the first row that has cells, if it is a header.
fn header(sheet: &Sheet, header: Header) -> Option<Vec<String>> {
    if header == Header::Absent {
        return None;
    }
    let (mut names, mut text, mut number) = (vec![String::new(); sheet.width], false, false);
    for (column, cell) in sheet.row(0) {
        let name = match cell {
            Cell::Number(value) => {
                number = true;
                value.to_string()
            }
            Cell::Bool(value) => {
                number = true;
                value.to_string()
            }
            Cell::Text(found) => {
                match read(found) {
                    cell::Cell::Number(..) => number = true,
                    cell::Cell::Text => text = true,
                    _ => {}
                }
                bare(found).to_owned()
            }
            Cell::Date => "a date".to_owned(),
            Cell::Error(error) => (*error).to_owned(),
        };
        names[*column as usize] = name;
    }
    header.is_header(text, number).then_some(names)
}

/// What each column holds, by its first cell that is not missing.
fn kinds(sheet: &Sheet, has_header: bool) -> Vec<Kind> {
    let mut kinds = vec![Kind::Empty; sheet.width];
    for place in usize::from(has_header)..sheet.rows.len() {
        for (column, cell) in sheet.row(place) {
            let kind = &mut kinds[*column as usize];
            if *kind == Kind::Empty {
                *kind = match cell {
                    Cell::Number(_) | Cell::Bool(_) => Kind::Number,
                    Cell::Date => Kind::Date,
                    Cell::Error(_) => continue,
                    Cell::Text(text) => match read(text) {
                        cell::Cell::Number(..) | cell::Cell::Infinite => Kind::Number,
                        cell::Cell::Text => Kind::Text,
                        cell::Cell::Nan | cell::Cell::Missing => continue,
                    },
                };
            }
        }
    }
    kinds
}

impl Source for Chosen {
    fn read(&mut self, most: usize, block: &mut Block) -> Result<(), TableError> {
        block.values.clear();
        block.rows.clear();
        while self.next < self.sheet.rows.len() && block.rows.len() < most {
            let place = self.next;
            let number = self.sheet.rows[place].0;
            self.next += 1;
            for (column, &chosen) in self.locator.places.iter().enumerate() {
                let cells = self.sheet.row(place);
                let cell = cells
                    .binary_search_by_key(&(chosen as u32), |cell| cell.0)
                    .ok()
                    .map(|found| &cells[found].1);
                let value = value(
                    cell,
                    &self.locator,
                    number,
                    column,
                    self.missing,
                    &mut self.seen,
                )?;
                block.values.push(value);
            }
            block.rows.push(number);
        }
        Ok(())
    }

    fn seen(&self) -> Seen {
        self.seen.clone()
    }
}

/// The number in a cell; NaN if it is missing and rows with missing values are left out.
fn value(
    cell: Option<&Cell>,
    locator: &Locator,
    number: u64,
    column: usize,
    missing: Missing,
    seen: &mut Seen,
) -> Result<f64, TableError> {
    let place = || locator.place(number, column);
    let is_missing = |found: &str| match missing {
        Missing::DropRows => Ok(NULL),
        Missing::Error => Err(TableError::Missing {
            place: place(),
            found: found.to_owned(),
        }),
    };
    match cell {
        Some(Cell::Number(value)) => Ok(*value),
        Some(Cell::Bool(value)) => {
            seen.booleans += 1;
            Ok(f64::from(u8::from(*value)))
        }
        None => is_missing(""),
        Some(Cell::Error(error)) => is_missing(error),
        Some(Cell::Date) => Err(TableError::NotANumber {
            place: place(),
            found: "a date".to_owned(),
        }),
        Some(Cell::Text(text)) => match read(text) {
            cell::Cell::Number(value, _) => {
                seen.as_text += 1;
                Ok(value)
            }
            cell::Cell::Nan | cell::Cell::Missing => is_missing(text),
            cell::Cell::Infinite => Ok(f64::INFINITY),
            cell::Cell::Text => Err(TableError::NotANumber {
                place: place(),
                found: text.to_string(),
            }),
        },
    }
}
