//! Data sets as people have them: many columns, constant and whole numbers, text, missing values, one row, and a million.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use ndarray::Array2;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use scorematch::data::{Columns, Table, write_table};
use serde_json::Value;

use super::process::{program, refused, said, train};

pub(super) fn check() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    constant_and_whole(root);
    many_columns(root);
    text_and_missing(root);
    one_row(root);
    other_formats(root);
    held_out_file(root);
    streamed(root);
    mistakes(root);
}

fn uniform(rows: usize, columns: usize) -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    Array2::from_shape_simple_fn((rows, columns), || rng.random_range(-1.0..1.0))
}

fn names(columns: usize) -> Vec<String> {
    (0..columns).map(|column| format!("c{column}")).collect()
}

fn account(run: &Path) -> Value {
    let text = fs::read_to_string(run.join("data.json")).expect("data.json");
    serde_json::from_str(&text).expect("JSON")
}

/// 15 columns of which two hold one value each and one whole numbers: the two are left out and named.
fn constant_and_whole(root: &Path) {
    let (file, run) = (root.join("constant.csv"), root.join("constant"));
    let mut x = uniform(300, 15);
    x.column_mut(3).fill(7.0);
    x.column_mut(9).fill(0.0);
    x.column_mut(4).mapv_inplace(|value| (5.0 * value).round());
    write_table(&file, &names(15), &x).expect("a file");
    let told = said(train("Thirteen", &file, &run, "--steps 50"));
    assert!(told.contains("c3") && told.contains("c9"), "{told}");
    assert!(told.contains("levels") && told.contains("c4"), "{told}");
    let account = account(&run);
    assert_eq!(account["columns"].as_array().map(Vec::len), Some(13));
    assert_eq!(
        (account["train"].as_u64(), account["held_out"].as_u64()),
        (Some(270), Some(30))
    );
    let told = refused(train(
        "Thirteen",
        &file,
        &root.join("kept"),
        "--steps 5 --keep-constant",
    ));
    assert!(
        told.contains("15 columns") && told.contains("--columns"),
        "{told}"
    );
}

fn many_columns(root: &Path) {
    for (model, columns) in [("Thirty", 30), ("SixtyFour", 64)] {
        let (file, run) = (root.join(format!("{columns}.csv")), root.join(model));
        write_table(&file, &names(columns), &uniform(400, columns)).expect("a file");
        said(train(model, &file, &run, "--epochs 2 --batch 64"));
        let mut eval = program();
        eval.arg("eval").arg(&run).arg("--data").arg(&file);
        assert!(said(eval).contains("line "));
    }
}

/// A column of text is left out, rows with missing values are an error with the cure, and with it are left out.
fn text_and_missing(root: &Path) {
    let (file, run) = (root.join("stations.csv"), root.join("stations"));
    let mut text = "station;a;b\n".to_owned();
    for (row, values) in uniform(60, 2).rows().into_iter().enumerate() {
        match row {
            17 => text += "Ulm;NA;0,5\n",
            _ => writeln!(text, "Ulm;{:.4};{:.4}", values[0], values[1])
                .map(|()| ())
                .expect("text"),
        }
    }
    fs::write(&file, text.replace('.', ",")).expect("a file");
    let told = refused(train("Two", &file, &run, "--steps 5"));
    assert!(
        told.contains("stations.csv:19") && told.contains("--drop-missing"),
        "{told}"
    );
    assert!(
        !run.exists(),
        "no folder is made for a run that cannot begin"
    );
    let told = said(train("Two", &file, &run, "--steps 5 --drop-missing"));
    assert!(told.contains("station"), "{told}");
    assert_eq!(account(&run)["train"].as_u64(), Some(53));

    // A table of what remains tells where each row stands.
    let out = root.join("stations-energies.csv");
    let evaluated = |quantities: &str| {
        let mut eval = program();
        eval.arg("eval").arg(&run).arg("--data").arg(&file);
        eval.arg("--out")
            .arg(&out)
            .args(["--quantities", quantities]);
        said(eval)
    };
    assert!(evaluated("energy").contains("--quantities row,energy"));
    assert!(!evaluated("row,energy").contains("--quantities"));
    let lines = Table::read(&out, &Columns::All).expect("a table").values;
    assert_eq!((lines[[16, 0]], lines[[17, 0]]), (18.0, 20.0));
}

