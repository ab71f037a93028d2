//! Runs on rows in a file: the same bits as in memory, whatever is read when.

use std::fs;
use std::ops::ControlFlow;

use ndarray::{Array2, s};

use super::{data, quiet, well};
use crate::data::{Guard, Standardization};
use crate::error::{Error, Result};
use crate::train::*;

fn blocks(x: &Array2<f64>, rows: usize) -> impl Iterator<Item = Result<Array2<f64>>> + '_ {
    (0..x.nrows()).step_by(rows).map(move |first| {
        let last = (first + rows).min(x.nrows());
        Ok(x.slice(s![first..last, ..]).to_owned())
    })
}

const SHUFFLES: [Shuffle; 4] = [
    Shuffle::Rows,
    Shuffle::Blocks { rows: 7, window: 3 },
    Shuffle::Blocks {
        rows: 16,
        window: 1,
    },
    Shuffle::Blocks {
        rows: 1,
        window: 20,
    },
];

#[test]
fn a_file_gives_the_bits_of_an_array() {
    let folder = tempfile::tempdir().unwrap();
    let x = data(150);
    for (number, shuffle) in SHUFFLES.into_iter().enumerate() {
        for keep_short_last in [false, true] {
            let trainer = || {
                quiet(Objective::ssm(2))
                    .steps(90)
                    .batch(13)
                    .shuffle(shuffle)
                    .keep_short_last(keep_short_last)
                    .jitter(0.1)
                    .ema(0.9)
                    .validation(data(20), 10)
                    .data_guard(Guard::Silent)
            };
            let mut expected = well(1.0, [0.5, 0.5]);
            let of_array = trainer().fit(&mut expected, &x).unwrap();
            let path = folder.path().join(format!("rows-{number}"));
            let file = RowFile::write(path, 2, blocks(&x, 31)).unwrap();
            assert_eq!((file.rows(), file.dim()), (150, 2));
            let mut model = well(1.0, [0.5, 0.5]);
            let of_file = trainer().fit(&mut model, &file).unwrap();
            assert_eq!(model.params(), expected.params(), "{shuffle:?}");
            assert_eq!(of_file.losses, of_array.losses);
            assert_eq!(of_file.training_rows, of_array.training_rows);
        }
    }
}

/// A run on an array goes on with a file of the same rows, and ends in the same bits.
#[test]
fn a_run_is_resumed_on_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (state, path) = (folder.path().join("state"), folder.path().join("rows"));
    let x = data(150);
    let trainer = || {
        quiet(Objective::esm())
            .steps(70)
            .batch(13)
            .shuffle(Shuffle::Blocks { rows: 7, window: 3 })
            .data_guard(Guard::Silent)
    };
    let mut expected = well(1.0, [0.5, 0.5]);
    trainer().fit(&mut expected, &x).unwrap();
    let mut made = 0;
    trainer()
        .save_state(&state)
        .on_step(|_| {
            made += 1;
            match made == 33 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })
        .fit(&mut well(1.0, [0.5, 0.5]), &x)
        .unwrap();
    let file = RowFile::write(&path, 2, blocks(&x, 40)).unwrap();
    let mut model = well(0.0, [0.0, 0.0]);
    trainer()
        .save_state(&state)
        .resume(&mut model, &file)
        .unwrap();
    assert_eq!(model.params(), expected.params());
    let other = RowFile::write(&path, 2, blocks(&data(149), 40)).unwrap();
    let error = trainer().save_state(&state).resume(&mut model, &other);
    assert!(error.unwrap_err().to_string().contains("not what the run"));
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows");
    let x = data(30);
    let mut broken = x.clone();
    broken[[17, 1]] = f64::NAN;
    for (dim, x, part) in [
        (3, &x, "[_, 3]"),
        (2, &broken, "NaN"),
        (2, &Array2::zeros((0, 2)), "no rows"),
    ] {
        let error = RowFile::write(&path, dim, blocks(x, 8)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    let file = RowFile::write(&path, 2, blocks(&x, 8)).unwrap();
    let mut model = well(1.0, [0.5, 0.5]);
    let units = Standardization::new(vec![0.0; 2], vec![1.0; 2]).unwrap();
    for trainer in [
        quiet(Objective::esm()).standardize(true),
        quiet(Objective::esm()).standardization(units.clone()),
    ] {
        let mut trainer = trainer;
        let error = trainer.fit(&mut model, &file).unwrap_err();
        assert!(error.to_string().contains("`converted`"), "{error}");
    }
    let report = quiet(Objective::esm())
        .steps(3)
        .converted(units.clone())
        .fit(&mut model, &file)
        .unwrap();
    assert_eq!(report.standardization, Some(units));
    // A file that lost rows since.
    fs::write(&path, b"short").unwrap();
    let error = quiet(Objective::esm()).steps(3).fit(&mut model, &file);
    assert!(matches!(error, Err(Error::Io { .. })), "{error:?}");
}
