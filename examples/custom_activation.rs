//! An activation that nobody built in: its formula is all the compiler needs, the derivatives up to the third
//! are its own work. Checked here against finite differences, then trained.
//!
//! `cargo run --release --example custom_activation`

use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::StandardNormal;
use scorematch::prelude::*;

energy! {
    /// A network of a self-gated sine, with a quadratic well around it.
    pub Wavy(x: [3]) {
        fn act(z) = z * sigmoid(1.702 * z) + 0.2 * sin(2.0 * z);
        param log_k: [];
        mlp(x, [40, 24], act) + 0.5 * exp(log_k) * sum(sq(x))
    }
}

fn main() -> scorematch::Result<()> {
    let rng = &mut StdRng::seed_from_u64(3);
    let mut normal = |rows: usize| -> Array2<f64> {
        Array2::from_shape_simple_fn((rows, 3), || rng.sample(StandardNormal))
    };
    let (x, held_out) = (normal(10_000), normal(2_000));
    let mut model = Wavy::<f64>::init(rng);

    let derived = model.laplacian(&held_out)?;
    let error = (derived - laplacian_by_differences(&model, &held_out)?).mapv(f64::abs);
    let largest = error.iter().copied().fold(0.0, f64::max);
    println!("Laplacian against finite differences: greatest error {largest:.1e}");
    assert!(largest < 1e-6);

    let trainer = Trainer::new(Objective::esm()).optimizer(Adam::new(3e-3));
    let trainer = trainer
        .schedule(Schedule::cosine())
        .validation(&held_out, 50);
    println!("{}", trainer.epochs(20).batch(200).fit(&mut model, &x)?);
    println!("The data are standard normal in three dimensions, for which the least J is −1.5.");
    Ok(())
}

/// Central differences of the score, coordinate by coordinate: `[B]`.
fn laplacian_by_differences(model: &Wavy<f64>, x: &Array2<f64>) -> scorematch::Result<Array1<f64>> {
    let step = 1e-5;
    let mut sum = Array1::zeros(x.nrows());
    for coordinate in 0..x.ncols() {
        let mut moved = x.clone();
        moved
            .column_mut(coordinate)
            .mapv_inplace(|value| value + step);
        let ahead = model.score(&moved)?;
        moved
            .column_mut(coordinate)
            .mapv_inplace(|value| value - 2.0 * step);
        let behind = model.score(&moved)?;
        sum += &((&behind.column(coordinate) - &ahead.column(coordinate)) / (2.0 * step));
    }
    Ok(sum)
}
