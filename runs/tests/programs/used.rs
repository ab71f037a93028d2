//! What comes out of a run is used: evaluated, sampled, loaded by the library, continued.

use std::fs;
use std::path::Path;

use ndarray::{Array2, Axis};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use scorematch::checkpoint::Trained;
use scorematch::data::{Columns, Table, write_table};

use super::TwoSpec;
use super::process::{program, refused, said, train};

pub(super) fn check() {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let (file, run) = (root.join("rows.csv"), root.join("run"));
    let x = normal();
    write_table(&file, &["height", "weight"], &x).expect("a file");
    said(train(
        "Two",
        &file,
        &run,
        "--steps 3000 --batch 200 --learning-rate 0.01 --ema 0.99",
    ));
    evaluated(&file, &run, &x, root);
    sampled(&run, &x);
    continued(&file, &run);
    configured(&file, &run, root);
}

/// Rows of means 170 and 70, deviations 10 and 8 and correlation 0.6; the last one is odd in its weight.
fn normal() -> Array2<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let mut gauss = || (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f64>();
    let mut x = Array2::zeros((800, 2));
    for mut row in x.rows_mut() {
        let (u, v) = (gauss(), gauss());
        row[0] = 170.0 + 10.0 * u;
        row[1] = 70.0 + 8.0 * (0.6 * u + 0.8 * v);
    }
    (x[[799, 0]], x[[799, 1]]) = (171.0, 120.0);
    x
}

fn evaluated(file: &Path, run: &Path, x: &Array2<f64>, root: &Path) {
    let out = root.join("energies.csv");
    let mut eval = program();
    eval.arg("eval")
        .arg(run)
        .arg("--data")
        .arg(file)
        .arg("--out")
        .arg(&out);
    eval.args(["--top", "1"]);
    let told = said(eval);
    // Line 801 of the file, behind its header.
    assert!(
        told.contains("line 801") && told.contains("weight = 120"),
        "{told}"
    );
    // In another program, and in the data's own units, the library finds the same.
    let found = Table::read(&out, &Columns::All).expect("a table").values;
    let trained: Trained<TwoSpec> = Trained::load(run).expect("the model of a run");
    let single = x.mapv(|x| x as f32);
    let energy = trained.energy(&single).expect("energies");
    let score = trained.score(&single).expect("scores");
    for row in 0..x.nrows() {
        let close = |found: f64, expected: f32| {
            let expected = f64::from(expected);
            (found - expected).abs() < 1e-4 * (1.0 + expected.abs())
        };
        assert!(close(found[[row, 0]], energy[row]), "row {row}");
        assert!(close(found[[row, 1]], score[[row, 0]]) && close(found[[row, 2]], score[[row, 1]]));
    }
    // E is ½‖w(z − m)‖², so its Laplacian in z is the squared norm of w; in x each column of it is divided by a variance.
    let w = trained.model.get("w").expect("w").mapv(f64::from);
    let std = trained
        .standardization
        .as_ref()
        .expect("units")
        .std()
        .to_vec();
    let expected: f64 = w
        .axis_iter(Axis(1))
        .zip(&std)
        .map(|(column, std)| column.iter().map(|w| w * w).sum::<f64>() / (std * std))
        .sum();
    let laplacian = found[[5, 3]];
    assert!(
        (laplacian - expected).abs() < 1e-5 * expected,
        "{laplacian} for {expected}"
    );
}

/// Samples have the moments of the data that the model was trained on.
fn sampled(run: &Path, x: &Array2<f64>) {
    let mut sample = program();
    sample
        .arg("sample")
        .arg(run)
        .args(["-n", "2000", "--steps", "300"]);
    said(sample);
    let samples = Table::read(run.join("samples.csv"), &Columns::All).expect("samples");
    assert_eq!(samples.names, ["height", "weight"]);
    for column in 0..2 {
        let of = |x: &Array2<f64>| {
            let column = x.column(column);
            (column.mean().expect("rows"), column.std(0.0))
        };
        let ((mean, std), (found, spread)) = (of(x), of(&samples.values));
        assert!((found - mean).abs() < 0.2 * std, "{found} for {mean}");
        assert!((spread / std - 1.0).abs() < 0.25, "{spread} for {std}");
    }
}

fn continued(file: &Path, run: &Path) {
    let resume = |others: &str| {
        let mut command = program();
        command
            .arg("resume")
            .arg(run)
            .args(others.split_whitespace());
        command
    };
    said(resume(
        "--steps 3300 --schedule constant --learning-rate 0.001",
    ));
    let report = fs::read_to_string(run.join("report.json")).expect("a report");
    assert!(
        report.contains("schedule.decay: ") && report.contains("\"step\": 3000"),
        "{report}"
    );
    let settings = fs::read_to_string(run.join("settings.toml")).expect("settings");
    assert!(settings.contains("steps = 3300"), "{settings}");
    let told = refused(resume("--steps 10"));
    assert!(told.contains("3300 steps have been made"), "{told}");
    // The settings of a command that was refused do not stay.
    let settings = fs::read_to_string(run.join("settings.toml")).expect("settings");
    assert!(settings.contains("steps = 3300"), "{settings}");
    // Other data is refused.
    let text = fs::read_to_string(file).expect("the data");
    fs::write(file, text.replacen("170", "171", 1)).expect("the data");
    let told = refused(resume("--steps 4000"));
    assert!(told.contains("not what the run began with"), "{told}");
    fs::write(file, text).expect("the data");
}

/// The settings of a run are a file to begin another run with; flags win.
fn configured(file: &Path, run: &Path, root: &Path) {
    let again = root.join("again");
    let mut command = train("Two", file, &again, "--steps 60");
    command.arg("--config").arg(run.join("settings.toml"));
    said(command);
    let settings = fs::read_to_string(again.join("settings.toml")).expect("settings");
    assert!(
        settings.contains("steps = 60") && settings.contains("batch = 200"),
        "{settings}"
    );
}
