//! Rows of random numbers: signs and standard normals for 16 samples at a time.
//!
//! Enters: a [`Stream`], the samples of a panel, and the number of a direction. Leaves: one row of 16
//! lanes for each feature. Must hold: the value of a lane depends on the stream's key, the lane's sample,
//! the direction and the feature only.

use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::{Real, Vector};

use super::philox::philox;

/// Which random numbers of a step; each kind has counters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Projection directions.
    Directions = 0,
    /// The noise of denoising score matching.
    Noise = 1,
}

/// The random words of one step and kind, counted by (block of features, sample, direction).
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) key: [u32; 2],
    pub(super) numbers: Numbers,
}

impl Stream {
    /// 128 bits for every lane.
    #[inline(always)]
    fn words(self, block: usize, samples: &[u32; LANES], direction: usize) -> [[u32; LANES]; 4] {
        let counter = [
            [block as u32; LANES],
            *samples,
            [direction as u32; LANES],
            [self.numbers as u32; LANES],
        ];
        philox(counter, self.key)
    }

    /// ±1 with equal chances, one bit a feature.
    #[inline(always)]
    pub(super) fn signs<V: Vector>(
        self,
        samples: &[u32; LANES],
        direction: usize,
        rows: &mut [[V::Scalar; LANES]],
    ) {
        for (block, rows) in rows.chunks_mut(128).enumerate() {
            let words = self.words(block, samples, direction);
            for (word, rows) in words.iter().zip(rows.chunks_mut(32)) {
                // The lowest bit is the first feature's.
                let mut bits = word.map(u32::reverse_bits);
                for row in rows {
                    for (x, bits) in row.iter_mut().zip(&mut bits) {
                        *x = V::Scalar::signed_one(*bits);
                        *bits <<= 1;
                    }
                }
            }
        }
    }

    /// Standard normals by the transform of Box and Muller (1958): with U₁ uniform on (0, 1) and φ uniform
    /// on (−π, π), z = √(−2 ln U₁)·(cos φ, sin φ).
    ///
    /// Both uniforms have 32 bits and lie between the grid points, in f32 as in f64, so that both types
    /// draw the same numbers to rounding; |z| < 6.8.
    #[inline(always)]
    pub(super) fn normals<V: Vector>(
        self,
        samples: &[u32; LANES],
        direction: usize,
        rows: &mut [[V::Scalar; LANES]],
    ) {
        for (block, rows) in rows.chunks_mut(4).enumerate() {
            let words = self.words(block, samples, direction);
            for (pair, rows) in words.chunks_exact(2).zip(rows.chunks_mut(2)) {
                let mut uniform = [V::Scalar::of(0.0); LANES];
                let mut angle = [V::Scalar::of(0.0); LANES];
                for lane in 0..LANES {
                    uniform[lane] = V::Scalar::of((f64::from(pair[0][lane]) + 0.5) * UNIT);
                    angle[lane] = V::Scalar::of(
                        (f64::from(pair[1][lane] as i32) + 0.5) * (UNIT * std::f64::consts::TAU),
                    );
                }
                for i in 0..V::PER_ROW {
                    // In f32 the uniforms nearest 1 round to 1: a radius of 0 would have no direction.
                    let square =
                        (V::constant(-2.0) * V::load(&uniform, i).ln()).max(V::constant(UNIT));
                    let (radius, angle) = (square.sqrt(), V::load(&angle, i));
                    (radius * angle.cos()).store(&mut rows[0], i);
                    if let Some(row) = rows.get_mut(1) {
                        (radius * angle.sin()).store(row, i);
                    }
                }
            }
        }
    }
}

/// 2⁻³².
const UNIT: f64 = 1.0 / 4_294_967_296.0;

/// Σ_u a\[u\]·b\[u\] in every lane of the `i`-th vector, over the features that both have.
#[inline(always)]
pub(super) fn dot<V: Vector>(a: &[[V::Scalar; LANES]], b: &[[V::Scalar; LANES]], i: usize) -> V {
    let mut sum = V::constant(0.0);
    for (a, b) in a.iter().zip(b) {
        sum = V::load(a, i).mul_add(V::load(b, i), sum);
    }
    sum
}

/// Scales every lane to the norm √D, D = `rows.len()`.
#[inline(always)]
pub(super) fn onto_sphere<V: Vector>(rows: &mut [[V::Scalar; LANES]]) {
    let radius = V::constant((rows.len() as f64).sqrt());
    for i in 0..V::PER_ROW {
        let scale = radius / dot::<V>(rows, rows, i).sqrt();
        for row in rows.iter_mut() {
            (scale * V::load(row, i)).store(row, i);
        }
    }
}
