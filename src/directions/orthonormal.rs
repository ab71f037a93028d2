//! Orthogonal directions of norm √D, distributed as the columns of a Haar-random orthogonal matrix.
//!
//! Stewart (1980), "The efficient generation of random orthogonal matrices": with x_j a standard normal
//! vector on the coordinates j.., H_j the Householder reflection that takes it to −s_j‖x_j‖·e_j, and
//! s_j = sign(x_j)₀, the columns q_j = −s_j·H₀H₁…H_j·e_j are orthonormal to rounding and Haar.
//! A direction needs the reflections of the earlier ones of its block, which are kept for the tile in
//! hand: min(D, M)·D rows a panel.

use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::{Real, Vector};

use super::normal::{Stream, dot};

/// The reflections of the block in hand.
///
/// Of reflection j and panel p, the rows `(j·pn + p)·(D + 2) ..` hold the reflection vector in its
/// coordinates j.. and then two more rows: 2/‖u‖² and the signed length −s_j√D of the direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block<T> {
    rows: Vec<[T; LANES]>,
    /// The first direction of the block.
    start: usize,
    /// Reflections that are made.
    made: usize,
}

impl<T: Real> Block<T> {
    /// Makes room for the block of `count` directions of `dim` features for `panels` panels.
    pub(crate) fn reserve(&mut self, count: usize, panels: usize, dim: usize) {
        let rows = count.min(dim) * panels * (dim + 2);
        self.rows.reserve(rows.saturating_sub(self.rows.len()));
    }

    /// Forgets the samples in hand; the memory stays.
    pub(crate) fn clear(&mut self) {
        self.made = 0;
    }

    /// Direction `t` of `dim` features for every panel of samples: `panels·dim` rows.
    #[inline(always)]
    pub(super) fn direction<V: Vector<Scalar = T>>(
        &mut self,
        stream: Stream,
        samples: &[[u32; LANES]],
        t: usize,
        dim: usize,
        out: &mut [[T; LANES]],
    ) {
        let j = t % dim;
        if self.start != t - j {
            self.start = t - j;
            self.made = 0;
        }
        let (panels, stride) = (samples.len(), dim + 2);
        while self.made <= j {
            let new = self.made * panels * stride;
            if self.rows.len() < new + panels * stride {
                self.rows.resize(new + panels * stride, [T::of(0.0); LANES]);
            }
            for (p, samples) in samples.iter().enumerate() {
                let rows = &mut self.rows[new + p * stride..][..stride];
                let (vector, head) = rows.split_at_mut(dim);
                stream.normals::<V>(samples, self.start + self.made, &mut vector[self.made..]);
                reflect_to_axis::<V>(&mut vector[self.made..], head, dim);
            }
            self.made += 1;
        }
        for (p, out) in out.chunks_exact_mut(dim).enumerate() {
            let reflection = |i: usize| &self.rows[(i * panels + p) * stride..][..stride];
            out.fill([T::of(0.0); LANES]);
            out[j] = reflection(j)[dim + 1];
            for i in (0..=j).rev() {
                let (vector, head) = reflection(i).split_at(dim);
                reflect::<V>(&vector[i..], &head[0], &mut out[i..]);
            }
        }
    }
}

/// Replaces x by u = x + s‖x‖e₀ and writes 2/‖u‖² and −s√D to `head`.
#[inline(always)]
fn reflect_to_axis<V: Vector>(
    x: &mut [[V::Scalar; LANES]],
    head: &mut [[V::Scalar; LANES]],
    dim: usize,
) {
    let zero = V::constant(0.0);
    for i in 0..V::PER_ROW {
        let norm = dot::<V>(x, x, i).sqrt();
        let first = V::load(&x[0], i);
        // sign(0) = 1
        let sign = V::constant(1.0) - V::constant(2.0) * (zero - first).step();
        (first + sign * norm).store(&mut x[0], i);
        // ‖u‖² = 2‖x‖(‖x‖ + |x₀|); x = 0 leaves H = I.
        let half = (norm * (norm + first.abs())).max(V::constant(f64::from(f32::MIN_POSITIVE)));
        half.recip().store(&mut head[0], i);
        (V::constant(-(dim as f64).sqrt()) * sign).store(&mut head[1], i);
    }
}

/// y ← y − (2/‖u‖²)·(u·y)·u
#[inline(always)]
fn reflect<V: Vector>(
    u: &[[V::Scalar; LANES]],
    factor: &[V::Scalar; LANES],
    y: &mut [[V::Scalar; LANES]],
) {
    for i in 0..V::PER_ROW {
        let scale = -(V::load(factor, i) * dot::<V>(u, y, i));
        for (u, y) in u.iter().zip(y.iter_mut()) {
            scale.mul_add(V::load(u, i), V::load(y, i)).store(y, i);
        }
    }
}
