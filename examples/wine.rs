//! An energy of one's own on eleven measurements of red wine: how much better than a Gaussian it fits, and
//! which wines it finds odd.
//!
//! `cargo run --release --example wine --features csv -- data/winequality-red.csv`

use std::error::Error;
use std::process::ExitCode;

use ndarray::Axis;
use rand::{SeedableRng, rngs::StdRng};
use scorematch::data::{Columns, Split, Table};
use scorematch::prelude::*;
use scorematch::train::Report;

energy! {
    /// A Gaussian of full precision, the yardstick.
    pub Gaussian(x: [11]) {
        param root: [11, 11] = normal(0.3);
        param mean: [11];
        0.5 * sum(sq(dot(root, x - mean)))
    }
}

energy! {
    /// A Gaussian bent by a network.
    pub Bent(x: [11]) {
        param root: [11, 11] = normal(0.3);
        param mean: [11];
        0.5 * sum(sq(dot(root, x - mean))) + mlp(x, [48, 48], softplus)
    }
}

fn main() -> ExitCode {
    let outcome = run();
    if let Err(error) = &outcome {
        eprintln!("error: {error}");
    }
    outcome.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

fn run() -> Result<(), Box<dyn Error>> {
    let file = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "data/winequality-red.csv".into());
    let table = Table::read(&file, &Columns::numbered(1..=11))?;
    let data = table.values.mapv(|value| value as f32);
    let parts = split(&data, 0.2, 0)?;

    let (_, gaussian) = fit::<GaussianSpec>(&parts)?;
    let (model, bent) = fit::<BentSpec>(&parts)?;
    println!("{}\n{}", gaussian, bent);

    let units = bent
        .standardization
        .expect("the trainer was asked to standardize");
    let standard = units.apply(&data)?;
    let energy = model.energy(&standard)?;
    let mut order: Vec<usize> = (0..data.nrows()).collect();
    order.sort_by(|&a, &b| energy[b].total_cmp(&energy[a]));
    println!("\nThe five least likely of {} wines:", data.nrows());
    for &row in &order[..5] {
        let deviations = standard.index_axis(Axis(0), row);
        let (column, deviation) = deviations
            .indexed_iter()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
            .expect("eleven columns");
        println!(
            "  line {:4}: energy {:5.1}; farthest out is {} {}, {deviation:+.1} standard deviations",
            row + 2,
            energy[row],
            table.names[column],
            data[[row, column]]
        );
    }
    Ok(())
}

fn fit<S: Spec>(parts: &Split<f32>) -> scorematch::Result<(Model<S, f32>, Report)> {
    let mut model = Model::init(&mut StdRng::seed_from_u64(0));
    let report = Trainer::new(Objective::esm())
        .optimizer(Adam::new(2e-3))
        .schedule(Schedule::cosine())
        .epochs(300)
        .batch(128)
        .standardize(true)
        // Measurements are rounded: without some blur the loss has no lower bound on repeated values.
        .jitter(0.1)
        .validation(&parts.held_out, 50)
        .fit(&mut model, &parts.train)?;
    Ok((model, report))
}
