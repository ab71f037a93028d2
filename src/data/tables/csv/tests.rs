//! Files as people have them, sound and broken.

use std::io::Write;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::CsvReader;
use crate::data::tables::{Columns, Header, Separator, Table, TableError};

fn parse(text: &str) -> Result<Table, TableError> {
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
        let table = parse(text).unwrap();
        assert_eq!(
            (table.names, table.values),
            (expected.names.clone(), expected.values.clone()),
            "{text:?}"
        );
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
        "points.csv: no column \"c\"; the file has 3 columns: \"id\", \"a\", \"b\""
    );
    assert!(matches!(read("4"), Err(TableError::NoSuchColumn { .. })));
    assert!(matches!(read("0"), Err(TableError::NoSuchColumn { .. })));
}

#[test]
fn a_name_that_several_columns_have_chooses_none() {
    let text = "a,b,a\n1,2,3\n4,5,6\n";
    let read =
        |columns: &str| Table::parse("points.csv", text.as_bytes(), &columns.parse().unwrap());
    assert_eq!(
        read("b,a").unwrap_err().to_string(),
        "points.csv: 2 columns are named \"a\", the first of them 1 and 3; choose one by its number"
    );
    assert_eq!(
        read("b,3").unwrap().values,
        ndarray::array![[2.0, 3.0], [5.0, 6.0]]
    );
}

#[test]
fn faults_name_the_line_and_the_column() {
    assert_eq!(
        message("a,b\n1,2\n3\n"),
        "points.csv:3: 1 cells where the first line has 2, with commas between them; every line needs the same number"
    );
    assert_eq!(
        message("a,b\n1,2\n\n\n3,four\n"),
        "points.csv:5: column 2 (\"b\"): \"four\" is not a number; correct it, or choose other columns"
    );
    assert!(message("1,2\n3,\n").starts_with("points.csv:2: column 2: \"\" is a missing value"));
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

/// A first line without text is no header; whether it is one can be said.
#[test]
fn headers_are_guessed_told_and_given() {
    let read = |text: &str, header| {
        CsvReader::new()
            .header(header)
            .parse("points.csv", text.as_bytes())
    };
    assert_eq!(
        message("NA,NA\n1,2\n3,4\n"),
        "points.csv:1: column 1: \"NA\" is a missing value; drop the row or fill the value in (`Missing::DropRows` leaves such rows out)"
    );
    let years = "2019,2020\n1,2\n";
    let table = read(years, Header::Auto).unwrap();
    assert_eq!(table.values.nrows(), 2);
    assert_eq!(
        table.layout().unwrap().to_string(),
        "first line read as data, commas between cells"
    );
    let table = read(years, Header::Present).unwrap();
    assert_eq!(
        (table.names, table.values.nrows()),
        (vec!["2019".to_owned(), "2020".to_owned()], 1)
    );
    let by_year = CsvReader::new()
        .header(Header::Present)
        .columns("2020".parse().unwrap());
    assert_eq!(
        by_year
            .parse("points.csv", years.as_bytes())
            .unwrap()
            .values,
        ndarray::array![[2.0]]
    );
    assert!(
        read("a,b\n1,2\n", Header::Auto)
            .unwrap()
            .layout()
            .unwrap()
            .header
    );
    let error = read("a,b\n1,2\n", Header::Absent).unwrap_err().to_string();
    assert!(
        error.starts_with("points.csv:1: column 1: \"a\" is not a number"),
        "{error}"
    );
    assert_eq!(
        read("NA,NA\n1,2\n", Header::Present).unwrap().names,
        ["NA", "NA"]
    );
    assert_eq!(
        read("\"\",\"\"\n1,2\n", Header::Present)
            .unwrap()
            .values
            .dim(),
        (1, 2)
    );
}

#[test]
fn separators_and_decimal_commas() {
    let expected = ndarray::array![[1.0, -2.5], [3.5, 4.0]];
    for (text, separator) in [
        ("1;-2,5\n3,5;4\n", Separator::Semicolon),
        ("a;b\n1;-2,5\n3,5;4\n", Separator::Semicolon),
        ("1|-2.5\n3.5|4\n", Separator::Bar),
        ("a | b\n1 | -2.5\n3.5 | 4\n", Separator::Bar),
        ("1 -2.5\n3.5 4\n", Separator::Blank),
        ("  a   b \n  1  -2.5  \n  3.5\t4 \n", Separator::Blank),
        ("1,0 -2,5\n3,5 4,0\n", Separator::Blank),
        ("\"a\" \"b c\"\n1 -2.5\n3.5 4\n", Separator::Blank),
        ("first name\tb\n1\t-2.5\n3.5\t4\n", Separator::Tab),
        ("1, -2.5\n3.5, 4\n", Separator::Comma),
        ("a, \"b\"\n1, \"-2.5\"\n3.5, 4\n", Separator::Comma),
        ("\"a; b\",c\n1,-2.5\n3.5,4\n", Separator::Comma),
        ("1;-2.5;\n3.5;4;\n", Separator::Semicolon),
        ("a,b,\n1,-2.5,\n3.5,4,\n", Separator::Comma),
    ] {
        let table = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(
            (table.values.clone(), table.layout().unwrap().separator),
            (expected.clone(), separator),
            "{text:?}"
        );
    }
    assert!(parse("1;-2,5\n").unwrap().layout().unwrap().decimal_comma);
    assert!(
        message("1;2,5\n3;4.5\n")
            .starts_with("points.csv:2: column 2: \"4.5\" is written in another way than line 1")
    );
    assert!(message("1,2\n3,\"4,5\"\n").contains("a decimal comma is read where semicolons"));
    assert!(
        message("1,2,\n3,4,5\n").starts_with("points.csv:1: column 3: \"\" is a missing value")
    );
    let forced = CsvReader::new().separator(Separator::Comma);
    let error = forced
        .parse("points.csv", b"1;2,5\n")
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"1;2\""), "{error}");
}

