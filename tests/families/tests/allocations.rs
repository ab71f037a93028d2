//! A training step allocates nothing once the one before it has: losses, directions, factorisation and update, on one
//! thread and on two.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array2;
use rand::{SeedableRng, rngs::SmallRng};
use scorematch::train::{Adam, Sgd, Stepper};
use scorematch::{DirectionDistribution, Loss, Model, Noise, RandomDraw, Real, Spec, energy};

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

energy! {
    /// Few directions: no factorisation.
    Low(x: [6]) { mlp(x, [19, 12], silu) }
    /// Narrower input than the first layer: the factorisation of a tall matrix.
    Narrow(x: [21]) { mlp(x, [37, 45], tanh) + 0.5 * sum(sq(x)) }
    /// Wider input than the first layer: that of a wide one, sums within partial accumulators.
    Wide(x: [59]) { mlp(x, [43, 27], silu) }
    /// Products with the samples over the whole batch beside the factorisation.
    Deferred(x: [301]) { mlp(x, [41, 35], softplus) }
}

/// Several panels, and one whose directions are shared out.
const BATCHES: [usize; 2] = [77, 9];

fn check<S: Spec, T: Real>(batch: usize) {
    let x = Array2::from_shape_fn((batch, S::DIM), |(b, i)| {
        T::of(((b * S::DIM + i) as f64 * 0.618).fract() - 0.5)
    });
    let columns = x.t().to_owned();
    let draw = |kind, step| RandomDraw {
        kind,
        count: 3,
        seed: 5,
        step,
    };
    for threads in [1, 2] {
        let mut model = Model::<S, T>::init(&mut SmallRng::seed_from_u64(1));
        model.set_threads(threads);
        let mut stepper = Stepper::new(&model, Adam::new(1e-4)).unwrap();
        let mut averaged = Stepper::new(&model, Sgd::new(1e-5, 0.9))
            .and_then(|stepper| stepper.ema(0.9))
            .and_then(|stepper| stepper.clip(1.0))
            .unwrap();
        let mut round = |number: u64, seen: &mut dyn FnMut(&str)| {
            let losses: [(&str, Loss<'_, T>); 7] = [
                ("esm", Loss::esm()),
                (
                    "ssm",
                    Loss::ssm(draw(DirectionDistribution::Rademacher, number)),
                ),
                (
                    "ssm",
                    Loss::ssm(draw(DirectionDistribution::Orthonormal, number)),
                ),
                (
                    "ssm_vr",
                    Loss::ssm_vr(draw(DirectionDistribution::Normal, number)),
                ),
                (
                    "ssm_vr",
                    Loss::ssm_vr(draw(DirectionDistribution::Sphere, number)),
                ),
                (
                    "dsm",
                    Loss::dsm(
                        T::of(0.3),
                        Noise::Drawn {
                            seed: 2,
                            step: number,
                        },
                    ),
                ),
                (
                    "dsm of given noise",
                    Loss::dsm(T::of(0.3), Noise::Given(x.view())),
                ),
            ];
            for (what, loss) in &losses {
                stepper.step(&mut model, x.view(), loss, 1.0).unwrap();
                averaged.step(&mut model, columns.t(), loss, 1.0).unwrap();
                seen(what);
            }
        };
        round(0, &mut |_| {});
        // A worker that the first round started allocates when the system first runs it.
        scorematch_kernels::pool::wait_until_asleep();
        let mut last = ALLOCATIONS.load(Ordering::Relaxed);
        for number in 1..20 {
            round(number, &mut |what| {
                let now = ALLOCATIONS.load(Ordering::Relaxed);
                let found = now - last;
                assert_eq!(found, 0, "{}, {what}, {threads} threads", S::NAME);
                last = now;
            });
        }
    }
}

fn steps_allocate_nothing() {
    for batch in BATCHES {
        check::<LowSpec, f32>(batch);
        check::<NarrowSpec, f32>(batch);
        check::<WideSpec, f32>(batch);
        check::<DeferredSpec, f32>(batch);
        check::<WideSpec, f64>(batch);
        check::<DeferredSpec, f64>(batch);
    }
}

/// No test harness, whose own thread would allocate whenever it has something to say, as after a minute.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("steps_allocate_nothing: test");
        return;
    }
    steps_allocate_nothing();
    println!("test steps_allocate_nothing ... ok");
}
