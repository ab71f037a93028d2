//! Scores rows of a table with a trained model; README.md has the commands.

use std::error::Error;
use std::process::ExitCode;

use scorematch::checkpoint::Trained;
use scorematch::data::{Columns, Table};
use __LIBRARY__::__MODEL__Spec;

/// The parameters and the units that they were trained in.
const TRAINED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/model.safetensors");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["score", file] => score(file),
        _ => Err("write `score FILE.csv`".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints E(x) of each row, −ln p up to a constant, in the units of the data: the larger, the less likely. Then the length
/// of the score, the gradient of ln p: how fast p changes there.
fn score(file: &str) -> Result<(), Box<dyn Error>> {
    let trained = Trained::<__MODEL__Spec, __SCALAR__>::load(TRAINED)?;
    let table = Table::read(file, &Columns::All)?;
    let rows = table.values.mapv(|x| x as __SCALAR__);
    let (energies, scores) = (trained.energy(&rows)?, trained.score(&rows)?);
    for (energy, score) in energies.iter().zip(scores.rows()) {
        println!("{energy} {}", score.dot(&score).sqrt());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trained_model_fits_the_spec() {
        Trained::<__MODEL__Spec, __SCALAR__>::load(TRAINED).expect("model.safetensors is of this spec");
    }
}
