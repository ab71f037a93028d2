//! Files as people have them, sound and broken.

use std::io::Write;

use super::{Columns, DataError, Table};

fn parse(text: &str) -> Result<Table, DataError> {
    Table::parse("points.csv", text.as_bytes(), &Columns::All)
}

fn message(text: &str) -> String {
    parse(text).expect_err("the text is broken").to_string()
}

#[test]
fn header_or_none() {
    let table = parse("a,b\n1,2\n3,4\n").unwrap();
    assert_eq!(table.names, ["a", "b"]);
    assert_eq!(table.values, ndarray::array![[1.0, 2.0], [3.0, 4.0]]);
    let bare = parse("1,2\n3,4").unwrap();
    assert_eq!(bare.names, ["column 1", "column 2"]);
    assert_eq!(bare.values, table.values);
}

#[test]
fn other_separators_quotes_marks_and_line_ends() {
    let expected = parse("a,b\n1,-2.5e-3\n").unwrap();
    for text in [
        "a;b\r\n1;-2.5e-3\r\n",
        "a\tb\n1\t-2.5e-3",
        "\u{feff}a,b\n 1 , -2.5e-3 \n",
        "\"a\",\"b\"\n\"1\",\"-2.5e-3\"\n",
        "\n\na,b\n\n1,-2.5e-3\n\n",
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text:?}");
    }
    assert_eq!(parse("a\n1\n2\n").unwrap().values.dim(), (2, 1));
}

#[test]
fn row_names_are_left_out() {
    let table = parse("\"\",\"a\"\n\"first\",1\n\"second\",2\n").unwrap();
    assert_eq!(table.names, ["a"]);
    assert_eq!(table.values, ndarray::array![[1.0], [2.0]]);
}

#[test]
fn chosen_columns_in_their_order() {
    let text = "id,a,b\nx1,1,2\nx2,3,nan\n";
    let read =
        |columns: &str| Table::parse("points.csv", text.as_bytes(), &columns.parse().unwrap());
    assert!(
        read("b,a")
            .unwrap_err()
            .to_string()
            .contains("points.csv:3: column 3 (\"b\")")
    );
    assert_eq!(read("a").unwrap().values, ndarray::array![[1.0], [3.0]]);
    assert_eq!(read("2,2").unwrap().names, ["a", "a"]);
    assert_eq!(
        read("c").unwrap_err().to_string(),
        "points.csv: no column \"c\"; the file has 1 \"id\", 2 \"a\", 3 \"b\""
    );
    assert!(matches!(read("4"), Err(DataError::NoSuchColumn { .. })));
    assert!(matches!(read("0"), Err(DataError::NoSuchColumn { .. })));
}

#[test]
fn faults_name_the_line_and_the_column() {
    assert_eq!(
        message("a,b\n1,2\n3\n"),
        "points.csv:3: 1 cells where the first line has 2; every line needs the same number"
    );
    assert_eq!(
        message("a,b\n1,2\n\n\n3,four\n"),
        "points.csv:5: column 2 (\"b\"): \"four\" is not a number; correct it, or choose other columns"
    );
    assert!(message("1,2\n3,\n").starts_with("points.csv:2: column 2: \"\" is not a number"));
    assert!(
        message("1,2\n3,1e999\n").starts_with("points.csv:2: column 2: \"1e999\" is not finite")
    );
    assert!(message("1,2\nNaN,4\n").starts_with("points.csv:2: column 1: \"NaN\" is not finite"));
    assert!(message("x,2\n3,4\n").starts_with("points.csv:1: column 1: \"x\" is not a number"));
    assert!(
        message("a,b\n\"1\n\n\",2\n3,oops\n").starts_with("points.csv:5: column 2"),
        "quoted line ends count"
    );
}

#[test]
fn empty_files() {
    for text in ["", "\n\n", "a,b\n", "\u{feff}"] {
        assert!(
            matches!(parse(text), Err(DataError::Empty { .. })),
            "{text:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text() {
    let error = Table::parse("points.csv", b"1,2\n3,\xff\n", &Columns::All).unwrap_err();
    assert!(
        matches!(error, DataError::NotText { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn a_file_on_disk_and_one_that_is_not_there() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"1,2\n").unwrap();
    assert_eq!(
        Table::read(file.path(), &Columns::All).unwrap().values,
        ndarray::array![[1.0, 2.0]]
    );
    let missing = file.path().with_extension("missing");
    let error = Table::read(&missing, &Columns::All).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: cannot be read", missing.display()))
    );
    assert!(matches!(
        Table::read(file.path().parent().unwrap(), &Columns::All),
        Err(DataError::Read { .. })
    ));
}
