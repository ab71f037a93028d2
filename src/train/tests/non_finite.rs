//! What is said of a loss that is not finite: which row or parameter made it so, and whether anything was trained.

use ndarray::{Array2, ArrayView2, array};

use super::{data, quiet, well};
use crate::error::Error;
use crate::model::Model;
use crate::objective::Loss;
use crate::testing::Well;
use crate::train::*;

crate::energy! {
    /// A particle in a well, repelled by another: singular where both are at one place.
    pub Charges(x: [2, 2]) {
        param k: [] = constant(1);
        0.5 * k * sum(sq(x)) + 1 / sqrt(sum(sq(x[0] - x[1])))
    }
}

/// Rows of two particles each, which coincide in `row`.
fn particles(rows: usize, row: usize) -> Array2<f32> {
    let mut x = Array2::from_shape_fn((rows, 4), |(b, u)| {
        0.5 + ((7 * b + 3 * u) % 11) as f32 * 0.3 + 0.17 * u as f32
    });
    for u in 0..2 {
        x[[row, 2 + u]] = x[[row, u]];
    }
    x
}

fn charges() -> Charges {
    let mut model = Charges::zeros();
    model.params_mut()[0] = 1.0;
    model
}

fn diverged(report: Report) -> Divergence {
    match report.stop {
        Stop::Diverged(divergence) => divergence,
        other => panic!("{other}"),
    }
}

fn row(cause: &Option<Cause>) -> (usize, &[f64], &str) {
    match cause {
        Some(Cause::Row {
            array,
            row,
            values,
            what,
            ..
        }) if array == "the data" => (*row, values, what),
        other => panic!("{other:?}"),
    }
}

fn objectives() -> [Objective; 4] {
    [
        Objective::esm(),
        Objective::ssm(2).distribution(crate::DirectionDistribution::Normal),
        Objective::ssm_vr(2).distribution(crate::DirectionDistribution::Rademacher),
        // So little noise that a coincidence remains one in single precision.
        Objective::dsm(1e-12),
    ]
}

#[test]
fn the_row_at_which_the_energy_is_singular_is_named() {
    for objective in objectives() {
        for standardize in [false, true] {
            let x = particles(40, 23);
            let mut model = charges();
            let report = Trainer::new(objective)
                .progress(false)
                .optimizer(Adam::new(1e-3))
                .batch(8)
                .epochs(1)
                .standardize(standardize)
                .fit(&mut model, &x);
            let divergence = match report {
                Ok(report) if standardize => {
                    // In units of their own the columns of two particles no longer coincide.
                    assert_eq!(report.stop, Stop::Finished, "{objective}");
                    continue;
                }
                report => diverged(report.unwrap()),
            };
            let (row, values, what) = row(&divergence.cause);
            assert_eq!((row, what), (23, "the energy"), "{objective}");
            assert!(divergence.rows.contains(&23));
            let expected: Vec<f64> = x.row(23).iter().map(|&x| f64::from(x)).collect();
            assert_eq!(values, expected, "{objective}");
            let message = divergence.to_string();
            assert!(
                message.contains("the energy is inf at row 23 of the data (from 0), [")
                    && message.contains("Drop or repair that row"),
                "{message}"
            );
        }
    }
}

#[test]
fn rows_are_told_in_the_units_of_the_data() {
    // Equal moments of both particles, so that a coincidence survives the change of units.
    let mut x = Array2::zeros((8, 4));
    for (b, values) in [
        [1.0, 2.0, 3.0, 5.0],
        [3.0, 5.0, 1.0, 2.0],
        [10.0, 20.0, 40.0, 10.0],
        [40.0, 10.0, 10.0, 20.0],
        [5.0, 5.0, 6.0, 7.0],
        [6.0, 7.0, 5.0, 5.0],
        [12.5, 30.25, 12.5, 30.25],
        [1.5, 7.0, 1.5, 7.5],
    ]
    .into_iter()
    .enumerate()
    {
        x.row_mut(b)
            .assign(&ndarray::arr1(&values.map(|v: f64| v as f32)));
    }
    x[[7, 3]] = 7.0;
    x[[7, 0]] = 1.5;
    let report = Trainer::new(Objective::esm())
        .progress(false)
        .standardize(true)
        .fit(&mut charges(), &x)
        .unwrap();
    let divergence = diverged(report);
    let Some(Cause::Row {
        row,
        values,
        others,
        batch,
        ..
    }) = &divergence.cause
    else {
        panic!("{:?}", divergence.cause)
    };
    assert_eq!((*others, *batch), (1, 8));
    let expected: Vec<f64> = x.row(*row).iter().map(|&x| f64::from(x)).collect();
    assert!([6, 7].contains(row) && *values == expected);
    assert!(
        divergence
            .to_string()
            .contains("and so at 1 other row of its batch")
    );
}

#[test]
fn nothing_is_trained_from_parameters_that_are_not_finite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = well(1.0, [0.0, f64::NAN]);
    let report = quiet(Objective::esm())
        .checkpoint(&path)
        .fit(&mut model, &data(20))
        .unwrap();
    assert_eq!((report.steps(), report.kept), (0, 0));
    let message = report.stop.to_string();
    assert_eq!(
        message,
        "cannot start: the loss is NaN at the parameters that training starts from: parameter \"b\" is NaN at [1]. Nothing \
         was trained, and the parameters are as they were. Give the model finite parameters, by `init` or `set`"
    );
    assert!(!path.exists(), "nothing was trained, and nothing is saved");
    assert!(model.params()[2].is_nan() && model.params()[0] == 1.0);
    let error = report.converged().unwrap_err().to_string();
    assert!(
        error.starts_with("training cannot start: the loss is NaN"),
        "{error}"
    );
    assert!(!error.contains("last finite"), "{error}");
}

