//! The multiply-add peak of one core, which benchmarks measure beside what they time.

use std::hint::black_box;
use std::time::Instant;

use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

/// Twelve independent chains of multiply-adds, no memory.
pub(crate) struct Peak(pub(crate) usize);

impl<T: Real> ForVector<T> for Peak {
    type Out = T;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> T {
        let mut sums = [V::constant(black_box(0.5)); 12];
        let a = V::constant(black_box(0.5));
        for _ in 0..self.0 {
            for s in &mut sums {
                *s = s.mul_add(a, a);
            }
        }
        sums.into_iter()
            .reduce(|a, b| a + b)
            .map_or(T::zero(), |s| s.sum())
    }
}

/// Lanes of a vector.
pub(crate) struct LanesOf;

impl<T: Real> ForVector<T> for LanesOf {
    type Out = usize;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        V::LANES
    }
}

/// Floating-point operations a second of one core, two to a multiply-add: the best of some runs in `seconds`.
#[allow(dead_code, reason = "not every benchmark reports rates")]
pub(crate) fn peak<T: Real>(isa: InstructionSet, seconds: f64) -> f64 {
    const CHAINS: usize = 20_000;
    let work = (2 * 12 * CHAINS * T::dispatch(isa, LanesOf)) as f64;
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < seconds {
        let one = Instant::now();
        black_box(T::dispatch(isa, Peak(black_box(CHAINS))));
        best = best.min(one.elapsed().as_secs_f64());
    }
    work / best
}
