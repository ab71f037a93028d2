//! Tables of text: the same cells as aligned columns for a terminal and, by the template of a page, as HTML.

use std::fmt;

use serde::Serialize;

/// A header and rows of cells; the first column is left-aligned, the others are right-aligned.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    cells: Vec<String>,
    marked: bool,
}

impl Table {
    /// A table with these column heads and no rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Table {
        Table {
            header: header.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as the header has.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.push(cells.into_iter().collect(), false);
    }

    /// Adds a row that stands out on a page.
    pub fn marked_row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.push(cells.into_iter().collect(), true);
    }

    fn push(&mut self, cells: Vec<String>, marked: bool) {
        assert_eq!(
            cells.len(),
            self.header.len(),
            "a row has a cell for each column"
        );
        self.rows.push(Row { cells, marked });
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || {
            let rows = self.rows.iter().map(|row| &row.cells);
            std::iter::once(&self.header).chain(rows)
        };
        let width = |column: usize| {
            lines()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        for (number, row) in lines().enumerate() {
            let (first, others) = (&row[0], &row[1..]);
            write!(f, "{first:<w$}", w = widths[0])?;
            for (cell, w) in others.iter().zip(&widths[1..]) {
                write!(f, "   {cell:>w$}")?;
            }
            if number == 0 {
                let rule: usize = widths.iter().sum::<usize>() + 3 * (widths.len() - 1);
                write!(f, "\n{}", "─".repeat(rule))?;
            }
            if number < self.rows.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(["loss", "J"]);
        table.row(["ESM".into(), "−1.50".into()]);
        table.row(["a<b".into(), "2".into()]);
        table
    }

    #[test]
    fn columns_line_up() {
        let expected = "loss       J\n────────────\nESM    −1.50\na<b        2";
        assert_eq!(sample().to_string(), expected);
    }
}
