//! What the update rules do to the parameter buffer: one pass over memory, in vectors, a chunk a thread. Enters:
//! a finite gradient. Leaves: new parameters and the rule's own averages; the same bits on any team.

use crate::simd::{ForVector, Form, Real, Vector};
use crate::team::Team;

use super::rows::over_rows;
use super::{Adam, Optimizer, Sgd};

/// Parameters that one thread works on at a time, in rows of 16; what an update reads and writes of them stays in the
/// second-level cache until the moving average has seen it.
const CHUNK: usize = 4096;

/// How far an update goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    /// The learning rate.
    pub(super) rate: f64,
    /// The factor on the gradient.
    pub(super) scale: f64,
}

/// The averages that an update rule keeps between steps.
#[derive(Clone, Debug)]
pub(super) struct Averages<T> {
    /// Adam's mean gradient; the momentum of gradient descent.
    first: Vec<T>,
    /// Adam's mean square; empty for gradient descent.
    second: Vec<T>,
    /// Updates made.
    count: u64,
}

/// What an update reads and writes of one chunk of the parameters.
struct Chunk<'a, T> {
    gradient: &'a [T],
    old: &'a [T],
    new: &'a mut [T],
    first: &'a mut [T],
    /// `None` for a rule that keeps none.
    second: Option<&'a mut [T]>,
    /// The moving average of the parameters, if one is kept.
    mean: Option<&'a mut [T]>,
}

impl<T: Real> Averages<T> {
    pub(super) fn new(optimizer: &Optimizer, parameters: usize) -> Self {
        let second = match optimizer {
            Optimizer::Adam(_) | Optimizer::AdamW(_) => parameters,
            Optimizer::Sgd(_) => 0,
        };
        Self {
            first: vec![T::zero(); parameters],
            second: vec![T::zero(); second],
            count: 0,
        }
    }

    /// One update along the gradient, from the parameters `old` to `new`; then mean ← decay·mean + (1 − decay)·new for a
    /// moving average (decay, mean).
    #[expect(
        clippy::too_many_arguments,
        reason = "a rule, its rates, and the five arrays it walks over"
    )]
    pub(super) fn update(
        &mut self,
        team: Team,
        optimizer: &Optimizer,
        rates: Rates,
        gradient: &[T],
        old: &[T],
        new: &mut [T],
        mean: Option<(f64, &mut [T])>,
    ) {
        self.count += 1;
        let count = self.count as f64;
        let (decay, mean) = mean.unzip();
        let chunks = gradient
            .chunks(CHUNK)
            .zip(old.chunks(CHUNK))
            .zip(new.chunks_mut(CHUNK))
            .zip(self.first.chunks_mut(CHUNK))
            .zip(chunks_or_none(Some(&mut self.second[..])))
            .zip(chunks_or_none(mean))
            .map(|(((((gradient, old), new), first), second), mean)| Chunk {
                gradient,
                old,
                new,
                first,
                second,
                mean,
            });
        // Memory gives some 2 parameters with all that belongs to them in a nanosecond.
        team.share(gradient.len() / 2, chunks, |chunk: Chunk<'_, T>| {
            let Chunk {
                gradient,
                old,
                new,
                first,
                second,
                mean,
            } = chunk;
            let input = [gradient, old];
            let (adam, weight_decay) = match optimizer {
                Optimizer::Adam(adam) => (adam, 0.0),
                Optimizer::AdamW(adamw) => (&adamw.adam, adamw.decay),
                Optimizer::Sgd(sgd) => {
                    let state = [&mut *new, first];
                    T::dispatch(
                        team.form,
                        SgdPass {
                            sgd,
                            rates,
                            input,
                            state,
                        },
                    );
                    return follow(team.form, decay, mean, new);
                }
            };
            let corrections = [1.0 - adam.beta1.powf(count), 1.0 - adam.beta2.powf(count)];
            let state = [&mut *new, first, second.unwrap_or_default()];
            T::dispatch(
                team.form,
                AdamPass {
                    adam,
                    decay: weight_decay,
                    rates,
                    corrections,
                    input,
                    state,
                },
            );
            follow(team.form, decay, mean, new);
        });
    }
}