#[test]
fn every_line_end_counts() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "  ", "3,four", ""].join(end);
        assert!(
            message(&text).starts_with("points.csv:5: column 2 (\"b\")"),
            "{end:?}: {}",
            message(&text)
        );
    }
}

#[test]
fn text_in_utf16_is_read_with_its_mark() {
    let text = "a,b\r\n1,2\r\n";
    let bytes = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    };
    for bytes in [bytes(u16::to_le_bytes), bytes(u16::to_be_bytes)] {
        assert_eq!(
            Table::parse("points.csv", &bytes, &Columns::All)
                .unwrap()
                .names,
            ["a", "b"]
        );
        for broken in [&bytes[2..], &bytes[..bytes.len() - 1]] {
            let error = Table::parse("points.csv", broken, &Columns::All).unwrap_err();
            assert!(
                matches!(error, TableError::NotText { line: 1, .. }),
                "{error}"
            );
        }
    }
}

/// What a file holds never fills the screen.
#[test]
fn messages_quote_little() {
    let row = "1,2\n".repeat(100_000);
    assert_eq!(
        message(&format!("a,b\n3,\"4\n{row}")),
        "points.csv:2: a quote opens a cell and nothing closes it; close it, or remove it if it belongs to the text"
    );
    assert!(
        message(&format!("a,b\n3,\"4\n{row}\"\n5,6\n"))
            .starts_with("points.csv:2: a cell opens with a quote and goes on to line 100003")
    );
    assert!(message(&format!("a,b\n1,{}\n", "x".repeat(1 << 20))).len() < 300);
    let header: Vec<String> = (0..10_000).map(|column| format!("name {column}")).collect();
    let text = format!("{}\n", header.join(","));
    let error = Table::parse(
        "points.csv",
        text.as_bytes(),
        &Columns::named(["x".repeat(1 << 20)]),
    );
    let message = error.unwrap_err().to_string();
    assert!(
        message.len() < 600 && message.ends_with("and 9992 more"),
        "{message}"
    );
    let choice = ","
        .repeat(1 << 20)
        .parse::<Columns>()
        .unwrap_err()
        .to_string();
    assert!(choice.len() < 300, "{choice}");
}

