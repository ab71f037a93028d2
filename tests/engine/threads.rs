//! The same bits for any number of threads.

use super::*;

fn check_threads<S: Spec, T: Real>(batch: usize) {
    let mut model: Model<S, T> = model();
    let x = samples(batch, model.dim()).mapv(T::of);
    model.set_threads(1);
    let alone = everything(&model, x.view());
    for threads in [2, 3, 8] {
        model.set_threads(threads);
        assert_eq!(
            everything(&model, x.view()),
            alone,
            "{threads} threads, batch {batch}"
        );
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for batch in [1, 17, 128, 1000] {
        check_threads::<Wave<3, 5>, f32>(batch);
        check_threads::<Wave<3, 5>, f64>(batch);
    }
    check_threads::<Wave<90, 37>, f32>(130);
    check_threads::<Wave<90, 37>, f64>(130);
}

/// Parameters and their average after training steps of every loss, with clipping, as bits.
fn trained<S: Spec, T: Real>(threads: usize, batch: usize) -> Vec<u64> {
    let mut model: Model<S, T> = model();
    model.set_threads(threads);
    let x = samples(batch, model.dim()).mapv(T::of);
    let mut stepper = Stepper::new(&model, AdamW::new(1e-3, 1e-2))
        .and_then(|stepper| stepper.clip(0.5))
        .and_then(|stepper| stepper.ema(0.9))
        .unwrap();
    for step in 0..3 {
        let draw = RandomDraw {
            kind: DirectionDistribution::Normal,
            count: 2,
            seed: 4,
            step,
        };
        let noise = Noise::Drawn { seed: 4, step };
        let losses = [
            Loss::esm(),
            Loss::ssm(draw),
            Loss::ssm_vr(draw),
            Loss::dsm(T::of(0.1), noise),
        ];
        for loss in &losses {
            stepper.step(&mut model, x.view(), loss, 1.0).unwrap();
        }
    }
    let average = stepper.averaged().unwrap_or_default();
    let values = model.params().iter().chain(average);
    values.map(|&value| value.to_f64().to_bits()).collect()
}

#[test]
fn training_gives_the_same_bits_too() {
    for batch in [17, 130] {
        for threads in [2, 3] {
            assert_eq!(
                trained::<Wave<3, 5>, f32>(1, batch),
                trained::<Wave<3, 5>, f32>(threads, batch)
            );
            assert_eq!(
                trained::<Wave<90, 37>, f32>(1, batch),
                trained::<Wave<90, 37>, f32>(threads, batch)
            );
            assert_eq!(
                trained::<Wave<90, 370>, f64>(1, batch),
                trained::<Wave<90, 370>, f64>(threads, batch)
            );
        }
    }
}

#[test]
fn concurrent_calls_do_not_meet() {
    let model: Small<f64> = model();
    let x = samples(200, 3);
    let alone = everything(&model, x.view());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(everything(&model, x.view()), alone));
        }
    });
}
