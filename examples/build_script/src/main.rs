//! A model from a spec file, compiled by this crate's build script; learns the radius of a ring.
//!
//! `cargo run --release -p scorematch-example-build-script`

use ndarray::Array2;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use scorematch::prelude::*;

mod models {
    include!(concat!(env!("OUT_DIR"), "/ring.rs"));
}

fn main() -> scorematch::Result<()> {
    let mut rng = StdRng::seed_from_u64(2);
    let mut data = Array2::zeros((2000, 2));
    for mut row in data.rows_mut() {
        let angle: f32 = rng.random_range(0.0..std::f32::consts::TAU);
        let radius: f32 = rng.random_range(1.9..2.1);
        row[0] = radius * angle.cos();
        row[1] = radius * angle.sin();
    }
    let mut model: models::Ring = models::Ring::init(&mut rng);
    let trainer = Trainer::new(Objective::esm()).optimizer(Adam::new(0.02));
    println!("{}", trainer.epochs(100).batch(100).fit(&mut model, &data)?);
    println!("radius of the data 2, learnt {:.3}", model.get("radius")?);
    Ok(())
}