/// Files with bytes changed, moved, doubled or lost: read, or refused in one short message about the file.
#[test]
fn damaged_files_are_read_or_refused_shortly() {
    const SOUND: [&str; 5] = [
        "a,b,c\n1,2.5,3\n4,5,6\n-1e3,0,1\n",
        "a;b\r\n1,5;2\r\n\r\n3;4,25\r\n",
        "\"x y\" \"z\"\n 1  2\n3 4 \n",
        "1\t2\r3\tNA\r",
        "name|a|b\n\"p|q\"|1|2\nr|3|4\n",
    ];
    const MARKS: &[u8] = b"\",;|\t \r\n.-+eE0123456789NAx\0\xff\xfe\xef\xbb\xbf";
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut sound, mut refused) = (0, 0);
    for case in 0..20_000 {
        let mut bytes = SOUND[case % SOUND.len()].as_bytes().to_vec();
        for _ in 0..random.random_range(1..6) {
            let at = random.random_range(0..bytes.len().max(1));
            match random.random_range(0..4) {
                0 if at < bytes.len() => bytes[at] = MARKS[random.random_range(0..MARKS.len())],
                1 => bytes.insert(at, MARKS[random.random_range(0..MARKS.len())]),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => {
                    let tail = bytes[at..].to_vec();
                    bytes.extend(tail);
                }
            }
        }
        let columns = ["all", "1,2", "a", "b,1"][case % 4].parse().unwrap();
        let reader = CsvReader::new()
            .columns(columns)
            .header([Header::Auto, Header::Present, Header::Absent][case % 3]);
        match reader.parse("points.csv", &bytes) {
            Ok(table) => {
                assert!(
                    table.values.iter().all(|value| value.is_finite()) && !table.values.is_empty()
                );
                assert_eq!(table.values.ncols(), table.names.len());
                let last = table.place(table.values.nrows() - 1, 0).unwrap().row.get();
                assert!(last as usize <= bytes.len(), "{bytes:?}");
                sound += 1;
            }
            Err(error) => {
                let message = error.to_string();
                assert!(
                    message.starts_with("points.csv:") && message.len() < 1000,
                    "{message}"
                );
                refused += 1;
            }
        }
    }
    assert!(sound > 1000 && refused > 1000, "{sound} and {refused}");
}

#[test]
fn what_float32_cannot_hold_is_told_by_line() {
    let table = parse("a,b\n1,2\n\n3,-1e300\n").unwrap();
    assert_eq!(
        table.check_float32().unwrap_err().to_string(),
        "points.csv:4: column 2 (\"b\"): -1e300 is beyond float32, which ends at 3.4e38; correct it, or write the column \
         in other units"
    );
    assert!(parse("1,3.4e38\n").unwrap().check_float32().is_ok());
}

/// 400 time stamps 20 s apart are 400 values in float32 if they are standardized before.
#[test]
fn tables_are_standardized_in_float64() {
    let text: String = (0..400)
        .map(|k| format!("{},{}\n", 1_700_000_000 + 20 * k, k % 7))
        .collect();
    let table = parse(&format!("time,x\n{text}")).unwrap();
    let units = table.standardization().unwrap();
    let mut stamps: Vec<f32> = units
        .apply(table.values.view())
        .unwrap()
        .column(0)
        .mapv(|z| z as f32)
        .to_vec();
    stamps.dedup();
    assert_eq!(stamps.len(), 400);
    let flat = parse("time,x,site\n1,5,7\n2,5,7\n")
        .unwrap()
        .standardization()
        .unwrap_err()
        .to_string();
    assert!(
        flat.contains("column 2 (\"x\") holds 5, column 3 (\"site\") holds 7"),
        "{flat}"
    );
}

#[test]
fn empty_files() {
    for text in ["", "\n\n", "a,b\n", "\u{feff}"] {
        assert!(
            matches!(parse(text), Err(TableError::Empty { .. })),
            "{text:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text() {
    let error = Table::parse("points.csv", b"1,2\n3,\xff\n", &Columns::All).unwrap_err();
    assert!(
        matches!(error, TableError::NotText { line: 2, .. }),
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
        Err(TableError::Read { .. })
    ));
}