fn one_row(root: &Path) {
    let (file, run) = (root.join("one.csv"), root.join("one"));
    fs::write(&file, "a,b\n1.5,2.5\n").expect("a file");
    let told = refused(train("Two", &file, &run, "--steps 5"));
    assert!(
        told.contains("one row") || told.contains("one value"),
        "{told}"
    );
}

fn other_formats(root: &Path) {
    let x = uniform(200, 2);
    for extension in ["npy", "parquet", "csv"] {
        let file = root.join(format!("rows.{extension}"));
        write_table(&file, &["a", "b"], &x).expect("a file");
    }
    let bits = |extension: &str| {
        let run = root.join(format!("of-{extension}"));
        let file = root.join(format!("rows.{extension}"));
        said(train("Two", &file, &run, "--steps 40"));
        fs::read(run.join("model.safetensors")).expect("a model")
    };
    let of_csv = bits("csv");
    assert!(of_csv == bits("parquet") && of_csv == bits("npy"));
}

/// Held-out rows of a file, whose columns stand in another order.
fn held_out_file(root: &Path) {
    let (file, valid) = (root.join("train.csv"), root.join("valid.csv"));
    write_table(&file, &["a", "b"], &uniform(100, 2)).expect("a file");
    write_table(&valid, &["b", "x", "a"], &uniform(20, 3)).expect("a file");
    let run = root.join("valid");
    let mut command = train("Two", &file, &run, "--steps 20");
    command.arg("--valid").arg(&valid);
    said(command);
    assert_eq!(account(&run)["held_out"].as_u64(), Some(20));
    said(train(
        "Two",
        &file,
        &root.join("none"),
        "--steps 20 --valid-fraction 0",
    ));
    assert_eq!(account(&root.join("none"))["held_out"].as_u64(), Some(0));
}

/// Rows that are read while the run goes on give the bits of rows in memory in the same order.
fn streamed(root: &Path) {
    let file = root.join("many.parquet");
    let mut x = uniform(30_000, 2);
    x.column_mut(1).mapv_inplace(|value| 100.0 + 3.0 * value);
    write_table(&file, &["a", "b"], &x).expect("a file");
    let bits = |name: &str, others: &str| {
        let run = root.join(name);
        let others =
            format!("--steps 300 --batch 64 --jitter 0.1 --shuffle blocks:100:20 {others}");
        said(train("Two", &file, &run, &others));
        assert!(!run.join("checkpoints/rows.bin").exists());
        fs::read(run.join("model.safetensors")).expect("a model")
    };
    assert!(bits("streamed", "--stream always") == bits("in-memory", "--stream never"));
    let run = root.join("by-default");
    said(train(
        "Two",
        &file,
        &run,
        "--steps 20 --stream always --units robust",
    ));
    let settings = fs::read_to_string(run.join("settings.toml")).expect("settings");
    assert!(
        settings.contains("stream = \"always\"") && settings.contains("window = 64"),
        "{settings}"
    );
    let mut resume = program();
    resume.arg("resume").arg(&run).args(["--steps", "40"]);
    said(resume);
}

fn mistakes(root: &Path) {
    let file = root.join("rows.csv");
    for (others, part) in [
        ("--columns a,c", "\"c\""),
        ("--batch 0", "batch"),
        ("--valid-fraction 1.5", "fraction"),
        ("--jitter -1", "jitter"),
        ("--checkpoint-every -1", "--checkpoint-every"),
        ("--device cuda:0", "cuda"),
        ("--steps 0", "length"),
        ("--config none.toml", "none.toml"),
    ] {
        let run = root.join("mistake");
        let told = refused(train("Two", &file, &run, others));
        assert!(told.contains(part), "{others}: {told}");
        assert!(!run.join("model.safetensors").exists());
        let _ = fs::remove_dir_all(run);
    }
    let told = refused(train("None", &file, &root.join("mistake"), ""));
    assert!(told.contains("Thirteen"), "{told}");
}
