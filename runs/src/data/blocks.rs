//! Rows that are read in blocks, with as much memory as some blocks take: into a file, or into an array for the same order.
//!
//! Invariant: which rows are held out, the units and what is kept are functions of the settings and of the rows in their
//! order, so an array and a file give the same run.

use std::path::Path;

use anyhow::{Result, anyhow, ensure};
use ndarray::{Array2, ArrayView1, Axis};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use scorematch::Real;
use scorematch::data::{Blocks, Standardization};
use scorematch::train::RowFile;

use super::{
    REFERENCE, Rows, Said, TrainingRows, check_width, constant_note, describe, findings, fit_units,
    held_out_file, in_run_units, named, reader, spaced,
};
use crate::cures::in_flags;
use crate::settings::{DataSettings, Settings, Units};

/// Rows of a block.
const BLOCK: usize = 1 << 15;
/// Rows from which findings, and units of quartiles, are made.
const SAMPLE: usize = 10_000;
/// Held-out rows at most, unless a file of them is named.
const HELD_OUT: f64 = 50_000.0;

/// Reads the rows of a run in two passes: into the file at `path`, or into an array.
///
/// # Errors
/// As [`read`](super::read).
pub(super) fn read<T: Real>(
    settings: &Settings,
    dim: usize,
    model: &str,
    path: Option<&Path>,
) -> Result<Rows<T>> {
    let data = &settings.data;
    let aside = Aside::new(settings)?;
    let Pass {
        names,
        mut notes,
        moments,
        sample,
        held_out,
    } = Pass::first(settings, dim, model, aside.clone())?;
    ensure!(
        moments.count > 0,
        "{} has no rows to learn from",
        data.file.display()
    );
    let sample = sample.matrix(dim)?;
    let units = match data.units {
        Units::Deviation => {
            let (units, constant) = moments.units();
            let named = constant
                .iter()
                .map(|&column| (&names[column][..], moments.mean[column]));
            notes.extend(constant_note(named));
            Some(units)
        }
        Units::Data | Units::Robust => fit_units(data.units, &names, sample.view())?,
    };
    if data.units == Units::Robust {
        notes.push(format!(
            "medians and quartiles are those of {} rows, chosen at random",
            sample.nrows()
        ));
    }
    let examined: Array2<T> = in_run_units(data, units.as_ref(), sample.view())?;
    let findings = findings(settings, examined.view(), &names)?;
    let held_out = match &data.valid {
        None => held_out.matrix(dim)?,
        Some(file) => {
            let (held_out, of_held_out) = held_out_file(data, file, &names)?;
            notes.extend(of_held_out);
            held_out
        }
    };
    let held_out = (held_out.nrows() > 0).then_some(held_out);
    // The columns are known, so they are not looked for once more.
    let reading = DataSettings {
        columns: named(&names),
        keep_constant: true,
        ..data.clone()
    };
    let train = second(&reading, aside, units.as_ref(), dim, path)?;
    let said = Said {
        names,
        notes,
        findings,
    };
    Rows::of(
        data,
        said,
        units,
        train,
        held_out,
        spaced(sample.view(), REFERENCE),
    )
}

/// What the first pass finds.
struct Pass {
    names: Vec<String>,
    notes: Vec<String>,
    moments: Moments,
    /// Training rows, chosen at random.
    sample: Sample,
    held_out: Sample,
}

impl Pass {
    fn first(settings: &Settings, dim: usize, model: &str, mut aside: Aside) -> Result<Self> {
        let data = &settings.data;
        let mut blocks = blocks_of(data)?;
        let names = blocks.names().to_vec();
        check_width(&names, dim, model)?;
        let mut pass = Pass {
            names,
            notes: Vec::new(),
            moments: Moments::new(dim),
            sample: Sample::of(SAMPLE, settings.train.seed),
            held_out: Sample::of(usize::MAX, 0),
        };
        for block in &mut blocks {
            let block = block.map_err(|error| anyhow!(in_flags(&error)))?;
            for row in block.rows() {
                if aside.takes() {
                    pass.held_out.add(row);
                } else {
                    pass.moments.add(row);
                    pass.sample.add(row);
                }
            }
        }
        pass.notes = blocks.notes();
        Ok(pass)
    }
}

fn blocks_of(data: &DataSettings) -> Result<Blocks> {
    let blocks = reader(data).blocks(&data.file, BLOCK);
    blocks.map_err(|error| anyhow!(in_flags(&error)))
}

