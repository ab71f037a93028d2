//! A mixture of two Gaussians in the plane, learnt by exact score matching.
use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rand_distr::StandardNormal;
use scorematch::prelude::*;

energy! {
    /// Two SiLU layers of 64 in a quadratic well.
    pub Mixture(x: [2]) {
        param log_k: [];
        mlp(x, [64, 64], silu) + 0.5 * exp(log_k) * sum(sq(x))
    }
}

fn main() -> scorematch::Result<()> {
    let rng = &mut StdRng::seed_from_u64(1);
    // Half of the mass around (−1.5, 0), half around (1.5, 0), standard deviation 0.5.
    let noise = Array2::from_shape_simple_fn((4000, 2), || rng.sample(StandardNormal));
    let mut data = noise * 0.5f32;
    let mut shift = || if rng.random() { 1.5 } else { -1.5 };
    data.column_mut(0).mapv_inplace(|x| x + shift());

    let mut model: Mixture = Mixture::init(rng);
    let trainer = Trainer::new(Objective::esm()).optimizer(Adam::new(3e-3));
    let mut trainer = trainer.schedule(Schedule::cosine()).epochs(60);
    println!("{}", trainer.fit(&mut model, &data)?);

    // The mixture's own score: −x/σ², and μ tanh(μx/σ²)/σ² more along the first axis.
    let truth = |x: f32, y: f32| [6.0 * (6.0 * x).tanh() - 4.0 * x, -4.0 * y];
    let places = array![[-1.5, 0.0], [-0.5, 0.5], [0.3, 0.0], [2.0, 0.5]];
    let scores = model.score(&places)?;
    for (x, score) in places.rows().into_iter().zip(scores.rows()) {
        let expected = truth(x[0], x[1]);
        println!("x = {x:4.1}, score {score:6.2}, expected {expected:6.2?}");
    }
    Ok(())
}
