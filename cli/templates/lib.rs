//! The model. It stands in a library so that a change of the program compiles the program alone.

scorematch::energy! {
__SPEC__}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::{RngExt, SeedableRng, rngs::StdRng};
    use scorematch::prelude::*;

    use super::*;

    #[test]
    fn some_steps_of_training_give_numbers() -> scorematch::Result<()> {
        let rng = &mut StdRng::seed_from_u64(0);
        let mut model: __MODEL__ = __MODEL__::init(rng);
        let rows = Array2::from_shape_simple_fn((64, model.dim()), || rng.random_range(-1.0..1.0));
        Trainer::new(__OBJECTIVE__).steps(10).fit(&mut model, &rows)?;
        assert!(model.energy(&rows)?.iter().all(|energy| energy.is_finite()));
        Ok(())
    }
}
