//! Trains the model on a table of numbers and scores rows with what was trained; README.md has the commands.

use std::error::Error;
use std::process::ExitCode;

use rand::{SeedableRng, rngs::StdRng};
use scorematch::checkpoint::Trained;
use scorematch::data::{Columns, Table, split};
use scorematch::train::{Adam, Objective, Schedule, Trainer};
use __LIBRARY__::{__MODEL__, __MODEL__Spec};

/// What training writes and scoring reads.
const TRAINED: &str = "__MODEL__.safetensors";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["train", file] => train(file),
        ["score", file] => score(file),
        _ => Err("write `train FILE.csv` or `score FILE.csv`".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn train(file: &str) -> Result<(), Box<dyn Error>> {
    let table = Table::read(file, &Columns::All)?;
    let parts = split(&table.values.mapv(|x| x as f32), 0.2, 0)?;
    let mut model: __MODEL__ = __MODEL__::init(&mut StdRng::seed_from_u64(0));
    let report = Trainer::new(__OBJECTIVE__)
        .optimizer(Adam::new(3e-3))
        .schedule(Schedule::cosine())
        .steps(2000)
        .standardize(true) // units of zero mean and unit deviation, saved with the model
        .validation(&parts.held_out, 50) // every 50 steps; the best parameters are kept
        .checkpoint(TRAINED)
        .stop_on_signals(true) // Ctrl-C ends the run early and saves what it has
        .fit(&mut model, &parts.train)?;
    println!("{report}");
    Ok(())
}

/// Prints E(x) of each row, −ln p up to a constant, in the units of the data: the larger, the less likely.
fn score(file: &str) -> Result<(), Box<dyn Error>> {
    let trained = Trained::<__MODEL__Spec>::load(TRAINED)?;
    let table = Table::read(file, &Columns::All)?;
    for energy in trained.energy(&table.values.mapv(|x| x as f32))? {
        println!("{energy}");
    }
    Ok(())
}
