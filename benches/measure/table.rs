//! A table of text: columns as wide as what stands in them.

use std::fmt;

/// What one column of a table of `R` shows.
pub(crate) struct Column<R> {
    pub(crate) heading: &'static str,
    pub(crate) cell: fn(&R) -> String,
}

/// Rows under the headings of their columns.
pub(crate) struct Table<'a, R> {
    pub(crate) columns: &'a [Column<R>],
    pub(crate) rows: &'a [R],
}

impl<R> fmt::Display for Table<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|column| {
                let cells = self.rows.iter().map(column.cell);
                let texts: Vec<_> = std::iter::once(column.heading.to_owned())
                    .chain(cells)
                    .collect();
                let width = texts.iter().map(String::len).max().unwrap_or(0);
                texts.iter().map(|text| format!("{text:>width$}")).collect()
            })
            .collect();
        for row in 0..=self.rows.len() {
            let line: Vec<&str> = columns.iter().map(|column| &*column[row]).collect();
            writeln!(f, "{}", line.join("  "))?;
        }
        Ok(())
    }
}
