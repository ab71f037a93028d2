//! Models that are compiled for some objectives.

use ndarray::array;
use scorematch::train::{Objective, Trainer};
use scorematch::{Error, energy};

energy! {
    #[objectives(dsm, esm)]
    Some(x: [2]) {
        param k: [] = ones();
        0.5 * k * norm_sq(x)
    }

    #[objectives()]
    Evaluated(x: [2]) {
        param k: [] = ones();
        0.5 * k * norm_sq(x)
    }
}

#[test]
fn a_model_is_trained_by_the_objectives_that_it_names() {
    let x = array![[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]];
    let fit = |objective: Objective| {
        let mut model: Some = Some::init(&mut rand::rng());
        let mut trainer = Trainer::new(objective).steps(1).progress(false);
        trainer.fit(&mut model, &x)
    };
    assert!(fit(Objective::esm()).is_ok() && fit(Objective::dsm(0.1)).is_ok());
    for objective in [Objective::ssm(1), Objective::ssm_vr(1)] {
        let error = fit(objective).expect_err("it is not compiled");
        let text = error.to_string();
        assert!(
            text.contains("model Some") && text.contains(objective.name()),
            "{text}"
        );
        assert!(
            matches!(error, Error::ObjectiveNotCompiled { model: "Some", .. }),
            "{text}"
        );
    }
}

#[test]
fn a_model_that_names_none_is_evaluated() {
    let x = array![[3.0, 4.0]];
    let mut model: Evaluated = Evaluated::init(&mut rand::rng());
    assert_eq!(model.energy(&x).expect("a quantity"), array![12.5]);
    assert_eq!(model.laplacian(&x).expect("a quantity"), array![2.0]);
    let fitted = Trainer::new(Objective::esm())
        .progress(false)
        .fit(&mut model, &x);
    assert!(matches!(fitted, Err(Error::ObjectiveNotCompiled { .. })));
}
