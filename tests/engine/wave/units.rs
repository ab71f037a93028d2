//! The parameters and the terms of the energy.

use scorematch::__private::*;

use super::Wave;

/// ‖w_h‖².
pub(super) fn square_norms<const D: usize, const H: usize, T: Real>(
    params: &[T],
    shared: &mut [T],
) {
    for (norm, w) in shared
        .iter_mut()
        .zip(params[Wave::<D, H>::W..].chunks_exact(D))
    {
        *norm = w.iter().map(|w| *w * *w).sum();
    }
}

#[inline(always)]
pub(super) fn dot<V: Vector>(a: &[[V::Scalar; LANES]], b: &[[V::Scalar; LANES]], i: usize) -> V {
    a.iter().zip(b).fold(V::constant(0.0), |sum, (a, b)| {
        V::load(a, i).mul_add(V::load(b, i), sum)
    })
}

/// The parameters, read as vectors.
pub(super) struct Units<'a, const D: usize, const H: usize, V: Vector> {
    params: &'a [V::Scalar],
}

impl<'a, const D: usize, const H: usize, V: Vector> Units<'a, D, H, V> {
    #[inline(always)]
    pub(super) fn new(params: &'a [V::Scalar]) -> Self {
        Units { params }
    }

    #[inline(always)]
    pub(super) fn k(&self) -> V {
        V::splat(self.params[0])
    }

    #[inline(always)]
    pub(super) fn a(&self, h: usize) -> V {
        V::splat(self.params[Wave::<D, H>::A + h])
    }

    /// w_h·v
    #[inline(always)]
    pub(super) fn product(&self, h: usize, v: &[[V::Scalar; LANES]], i: usize) -> V {
        let w = &self.params[Wave::<D, H>::W + h * D..][..D];
        w.iter().zip(v).fold(V::constant(0.0), |sum, (w, v)| {
            V::splat(*w).mul_add(V::load(v, i), sum)
        })
    }

    #[inline(always)]
    pub(super) fn z(&self, h: usize, x: &[[V::Scalar; LANES]], i: usize) -> V {
        self.product(h, x, i) + V::splat(self.params[Wave::<D, H>::B + h])
    }

    /// ∇E = kx + Wᵀ(a cos z)
    #[inline(always)]
    pub(super) fn gradient(
        &self,
        x: &[[V::Scalar; LANES]],
        out: &mut [[V::Scalar; LANES]],
        i: usize,
    ) {
        for (x, out) in x.iter().zip(out.iter_mut()) {
            (self.k() * V::load(x, i)).store(out, i);
        }
        for h in 0..H {
            self.add_unit(h, self.a(h) * self.z(h, x, i).cos(), out, i);
        }
    }

    /// ∇²E v = kv − Wᵀ(a sin z ∘ Wv)
    #[inline(always)]
    pub(super) fn hvp(
        &self,
        x: &[[V::Scalar; LANES]],
        v: &[[V::Scalar; LANES]],
        out: &mut [[V::Scalar; LANES]],
        i: usize,
    ) {
        for (v, out) in v.iter().zip(out.iter_mut()) {
            (self.k() * V::load(v, i)).store(out, i);
        }
        for h in 0..H {
            let wave = self.a(h) * self.z(h, x, i).sin();
            self.add_unit(h, -(wave * self.product(h, v, i)), out, i);
        }
    }

    /// vᵀ∇²E v
    #[inline(always)]
    pub(super) fn curvature(
        &self,
        x: &[[V::Scalar; LANES]],
        v: &[[V::Scalar; LANES]],
        i: usize,
    ) -> V {
        let mut sum = self.k() * dot(v, v, i);
        for h in 0..H {
            let slice = self.product(h, v, i);
            sum = sum - self.a(h) * self.z(h, x, i).sin() * slice * slice;
        }
        sum
    }

    /// out += c·w_h
    #[inline(always)]
    fn add_unit(&self, h: usize, c: V, out: &mut [[V::Scalar; LANES]], i: usize) {
        let w = &self.params[Wave::<D, H>::W + h * D..][..D];
        for (w, out) in w.iter().zip(out.iter_mut()) {
            V::splat(*w).mul_add(c, V::load(out, i)).store(out, i);
        }
    }
}
