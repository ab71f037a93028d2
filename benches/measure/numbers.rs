//! Numbers that a benchmark starts from, the same in every language: entry k of a stream is SplitMix64 (Steele, Lea,
//! Flood 2014) of k. `benches/peer/numbers.py` is its twin, so that a loss here can be held against a peer's.

use ndarray::{Array2, Array3};
use scorematch::{Model, Real, Spec};

/// Where the streams of data, directions and noise start; that of the parameters starts at 0.
const DATA: u64 = 1 << 40;
const DIRECTIONS: u64 = 2 << 40;

/// Entry `k`, uniform in [0, 1).
fn uniform(k: u64) -> f64 {
    let mut z = k.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Entry `k`, uniform with mean 0 and variance 1.
fn spread(k: u64) -> f64 {
    (2.0 * uniform(k) - 1.0) * 3f64.sqrt()
}

/// A model whose matrices have entries of variance 1 / inputs, everything else being 0.
pub(crate) fn model<S: Spec, T: Real>() -> Model<S, T> {
    let mut model = Model::<S, T>::zeros();
    for info in S::PARAMS {
        if let [_, inputs] = *info.shape {
            let place = info.offset..info.offset + info.len();
            for (k, value) in place.clone().zip(&mut model.params_mut()[place]) {
                *value = T::of(spread(k as u64) / (inputs as f64).sqrt());
            }
        }
    }
    model
}

/// Samples `[batch, dim]`, of variance 1.
pub(crate) fn samples<T: Real>(batch: usize, dim: usize) -> Array2<T> {
    Array2::from_shape_fn((batch, dim), |(b, i)| {
        T::of(spread(DATA + (b * dim + i) as u64))
    })
}

/// One direction of signs a sample, `[1, batch, dim]`; denoising takes them as its noise.
pub(crate) fn signs<T: Real>(batch: usize, dim: usize) -> Array3<T> {
    Array3::from_shape_fn((1, batch, dim), |(_, b, i)| {
        let u = uniform(DIRECTIONS + (b * dim + i) as u64);
        T::of(if u < 0.5 { -1.0 } else { 1.0 })
    })
}
