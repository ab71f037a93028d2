//! Every file under every setting of `expected.json`, as a table, in blocks, and described.

use ndarray::{Array2, Axis, concatenate};
use serde::Deserialize;

use super::folder;
use crate::data::{FileReader, Format, Table};

#[derive(Deserialize)]
struct Case {
    file: String,
    names: Option<Vec<String>>,
    values: Option<Vec<Vec<f64>>>,
    error: Option<String>,
    notes: Vec<String>,
    settings: serde_json::Map<String, serde_json::Value>,
}

impl Case {
    /// The reader of its settings, in the form in which they serialize; columns are in their text form.
    fn reader(&self) -> FileReader {
        let mut settings = self.settings.clone();
        let columns = settings.remove("columns");
        let reader: FileReader =
            serde_json::from_value(settings.into()).expect("settings of a reader");
        match columns {
            Some(columns) => reader.columns(columns.as_str().unwrap().parse().unwrap()),
            None => reader,
        }
    }

    fn about(&self) -> String {
        format!(
            "{} {}",
            self.file,
            serde_json::to_string(&self.settings).unwrap()
        )
    }
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().with_file_name("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bits(values: &Array2<f64>) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// All blocks as one matrix, and the notes after the last.
fn in_blocks(
    reader: &FileReader,
    case: &Case,
    rows: usize,
) -> crate::Result<(Array2<f64>, Vec<String>)> {
    let mut blocks = reader.blocks(folder().join(&case.file), rows)?;
    let mut found = Vec::new();
    for block in blocks.by_ref() {
        found.push(block?);
    }
    let (last, whole) = found.split_last().expect("a block");
    assert!(whole.iter().all(|block| block.nrows() == rows) && last.nrows() <= rows);
    let views: Vec<_> = found.iter().map(|block| block.view()).collect();
    assert_eq!(blocks.names().len(), last.ncols());
    Ok((concatenate(Axis(0), &views).unwrap(), blocks.notes()))
}

fn check(case: &Case, table: &Table) {
    let about = case.about();
    assert_eq!(Some(&table.names), case.names.as_ref(), "{about}");
    let expected = case.values.as_ref().unwrap_or_else(|| {
        panic!("{about} is read, and was to be refused: {:?}", case.error);
    });
    assert_eq!(
        table.values.dim(),
        (expected.len(), expected[0].len()),
        "{about}"
    );
    for (row, expected) in expected.iter().enumerate() {
        assert_eq!(&table.values.row(row).to_vec(), expected, "{about}: {row}");
    }
    for note in &case.notes {
        assert!(
            table.notes().iter().any(|found| found.contains(note)),
            "{about}: {note:?} is not among {:#?}",
            table.notes()
        );
    }
}

#[test]
fn every_file_is_read_as_its_library_wrote_it() {
    let cases = cases();
    assert!(cases.len() > 100);
    for case in &cases {
        let reader = case.reader();
        match reader.read(folder().join(&case.file)) {
            Ok(table) => check(case, &table),
            Err(error) => {
                let error = error.to_string();
                let expected = case.error.as_ref();
                assert!(
                    expected.is_some_and(|expected| error.contains(expected)),
                    "{}: {error}",
                    case.about()
                );
                assert!(error.contains(&case.file) && error.len() < 500, "{error}");
            }
        }
    }
}

#[test]
fn blocks_are_the_table_bit_for_bit() {
    for case in cases().iter().filter(|case| case.error.is_none()) {
        let (reader, about) = (case.reader(), case.about());
        let table = reader.read(folder().join(&case.file)).unwrap();
        for rows in [1, 2, 7, 1000, usize::MAX] {
            let (values, notes) = in_blocks(&reader, case, rows).unwrap();
            assert_eq!(values.dim(), table.values.dim(), "{about}");
            assert_eq!(bits(&values), bits(&table.values), "{about}");
            assert_eq!(notes, table.notes(), "{about}");
        }
    }
}

/// What is an error as a table is the same error in blocks, sooner or later.
#[test]
fn blocks_are_refused_as_tables_are() {
    for case in cases().iter().filter(|case| case.error.is_some()) {
        let reader = case.reader();
        let whole = reader.read(folder().join(&case.file)).unwrap_err();
        let blocks = in_blocks(&reader, case, 3).map(|_| ()).unwrap_err();
        assert_eq!(whole.to_string(), blocks.to_string(), "{}", case.about());
    }
}

#[test]
fn descriptions_have_names_and_rows() {
    for case in cases().iter().filter(|case| case.error.is_none()) {
        let reader = case.reader();
        let about = case.about();
        let description = reader.describe(folder().join(&case.file)).unwrap();
        assert_eq!(Some(&description.names), case.names.as_ref(), "{about}");
        let is_counted = !matches!(description.format, Format::Csv | Format::Xlsx);
        assert_eq!(description.rows.is_some(), is_counted, "{about}");
        if let Some(rows) = description.rows {
            let table = reader.read(folder().join(&case.file)).unwrap();
            assert!(rows >= table.values.nrows() as u64, "{about}");
        }
    }
}

/// Places are those that people see in the program that shows the file.
#[test]
fn places_of_all_formats() {
    use crate::data::Missing;

    for (file, row, column, place) in [
        ("gaps_c.npy", 1, 0, "row 4, column 1"),
        ("gaps_1.parquet", 1, 1, "row 5, column 2 (\"b\")"),
        ("errors.xlsx", 2, 0, "row 11, column 3 (\"a\")"),
        ("plain.csv", 0, 1, "4: column 3 (\"b\")"),
    ] {
        let reader = FileReader::new().missing(Missing::DropRows);
        let table = reader.read(folder().join(file)).unwrap();
        let found = table.place(row, column).unwrap().to_string();
        assert!(found.ends_with(place), "{found}");
        assert_eq!(table.place(table.values.nrows(), 0), None);
        assert_eq!(table.place(0, table.values.ncols()), None);
    }
}