/// The chunks of an array, `None` for ever behind the last.
fn chunks_or_none<T>(array: Option<&mut [T]>) -> impl Iterator<Item = Option<&mut [T]>> {
    array
        .unwrap_or_default()
        .chunks_mut(CHUNK)
        .map(Some)
        .chain(std::iter::repeat_with(|| None))
}

/// Adam and AdamW from (g, θ) to (θ, m, v).
struct AdamPass<'a, T> {
    adam: &'a Adam,
    decay: f64,
    rates: Rates,
    /// 1 − β₁ᵗ and 1 − β₂ᵗ.
    corrections: [f64; 2],
    input: [&'a [T]; 2],
    state: [&'a mut [T]; 3],
}

impl<T: Real> ForVector<T> for AdamPass<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Adam {
            beta1,
            beta2,
            epsilon,
            ..
        } = *self.adam;
        let Rates { rate, scale } = self.rates;
        let scale = V::constant(scale);
        let (beta1, rest1) = (V::constant(beta1), V::constant(1.0 - beta1));
        let (beta2, rest2) = (V::constant(beta2), V::constant(1.0 - beta2));
        let epsilon = V::constant(epsilon);
        let root = V::constant(self.corrections[1].sqrt().recip());
        let step = V::constant(-rate / self.corrections[0]);
        let keep = V::constant(1.0 - rate * self.decay);
        over_rows::<V, 2, 3>(
            self.input,
            self.state,
            #[inline(always)]
            |[g, theta], [_, m, v]| {
                let g = g * scale;
                let m = m.mul_add(beta1, g * rest1);
                let v = v.mul_add(beta2, g * g * rest2);
                let direction = m / v.sqrt().mul_add(root, epsilon);
                [direction.mul_add(step, theta * keep), m, v]
            },
        );
    }
}

/// Gradient descent from (g, θ) to (θ, b).
struct SgdPass<'a, T> {
    sgd: &'a Sgd,
    rates: Rates,
    input: [&'a [T]; 2],
    state: [&'a mut [T]; 2],
}

impl<T: Real> ForVector<T> for SgdPass<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Rates { rate, scale } = self.rates;
        let (scale, step) = (V::constant(scale), V::constant(-rate));
        let momentum = V::constant(self.sgd.momentum);
        // g + momentum·b in Nesterov's form, b itself otherwise.
        let (of_g, of_b) = match self.sgd.nesterov {
            true => (V::constant(1.0), momentum),
            false => (V::constant(0.0), V::constant(1.0)),
        };
        over_rows::<V, 2, 2>(
            self.input,
            self.state,
            #[inline(always)]
            |[g, theta], [_, b]| {
                let g = g * scale;
                let b = b.mul_add(momentum, g);
                [(g * of_g + b * of_b).mul_add(step, theta), b]
            },
        );
    }
}

/// mean ← decay·mean + (1 − decay)·parameters, if a mean is kept.
fn follow<T: Real>(form: Form, decay: Option<f64>, mean: Option<&mut [T]>, parameters: &[T]) {
    if let (Some(decay), Some(mean)) = (decay, mean) {
        T::dispatch(
            form,
            AveragePass {
                decay,
                parameters,
                mean,
            },
        );
    }
}

struct AveragePass<'a, T> {
    decay: f64,
    parameters: &'a [T],
    mean: &'a mut [T],
}

impl<T: Real> ForVector<T> for AveragePass<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let rest = V::constant(1.0 - self.decay);
        over_rows::<V, 1, 1>(
            [self.parameters],
            [self.mean],
            #[inline(always)]
            |[parameter], [mean]| [(parameter - mean).mul_add(rest, mean)],
        );
    }
}

