//! Settings of a reader as values.

use crate::Error;
use crate::data::{Columns, Constants, FileReader, Header, Missing, Separator, TextColumns};

#[test]
fn a_reader_serializes() {
    let reader = FileReader::new()
        .columns(Columns::named(["a", "b"]))
        .header(Header::Present)
        .separator(Separator::Tab)
        .missing(Missing::DropRows)
        .text(TextColumns::LeaveOut)
        .constant(Constants::LeaveOut)
        .array("x")
        .sheet("Data");
    let text = serde_json::to_string(&reader).unwrap();
    assert_eq!(serde_json::from_str::<FileReader>(&text).unwrap(), reader);
    assert_eq!(
        serde_json::from_str::<FileReader>("{}").unwrap(),
        FileReader::new()
    );
    assert!(serde_json::from_str::<FileReader>(r#"{"colums": "all"}"#).is_err());
}

#[test]
fn a_block_has_rows() {
    let error = FileReader::new().blocks("points.npy", 0).err().unwrap();
    assert!(matches!(error, Error::InvalidSetting { .. }), "{error}");
}

#[test]
fn a_file_that_is_not_there() {
    let error = FileReader::new().read("missing/points.npy").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("missing/points.npy: cannot be read"),
        "{error}"
    );
}
