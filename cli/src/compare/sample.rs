//! The data of a comparison: two columns, their labels, and where they came from.

use std::path::Path;

use anyhow::{Result, bail};
use ndarray::Array2;
use scorematch::data::{Columns, CsvReader, Header, Layout, OLD_FAITHFUL};

/// Two measured quantities, a row a sample.
pub(super) struct Sample {
    /// What the data are called.
    pub(super) name: String,
    /// `[n, 2]`, in the data's own units, all finite.
    pub(super) values: Array2<f64>,
    /// What each column measures, with its unit where that is known.
    pub(super) labels: [String; 2],
    /// What the data are and whose they are.
    pub(super) about: String,
    /// How the file was read, if they are of one.
    pub(super) layout: Option<Layout>,
}

impl Sample {
    /// Old Faithful, as it ships with the library.
    pub(super) fn old_faithful() -> Sample {
        let set = OLD_FAITHFUL;
        let (about, source, licence) = (set.about, set.source, set.licence);
        Sample {
            name: set.name.into(),
            values: set.table().values,
            labels: [
                "duration of the eruption (min)",
                "waiting time to the next (min)",
            ]
            .map(String::from),
            about: format!("{about}. Source: {source}. Terms: {licence}."),
            layout: None,
        }
    }

    /// Two columns of a file; its header names them.
    pub(super) fn read(file: &Path, columns: &Columns, header: Header) -> Result<Sample> {
        let table = CsvReader::new()
            .columns(columns.clone())
            .header(header)
            .read(file)?;
        let layout = table.layout();
        let found = table.values.ncols();
        table.check_float32()?;
        let Ok(labels) = <[String; 2]>::try_from(table.names) else {
            bail!(
                "{}: a comparison is drawn in a plane and needs two columns of numbers; found {found}; \
                 choose two with --columns, by name or number",
                file.display()
            );
        };
        Ok(Sample {
            name: file
                .file_name()
                .unwrap_or(file.as_os_str())
                .to_string_lossy()
                .into_owned(),
            about: format!("{}, {} rows.", file.display(), table.values.nrows()),
            values: table.values,
            labels: labels.map(|label| short(&label)),
            layout,
        })
    }
}

/// A name that fits on an axis and in a message.
fn short(name: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_number_of_columns_is_checked_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("three.csv");
        fs::write(&file, "a,b,c\n1,2,3\n4,5,6\n").unwrap();
        let message = Sample::read(&file, &Columns::All, Header::Auto)
            .err()
            .unwrap()
            .to_string();
        assert!(
            message.contains("found 3") && message.contains("--columns"),
            "{message}"
        );
        let sample = Sample::read(&file, &"c,a".parse().unwrap(), Header::Auto).unwrap();
        assert_eq!(sample.labels, ["c", "a"]);
        assert_eq!(sample.values, ndarray::array![[3.0, 1.0], [6.0, 4.0]]);
    }
}
