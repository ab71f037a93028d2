//! The update rules applied to the parameter buffer: one pass over memory, in vectors, with chunks distributed over
//! threads. Takes a finite gradient; produces new parameters and the averages of the rule. Invariant: the result has
//! the same bits for any thread pool.

use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::buffer::{COLUMNS, LINE};

use super::rules::{AdamPass, AveragePass, Rates, SgdPass};
use super::{Adam, Optimizer};

/// Number of parameters in a chunk, the unit of work of a thread. The gradient is summed in the same chunks, so that a
/// core finds its chunk of the gradient in its cache.
const CHUNK: usize = COLUMNS;

/// The averages of an update rule between steps.
#[derive(Clone, Debug)]
pub(super) struct Averages<T> {
    /// The mean gradient of Adam; the momentum of gradient descent.
    first: Vec<T>,
    /// The mean square of Adam; empty for gradient descent.
    second: Vec<T>,
    /// Number of updates.
    count: u64,
}

impl<T: Real> Averages<T> {
    pub(super) fn new(optimizer: &Optimizer, parameters: usize) -> Self {
        Self {
            first: vec![T::zero(); parameters],
            second: vec![T::zero(); optimizer.mean_squares(parameters)],
            count: 0,
        }
    }

    /// The averages after `count` updates.
    pub(super) fn of(first: Vec<T>, second: Vec<T>, count: u64) -> Self {
        Self {
            first,
            second,
            count,
        }
    }

    /// The first averages and the second ones, which are empty for gradient descent.
    pub(super) fn values(&self) -> (&[T], &[T]) {
        (&self.first, &self.second)
    }

    /// Makes one update along the gradient, from the parameters `old` to `new`. With a moving average (decay, mean),
    /// then computes mean ← decay·mean + (1 − decay)·new.
    #[expect(
        clippy::too_many_arguments,
        reason = "a rule, its rates, and the five arrays it walks over"
    )]
    pub(super) fn update(
        &mut self,
        pool: ThreadPool,
        optimizer: &Optimizer,
        rates: Rates,
        gradient: &[T],
        old: &[T],
        new: &mut [T],
        mean: Option<(f64, &mut [T])>,
    ) {
        self.count += 1;
        let count = self.count as f64;
        let corrections = |adam: &Adam| {
            let left = |beta: f64| 1.0 - beta.powf(count);
            [left(adam.beta1), left(adam.beta2)]
        };
        let (decay, mean) = mean.unzip();
        let arrays = [
            new,
            &mut self.first[..],
            &mut self.second[..],
            mean.unwrap_or_default(),
        ];
        // The second-level cache delivers about 4 parameters with their gradient and averages per nanosecond.
        pool.parallel_for_ranges(gradient.len() / 4, CHUNK, arrays, |i, arrays| {
            let at = i * CHUNK..gradient.len().min((i + 1) * CHUNK);
            let input = [&gradient[at.clone()], &old[at]];
            let [new, first, second, mean] = arrays;
            if pool.threads > 1 {
                claim(new);
            }
            let adam = |adam, decay, state| AdamPass {
                adam,
                decay,
                rates,
                corrections: corrections(adam),
                input,
                state,
            };
            match optimizer {
                Optimizer::Adam(rule) => {
                    T::dispatch(pool.isa, adam(rule, 0.0, [&mut *new, first, second]));
                }
                Optimizer::AdamW(rule) => {
                    let state = [&mut *new, first, second];
                    T::dispatch(pool.isa, adam(&rule.adam, rule.decay, state));
                }
                Optimizer::Sgd(sgd) => T::dispatch(
                    pool.isa,
                    SgdPass {
                        sgd,
                        rates,
                        input,
                        state: [&mut *new, first],
                    },
                ),
            }
            if let Some(decay) = decay {
                follow(pool.isa, decay, mean, new);
            }
        });
    }
}

/// Writes one scalar in every cache line of parameters that the update will write. Other cores hold copies of these
/// lines, which must be invalidated first. This costs tens of nanoseconds a line when it happens between the reads and
/// writes of an update, and a third of that when all lines are requested at once
/// (docs/decisions/0012-cache-lines-between-cores.md).
fn claim<T: Real>(parameters: &mut [T]) {
    for line in parameters.chunks_mut(LINE / size_of::<T>()) {
        // SAFETY: the reference is valid for writes. The write is volatile because the update overwrites the scalar.
        unsafe { std::ptr::write_volatile(&mut line[0], T::zero()) };
    }
}

/// mean ← decay·mean + (1 − decay)·parameters.
fn follow<T: Real>(isa: InstructionSet, decay: f64, mean: &mut [T], parameters: &[T]) {
    T::dispatch(
        isa,
        AveragePass {
            decay,
            parameters,
            mean,
        },
    );
}

/// ‖gradient‖; NaN or infinite if an entry is, or if a square overflows. `squares` is workspace for the sums over
/// chunks.
pub(super) fn norm<T: Real>(pool: ThreadPool, gradient: &[T], squares: &mut Vec<f64>) -> f64 {
    squares.resize(gradient.len().div_ceil(CHUNK), 0.0);
    // Runs in parallel whenever the update does: fetching a chunk that another core has summed costs more than squaring
    // it.
    pool.parallel_for_ranges(gradient.len() / 4, 1, [&mut squares[..]], |i, [sum]| {
        let gradient = &gradient[i * CHUNK..gradient.len().min((i + 1) * CHUNK)];
        sum.fill(T::dispatch(pool.isa, NormPass { gradient }));
    });
    squares.iter().sum::<f64>().sqrt()
}

