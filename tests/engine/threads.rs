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