#[test]
fn a_row_that_is_singular_at_the_start_is_named() {
    let report = Trainer::new(Objective::esm())
        .progress(false)
        .fit(&mut charges(), &particles(40, 3))
        .unwrap();
    let message = report.stop.to_string();
    assert!(
        message.starts_with("cannot start: ")
            && message.contains("Nothing was trained")
            && message.contains("the energy is inf at row 3 of the data"),
        "{message}"
    );
}

/// The stepper knows no data; it names rows of the batch, and the start is its own first step.
#[test]
fn a_stepper_names_the_row_of_its_batch() {
    let mut model = charges();
    let mut stepper = Stepper::new(&model, Adam::new(1e-3)).unwrap();
    stepper
        .step(
            &mut model,
            particles(10, 0).slice(ndarray::s![1.., ..]),
            &Loss::esm(),
            1.0,
        )
        .unwrap();
    let directions = ndarray::Array3::ones((1, 10, 4));
    for loss in [Loss::esm(), Loss::ssm(directions.view())] {
        let error = stepper
            .step(&mut model, particles(10, 6).view(), &loss, 1.0)
            .unwrap_err();
        let Error::Diverged {
            at_start, cause, ..
        } = &error
        else {
            panic!("{error}")
        };
        assert!(!at_start && cause.is_some());
        assert!(
            error.to_string().contains("at row 6 of the batch (from 0)"),
            "{error}"
        );
    }
}

/// Parameters that an update made infinite are the cause, not the rows that meet them.
#[test]
fn parameters_that_overflowed_are_named() {
    let x = data(20);
    let fit = |steps, learning_rate| {
        let mut model = well(1.0, [0.0, 0.0]);
        let report = quiet(Objective::esm())
            .optimizer(Sgd::new(learning_rate, 0.0))
            .steps(steps)
            .batch(20)
            .fit(&mut model, &x)
            .unwrap();
        assert!(model.params().iter().all(|x| x.is_finite()));
        diverged(report)
    };
    for divergence in [fit(1, f64::MAX), fit(5, f64::MAX)] {
        assert!(!divergence.at_start);
        assert!(
            matches!(
                &divergence.cause,
                Some(Cause::Parameter { name, .. }) if ["k", "b"].contains(&&name[..])
            ),
            "{divergence}"
        );
        assert!(
            divergence
                .to_string()
                .contains("The last finite parameters are kept")
        );
    }
}

/// A loss that is finite and far too large is that of the row with most of it.
#[test]
fn a_row_with_most_of_a_runaway_loss_is_named() {
    let mut x = data(40);
    x[[31, 0]] = 1e7;
    let mut model = well(1.0, [3.0, -2.0]);
    let report = quiet(Objective::esm())
        .optimizer(Sgd::new(1e-3, 0.0))
        .epochs(1)
        .batch(8)
        .seed(2)
        .fit(&mut model, &x)
        .unwrap();
    let divergence = diverged(report);
    assert!(divergence.value.is_finite());
    let (row, values, what) = row(&divergence.cause);
    assert_eq!((row, values[0], what), (31, 1e7, "its term of the loss"));
}

/// Loss and score are finite, and the gradient in k, k‖x − b‖², is not: the row is found by halves.
#[test]
fn a_row_whose_gradient_alone_overflows_is_named() {
    let mut x = Array2::<f32>::ones((21, 2));
    x[[13, 1]] = 1e30;
    let mut model = Model::<Well, f32>::zeros();
    model.params_mut().copy_from_slice(&[1e-20, 0.0, 0.0]);
    let cause = non_finite::find(model.any(), x.view(), &Loss::esm(), false);
    let Some(Cause::Row {
        row: 13,
        what,
        value,
        ..
    }) = cause
    else {
        panic!("{cause:?}")
    };
    // Lanes that hold no sample weigh infinity by 0.
    assert!(what == "the gradient of its loss in k" && !value.is_finite());
}

/// One row of the usual size has all of the loss, which says nothing unless the loss ran away.
#[test]
fn no_row_is_named_where_none_is_at_fault() {
    let x: ArrayView2<f32> = ArrayView2::from_shape((1, 2), &[1.0, 2.0]).unwrap();
    let mut model = Model::<Well, f32>::zeros();
    model.params_mut().copy_from_slice(&[1.0, 0.0, 0.0]);
    assert_eq!(non_finite::find(model.any(), x, &Loss::esm(), false), None);
    assert_eq!(
        non_finite::find(model.any(), x, &Loss::esm(), true).map(|c| c.value()),
        Some(0.5)
    );
}

#[test]
fn long_rows_are_shortened() {
    let cause = |values: Vec<f64>, others| Cause::Row {
        array: "the data".to_owned(),
        row: 4,
        values,
        what: "the Laplacian".to_owned(),
        value: f64::NAN,
        others,
        batch: 6,
    };
    assert_eq!(
        cause(array![1.0, f64::from(0.1f32), -2e-9, 1e30].to_vec(), 0).to_string(),
        "the Laplacian is NaN at row 4 of the data (from 0), [1.0, 0.1, -2e-9, 1e30]"
    );
    let long = (0..784).map(f64::from).collect();
    assert_eq!(
        cause(long, 5).to_string(),
        "the Laplacian is NaN at row 4 of the data (from 0), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, …, 783.0] (784 values), and \
         so at all 6 rows of its batch"
    );
    let eight = cause((0..8).map(f64::from).collect(), 0).to_string();
    assert!(
        eight.ends_with("[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]"),
        "{eight}"
    );
}