/// ‖gradient‖; NaN or infinite if an entry is, or if a square overflows. `squares` is room for the sums of chunks.
pub(super) fn norm<T: Real>(team: Team, gradient: &[T], squares: &mut Vec<f64>) -> f64 {
    squares.resize(gradient.len().div_ceil(CHUNK), 0.0);
    let chunks = gradient.chunks(CHUNK).zip(&mut *squares);
    // Memory gives some 8 scalars in a nanosecond.
    team.share(gradient.len() / 8, chunks, |(gradient, square)| {
        *square = T::dispatch(team.form, NormPass { gradient });
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
        // Short sums in T, long ones in double precision.
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
    use crate::train::AdamW;

    /// Parameters and gradients of 19 entries, one row and a tail of three, with magnitudes from
    /// 0.01 to 100.
    const LENGTH: usize = 19;
    const PROBED: [usize; 3] = [3, 16, 18];

    fn start<T: Real>() -> Vec<T> {
        (0..LENGTH).map(|i| T::of((0.7 * i as f64).cos())).collect()
    }

    fn gradient<T: Real>(step: usize) -> Vec<T> {
        let entry = |i: usize| (1.0 + (i + 3 * step) as f64).sin() * 10f64.powi((i % 5) as i32 - 2);
        (0..LENGTH).map(|i| T::of(entry(i))).collect()
    }

    fn forms() -> impl Iterator<Item = Form> {
        Form::ALL.into_iter().filter(|form| form.is_supported())
    }

    fn after_six<T: Real>(form: Form, optimizer: Optimizer, clip: Option<f64>) -> Vec<f64> {
        let mut parameters = start::<T>();
        let mut averages = Averages::new(&optimizer, LENGTH);
        let team = Team::alone(form);
        for step in 0..6 {
            let gradient = gradient::<T>(step);
            let clipped = |clip: f64| (clip / norm(team, &gradient, &mut Vec::new())).min(1.0);
            let rates = Rates {
                rate: optimizer.rate(),
                scale: clip.map_or(1.0, clipped),
            };
            let old = parameters.clone();
            averages.update(
                team,
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

    /// The same six updates by optax 0.2.8 in float64.
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
            (
                Sgd {
                    nesterov: true,
                    ..Sgd::new(1e-2, 0.9)
                }
                .into(),
                None,
                nesterov,
            ),
            (Adam::new(3e-3).into(), Some(0.5), clipped),
        ];
        for form in forms() {
            for (optimizer, clip, expected) in cases {
                for (double, tolerance) in [(true, 1e-14), (false, 1e-6)] {
                    let found = match double {
                        true => after_six::<f64>(form, optimizer, clip),
                        false => after_six::<f32>(form, optimizer, clip),
                    };
                    for (found, expected) in found.iter().zip(expected) {
                        let error = (found - expected).abs();
                        assert!(
                            error < tolerance,
                            "{form} {optimizer:?}: {found} for {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn averages_follow() {
        for form in forms() {
            let mut mean = start::<f64>();
            follow(form, Some(0.75), Some(&mut mean), &gradient(0));
            for (i, mean) in mean.iter().enumerate() {
                let expected = 0.75 * start::<f64>()[i] + 0.25 * gradient::<f64>(0)[i];
                assert!((mean - expected).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn norms_of_any_length_and_of_broken_gradients() {
        for form in forms() {
            for length in [0, 1, 15, 16, 17, 1000, 5000] {
                let gradient: Vec<f32> = (0..length).map(|i| (i as f32).sin()).collect();
                let expected = gradient
                    .iter()
                    .map(|&g| f64::from(g).powi(2))
                    .sum::<f64>()
                    .sqrt();
                let team = Team { form, threads: 2 };
                assert!(
                    (norm(team, &gradient, &mut Vec::new()) - expected).abs() <= 1e-6 * expected,
                    "{length}"
                );
            }
            for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
                for place in [0, 16, 40] {
                    let mut gradient = vec![1.0; 41];
                    gradient[place] = broken;
                    let norm = norm(Team::alone(form), &gradient, &mut Vec::new());
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
