//! The cells of a sheet, row by row. The library's own matrix of a sheet reaches from its first cell to its last, so one
//! cell far away would make it as large as all sheets can be; here rows and columns without cells take no memory.

use std::path::Path;

use calamine::{CellErrorType, DataRef, Xlsx};

use crate::data::tables::TableError;
use crate::data::tables::file::damaged;
use crate::data::tables::limit::Limit;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    Bool(bool),
    Date,
    Text(Box<str>),
    /// An error of a formula, such as `#N/A`.
    Error(&'static str),
}

/// Cells that are not empty, in the order of the file.
#[derive(Default)]
pub(super) struct Sheet {
    /// The number of each row that has cells, from 1, and the end of its cells.
    pub(super) rows: Vec<(u64, usize)>,
    /// The column, from 0, of each cell.
    pub(super) cells: Vec<(u32, Cell)>,
    /// The number of columns, up to the last that has cells.
    pub(super) width: usize,
}

impl Sheet {
    /// Reads a sheet of a workbook.
    pub(super) fn read<R: std::io::Read + std::io::Seek>(
        book: &mut Xlsx<R>,
        name: &str,
        file: &Path,
        limit: Limit,
    ) -> Result<Self, TableError> {
        let mut sheet = Sheet::default();
        let mut cells = book
            .worksheet_cells_reader(name)
            .map_err(|error| damaged(file, error))?;
        let (mut last, mut bytes) = (None, 0);
        while let Some(found) = cells.next_cell().map_err(|error| damaged(file, error))? {
            let position = found.get_position();
            let Some(cell) = Cell::of(found.get_value()) else {
                continue;
            };
            if last.is_some_and(|last| last >= position) {
                return Err(damaged(file, "the cells of a sheet are out of order"));
            }
            let is_new_row = last.is_none_or(|last: (u32, u32)| last.0 != position.0);
            last = Some(position);
            bytes += size_of::<(u32, Cell)>() as u64;
            if let Cell::Text(text) = &cell {
                bytes += text.len() as u64;
            }
            limit.check(file, bytes)?;
            sheet.width = sheet.width.max(position.1 as usize + 1);
            sheet.cells.push((position.1, cell));
            let end = sheet.cells.len();
            if is_new_row {
                sheet.rows.push((u64::from(position.0) + 1, end));
            } else if let Some(row) = sheet.rows.last_mut() {
                row.1 = end;
            }
        }
        Ok(sheet)
    }

    /// The cells of a row by its position among those that have cells, which must be there.
    pub(super) fn row(&self, place: usize) -> &[(u32, Cell)] {
        let start = place.checked_sub(1).map_or(0, |before| self.rows[before].1);
        &self.cells[start..self.rows[place].1]
    }
}

impl Cell {
    fn of(found: &DataRef) -> Option<Cell> {
        Some(match found {
            DataRef::Int(value) => Cell::Number(*value as f64),
            DataRef::Float(value) => Cell::Number(*value),
            DataRef::String(text) => return Cell::text(text),
            DataRef::SharedString(text) => return Cell::text(text),
            DataRef::Bool(value) => Cell::Bool(*value),
            DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::Date,
            DataRef::Error(error) => Cell::Error(match error {
                CellErrorType::Div0 => "#DIV/0!",
                CellErrorType::NA => "#N/A",
                CellErrorType::Name => "#NAME?",
                CellErrorType::Null => "#NULL!",
                CellErrorType::Num => "#NUM!",
                CellErrorType::Ref => "#REF!",
                CellErrorType::Value => "#VALUE!",
                _ => "an error",
            }),
            _ => return None,
        })
    }

    /// A text; one of blanks is no cell.
    fn text(text: &str) -> Option<Cell> {
        let is_blank = text.trim().is_empty();
        (!is_blank).then(|| Cell::Text(text.into()))
    }
}
