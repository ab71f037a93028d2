//! Tables of text: the same cells as aligned columns for a terminal and as HTML for a report.

use std::fmt;

/// A header and rows of cells; the first column is left-aligned, the others are right-aligned.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column heads and no rows.
    pub fn new<const N: usize>(header: [&str; N]) -> Table {
        Table {
            header: header.map(String::from).into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as the header has.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.header.len(), "a row has a cell for each column");
        self.rows.push(cells.into());
    }

    /// The table as an HTML element.
    pub fn html(&self) -> String {
        let line = |cells: &[String], tag: &str| {
            let cell = |c: &String| format!("<{tag}>{}</{tag}>", escape(c));
            format!("<tr>{}</tr>\n", cells.iter().map(cell).collect::<String>())
        };
        let rows: String = self.rows.iter().map(|row| line(row, "td")).collect();
        let header = line(&self.header, "th");
        format!("<table>\n<thead>{header}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || std::iter::once(&self.header).chain(&self.rows);
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

/// Text as it stands in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
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

    #[test]
    fn html_cells_are_escaped() {
        assert!(sample().html().contains("<td>a&lt;b</td>"));
    }
}