/// The training rows in the units of training.
fn second<T: Real>(
    data: &DataSettings,
    mut aside: Aside,
    units: Option<&Standardization>,
    dim: usize,
    path: Option<&Path>,
) -> Result<TrainingRows<T>> {
    let kept = blocks_of(data)?.map(|block| -> scorematch::Result<Array2<T>> {
        let block = block?;
        let places: Vec<usize> = (0..block.nrows()).filter(|_| !aside.takes()).collect();
        let rows = block.select(Axis(0), &places);
        in_run_units(data, units, rows.view()).map_err(|error| scorematch::Error::Io {
            path: data.file.clone(),
            source: std::io::Error::other(format!("{error:#}")),
        })
    });
    Ok(match path {
        Some(path) => TrainingRows::File(RowFile::write(path, dim, kept)?),
        None => {
            let blocks = kept.collect::<scorematch::Result<Vec<_>>>()?;
            let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
            TrainingRows::Array(ndarray::concatenate(Axis(0), &views)?)
        }
    })
}

/// Which rows are held out: each by itself, with the same probability.
#[derive(Clone)]
struct Aside {
    rng: Xoshiro256PlusPlus,
    fraction: f64,
}

impl Aside {
    fn new(settings: &Settings) -> Result<Self> {
        let data = &settings.data;
        let mut fraction = match data.valid {
            Some(_) => 0.0,
            None => data.valid_fraction,
        };
        ensure!(
            (0.0..1.0).contains(&fraction),
            "--valid-fraction {fraction}: a fraction of the rows from 0 to 1; 0.1 holds out every tenth"
        );
        if let Some(rows) = describe(data)?.rows {
            fraction = fraction.min(HELD_OUT / rows.max(1) as f64);
        }
        Ok(Aside {
            // Not the numbers that the parameters are drawn from.
            rng: Xoshiro256PlusPlus::seed_from_u64(!settings.train.seed),
            fraction,
        })
    }

    fn takes(&mut self) -> bool {
        self.rng.random::<f64>() < self.fraction
    }
}

/// At most so many rows, each of all rows with the same probability (Vitter 1985, algorithm R).
struct Sample {
    most: usize,
    values: Vec<f64>,
    kept: usize,
    seen: usize,
    rng: Xoshiro256PlusPlus,
}

impl Sample {
    fn of(most: usize, seed: u64) -> Self {
        Sample {
            most,
            values: Vec::new(),
            kept: 0,
            seen: 0,
            rng: Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(32)),
        }
    }

    fn add(&mut self, row: ArrayView1<'_, f64>) {
        self.seen += 1;
        if self.kept < self.most {
            self.values.extend(row);
            self.kept += 1;
            return;
        }
        let place = self.rng.random_range(0..self.seen);
        if place < self.most {
            let width = row.len();
            let old = &mut self.values[place * width..][..width];
            old.iter_mut().zip(row).for_each(|(old, new)| *old = *new);
        }
    }

    fn matrix(self, dim: usize) -> Result<Array2<f64>> {
        Ok(Array2::from_shape_vec((self.kept, dim), self.values)?)
    }
}

/// Mean and variance of each column, one row after another (Welford 1962).
struct Moments {
    count: usize,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    fn new(dim: usize) -> Self {
        Moments {
            count: 0,
            mean: vec![0.0; dim],
            squares: vec![0.0; dim],
        }
    }

    fn add(&mut self, row: ArrayView1<'_, f64>) {
        self.count += 1;
        let columns = self.mean.iter_mut().zip(&mut self.squares);
        for (&x, (mean, squares)) in row.iter().zip(columns) {
            let before = x - *mean;
            *mean += before / self.count as f64;
            *squares += before * (x - *mean);
        }
    }

    /// The units, and the columns that hold one value, which are not scaled.
    fn units(&self) -> (Standardization, Vec<usize>) {
        let mut constant = Vec::new();
        let columns = self.mean.iter().zip(&self.squares).enumerate();
        let std: Vec<f64> = columns
            .map(|(column, (mean, squares))| {
                let deviation = (squares / self.count as f64).sqrt();
                // Through rounding, that of a constant column may differ from zero.
                if deviation > 1e-12 * mean.abs() {
                    return deviation;
                }
                constant.push(column);
                1.0
            })
            .collect();
        let units = Standardization::new(self.mean.clone(), std);
        (units.expect("finite values have finite units"), constant)
    }
}
