//! `verify`: the mathematics that everything else stands on, checked on generated models with numbers drawn
//! on the spot. Each check prints what it measured and whether it held.

use anyhow::{Result, bail};
use clap::Args;
use ndarray::Array2;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};
use scorematch::{Model, Spec};

use super::say;

mod differences;
mod parts;
mod projections;
mod sign;

#[derive(Args)]
pub(crate) struct Options {
    /// Of the models' parameters, the data and the directions
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// The findings of one topic.
pub(crate) struct Findings {
    /// What was checked.
    topic: &'static str,
    /// What was measured, in lines of text.
    measured: String,
    /// Each claim and whether it held.
    claims: Vec<(String, bool)>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let topics = [
        parts::check,
        sign::check,
        differences::check,
        projections::check,
    ];
    let (mut held, mut failed) = (0, 0);
    for check in topics {
        let findings = check(options.seed)?;
        say(findings.topic);
        say(&findings.measured);
        for (claim, holds) in &findings.claims {
            say(format_args!(
                "  {} {claim}",
                if *holds { "held  " } else { "FAILED" }
            ));
            *if *holds { &mut held } else { &mut failed } += 1;
        }
        say("");
    }
    if failed > 0 {
        bail!("{failed} of {} claims failed", held + failed);
    }
    say(format_args!("All {held} claims held."));
    Ok(())
}

/// A generator for one topic, so that topics do not shift each other's numbers.
fn generator(seed: u64, topic: u64) -> StdRng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&topic.to_le_bytes());
    StdRng::from_seed(key)
}

/// A freshly initialised model in float64.
fn fresh<S: Spec>(rng: &mut StdRng) -> Model<S, f64> {
    Model::init(rng)
}

/// Standard normal numbers, `[rows, columns]`.
fn normal(rows: usize, columns: usize, rng: &mut StdRng) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || StandardNormal.sample(rng))
}
