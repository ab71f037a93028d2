//! What a run computes on, and that the model has its own again afterwards.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{data, quiet, well};
use crate::device::Device;
use crate::error::Error;
use crate::train::*;

/// However a run ends, the model has the threads that it had; in the run it has the trainer's.
#[test]
fn the_threads_of_a_run_are_not_those_of_the_model() {
    let trainer = || {
        quiet(Objective::esm())
            .steps(3)
            .batch(8)
            .observe_every(1)
            .threads(2)
            .device(Device::cpu())
    };
    for before in [None, Some(1), Some(3)] {
        let mut model = well(1.0, [0.0, 0.0]);
        model.set_threads(before.unwrap_or(0));
        let own = model.any().threads_set();
        let mut seen = Vec::new();
        trainer()
            .fit_with(&mut model, &data(20), |event| {
                seen.push(event.model().any().threads_set());
            })
            .unwrap();
        assert!(!seen.is_empty() && seen.iter().all(|threads| *threads == Some(2)));
        assert_eq!(model.any().threads_set(), own);

        let failed = trainer().fit_with(&mut model, &data(20), |_| -> Result<(), Error> {
            Err(Error::EmptyBatch { what: "a test" })
        });
        assert!(failed.is_err());
        assert_eq!(model.any().threads_set(), own);

        let panicked = catch_unwind(AssertUnwindSafe(|| {
            trainer().fit_with(&mut model, &data(20), |event| assert_eq!(event.step(), 9))
        }));
        assert!(panicked.is_err());
        assert_eq!(model.any().threads_set(), own);

        // Not given, they are the model's.
        quiet(Objective::esm())
            .steps(1)
            .observe_every(1)
            .fit_with(&mut model, &data(20), |event| {
                assert_eq!(event.model().any().threads_set(), own);
            })
            .unwrap();
    }
}
