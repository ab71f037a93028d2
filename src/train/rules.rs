//! The update rules, each as one pass over memory in vectors.

use scorematch_kernels::simd::{ForVector, Real, Vector};

use super::rows::over_rows;
use super::{Adam, Sgd};

/// The step size of an update.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    /// The learning rate.
    pub(super) learning_rate: f64,
    /// The factor on the gradient.
    pub(super) scale: f64,
}

/// The update of Adam and AdamW: (g, θ) to (θ, m, v).
pub(super) struct AdamPass<'a, T> {
    pub(super) adam: &'a Adam,
    pub(super) decay: f64,
    pub(super) rates: Rates,
    /// 1 − β₁ᵗ and 1 − β₂ᵗ.
    pub(super) corrections: [f64; 2],
    pub(super) input: [&'a [T]; 2],
    pub(super) state: [&'a mut [T]; 3],
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
        let Rates {
            learning_rate,
            scale,
        } = self.rates;
        let scale = V::constant(scale);
        let (beta1, rest1) = (V::constant(beta1), V::constant(1.0 - beta1));
        let (beta2, rest2) = (V::constant(beta2), V::constant(1.0 - beta2));
        let epsilon = V::constant(epsilon);
        let root = V::constant(self.corrections[1].sqrt().recip());
        let step = V::constant(-learning_rate / self.corrections[0]);
        let keep = V::constant(1.0 - learning_rate * self.decay);
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

/// The update of gradient descent: (g, θ) to (θ, b).
pub(super) struct SgdPass<'a, T> {
    pub(super) sgd: &'a Sgd,
    pub(super) rates: Rates,
    pub(super) input: [&'a [T]; 2],
    pub(super) state: [&'a mut [T]; 2],
}

impl<T: Real> ForVector<T> for SgdPass<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Rates {
            learning_rate,
            scale,
        } = self.rates;
        let (scale, step) = (V::constant(scale), V::constant(-learning_rate));
        let momentum = V::constant(self.sgd.momentum);
        // The direction is g + momentum·b with Nesterov momentum, b otherwise.
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

/// mean ← decay·mean + (1 − decay)·parameters.
pub(super) struct AveragePass<'a, T> {
    pub(super) decay: f64,
    pub(super) parameters: &'a [T],
    pub(super) mean: &'a mut [T],
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
