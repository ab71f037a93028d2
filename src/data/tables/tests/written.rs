//! What is written is read back bit for bit.

use ndarray::{Array2, array, s};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::data::{FileReader, write_table};

/// Numbers of all magnitudes, the ends of float64 among them.
fn numbers(rows: usize) -> Array2<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut values = Array2::from_shape_simple_fn((rows, 3), || {
        loop {
            let value = f64::from_bits(random.random());
            if value.is_finite() {
                return value;
            }
        }
    });
    values
        .row_mut(0)
        .assign(&array![f64::MAX, f64::MIN_POSITIVE, 5e-324]);
    values.row_mut(1).assign(&array![0.1, 1e15, -1.0]);
    values
}

#[test]
fn every_format_is_read_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let values = numbers(1000);
    let names = ["a", "b, \"c\"", "d é"];
    for name in ["table.csv", "table.npy", "table.parquet", "TABLE.CSV"] {
        let file = folder.path().join(name);
        write_table(&file, &names, &values).unwrap();
        let table = FileReader::new().read(&file).unwrap();
        assert_eq!(table.values.dim(), values.dim());
        let same = table
            .values
            .iter()
            .zip(&values)
            .all(|(found, value)| found.to_bits() == value.to_bits());
        assert!(same, "{name}");
        if !name.ends_with("npy") {
            assert_eq!(table.names, names);
        }
        // A view whose rows are not contiguous.
        let part = values.slice(s![..;7, ..;2]);
        write_table(&file, &["a", "b"], part).unwrap();
        assert_eq!(FileReader::new().read(&file).unwrap().values, part);
    }
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 4, "no temporary file is left");
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.npy");
    write_table(&file, &["a"], &array![[1.0]]).unwrap();
    let before = std::fs::read(&file).unwrap();
    let message = |name: &str, names: &[&str], values: Array2<f64>| {
        let path = folder.path().join(name);
        write_table(path, names, &values).unwrap_err().to_string()
    };
    assert!(message("table.npy", &["a"], array![[f64::NAN]]).contains("NaN"));
    assert!(message("table.npy", &["a"], array![[1.0, 2.0]]).contains("1 names for 2 columns"));
    for name in ["table.xlsx", "table.csv.gz", "table", "table.tsv"] {
        assert!(
            message(name, &["a"], array![[1.0]])
                .ends_with("tables are written to names that end with .csv, .npy or .parquet"),
            "{name}"
        );
    }
    assert!(message("missing/table.csv", &["a"], array![[1.0]]).contains("table.csv"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