struct NormPass<'a, T> {
    gradient: &'a [T],
}

impl<T: Real> ForVector<T> for NormPass<'_, T> {
    type Out = f64;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> f64 {
        let (rows, tail) = self.gradient.as_chunks::<16>();
        let mut total = tail.iter().map(|&g| g.to_f64() * g.to_f64()).sum::<f64>();
        // Sums over a block are in `T`, the sum over blocks is in float64.
        for block in rows.chunks(32) {
            let mut sum = V::constant(0.0);
            for row in block {
                for i in 0..V::PER_ROW {
                    let g = V::load(row, i);
                    sum = g.mul_add(g, sum);
                }
            }
            total += sum.sum().to_f64();
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{AdamW, Sgd};

    /// Parameters and gradients have 19 entries: one row and a tail of three, with magnitudes from 0.01 to 100.
    const LENGTH: usize = 19;
    const PROBED: [usize; 3] = [3, 16, 18];

    fn start<T: Real>() -> Vec<T> {
        (0..LENGTH).map(|i| T::of((0.7 * i as f64).cos())).collect()
    }

    fn gradient<T: Real>(step: usize) -> Vec<T> {
        let entry = |i: usize| (1.0 + (i + 3 * step) as f64).sin() * 10f64.powi((i % 5) as i32 - 2);
        (0..LENGTH).map(|i| T::of(entry(i))).collect()
    }

    fn instruction_sets() -> impl Iterator<Item = InstructionSet> {
        InstructionSet::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
    }

    fn after_six<T: Real>(
        isa: InstructionSet,
        optimizer: Optimizer,
        clip: Option<f64>,
    ) -> Vec<f64> {
        let mut parameters = start::<T>();
        let mut averages = Averages::new(&optimizer, LENGTH);
        let pool = ThreadPool::single_threaded(isa);
        for step in 0..6 {
            let gradient = gradient::<T>(step);
            let clipped = |clip: f64| (clip / norm(pool, &gradient, &mut Vec::new())).min(1.0);
            let rates = Rates {
                learning_rate: optimizer.learning_rate(),
                scale: clip.map_or(1.0, clipped),
            };
            let old = parameters.clone();
            averages.update(
                pool,
                &optimizer,
                rates,
                &gradient,
                &old,
                &mut parameters,
                None,
            );
        }
        PROBED.iter().map(|&i| parameters[i].to_f64()).collect()
    }

    /// The reference is the same six updates by optax 0.2.8 in float64.
    #[test]
    fn optax_gives_the_same() {
        let adam = [-0.5000040550930255, 0.2074257487994027, 0.9931931500409958];
        let adamw = [
            -0.49910165269075385,
            0.20705519052065596,
            0.9914027244336697,
        ];
        let momentum = [-0.30634456398729915, 0.2053240724643933, 0.9287921519126263];
        let nesterov = [
            -0.29002511028315686,
            0.20533647299764776,
            0.8953938973335037,
        ];
        let clipped = [-0.4999249689218565, 0.20750471223529693, 0.9931057817288568];
        let cases: [(Optimizer, Option<f64>, [f64; 3]); 5] = [
            (Adam::new(3e-3).into(), None, adam),
            (AdamW::new(3e-3, 0.1).into(), None, adamw),
            (Sgd::new(1e-2, 0.9).into(), None, momentum),
            (Sgd::new(1e-2, 0.9).nesterov(true).into(), None, nesterov),
            (Adam::new(3e-3).into(), Some(0.5), clipped),
        ];
        for isa in instruction_sets() {
            for (optimizer, clip, expected) in cases {
                for (double, tolerance) in [(true, 1e-14), (false, 1e-6)] {
                    let found = match double {
                        true => after_six::<f64>(isa, optimizer, clip),
                        false => after_six::<f32>(isa, optimizer, clip),
                    };
                    for (found, expected) in found.iter().zip(expected) {
                        let error = (found - expected).abs();
                        assert!(
                            error < tolerance,
                            "{isa} {optimizer:?}: {found} for {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn averages_follow() {
        for isa in instruction_sets() {
            let mut mean = start::<f64>();
            follow(isa, 0.75, &mut mean, &gradient(0));
            for (i, mean) in mean.iter().enumerate() {
                let expected = 0.75 * start::<f64>()[i] + 0.25 * gradient::<f64>(0)[i];
                assert!((mean - expected).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn norms_of_any_length_and_of_broken_gradients() {
        for isa in instruction_sets() {
            for length in [0, 1, 15, 16, 17, 1000, 5000] {
                let gradient: Vec<f32> = (0..length).map(|i| (i as f32).sin()).collect();
                let expected = gradient
                    .iter()
                    .map(|&g| f64::from(g).powi(2))
                    .sum::<f64>()
                    .sqrt();
                let pool = ThreadPool { isa, threads: 2 };
                assert!(
                    (norm(pool, &gradient, &mut Vec::new()) - expected).abs() <= 1e-6 * expected,
                    "{length}"
                );
            }
            for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
                for place in [0, 16, 40] {
                    let mut gradient = vec![1.0; 41];
                    gradient[place] = broken;
                    let norm = norm(ThreadPool::single_threaded(isa), &gradient, &mut Vec::new());
                    assert_eq!(
                        norm.is_finite(),
                        broken == 1e30 && place == 40,
                        "{broken} at {place}"
                    );
                }
            }
        }
    }
}
