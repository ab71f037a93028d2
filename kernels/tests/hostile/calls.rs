//! Random sizes, strides and arrays.

use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::Real;

/// Elements of the arrays that calls see parts of.
pub(crate) const ARRAY_LEN: usize = 1 << 11;

/// Steps of a call that is worth waiting for.
const MOST_WORK: u128 = 1 << 14;

/// Random numbers (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seed: u64) -> Self {
        Random(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of_these<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number of elements: usual, odd, or one in eight so large that products of it overflow.
    pub(crate) fn size(&mut self) -> usize {
        if self.one_in(8) {
            return self.huge();
        }
        self.of_these(&[
            0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 31, 33, 64, 65,
        ])
    }

    /// A number whose products overflow, some of them to small ones.
    pub(crate) fn huge(&mut self) -> usize {
        let power = 1usize << (28 + self.below(36));
        let near = self.below(40);
        match self.below(4) {
            0 => usize::MAX - near,
            1 => power,
            2 => power.wrapping_add(near),
            // An inverse of an odd number modulo 2⁶⁴: a small product.
            _ => inverse(2 * self.below(40) + 1),
        }
    }

    /// The stride of an axis inside which lie `inner` elements.
    pub(crate) fn stride(&mut self, inner: usize) -> usize {
        match self.below(12) {
            0 => 0,
            1 => 1,
            2 => self.below(40),
            3 => self.huge(),
            4 => inner.wrapping_add(self.below(5)),
            _ => inner,
        }
    }

    /// Where a slice of an array of [`ARRAY_LEN`] begins and ends: as `axes` ask for, or one less, or by chance.
    pub(crate) fn part(&mut self, axes: &[(usize, usize)]) -> std::ops::Range<usize> {
        let asked = reach(axes).unwrap_or(0).min(ARRAY_LEN as u128 - 40) as usize;
        let len = match self.below(12) {
            0 => asked.saturating_sub(1),
            1 => self.below(ARRAY_LEN - 40),
            2 => 0,
            _ => asked,
        };
        let start = self.below(40);
        start..start + len
    }

    /// Small integers.
    pub(crate) fn scalars<T: Real>(&mut self, count: usize) -> Vec<T> {
        let rows = self.rows::<T>(count.div_ceil(LANES));
        rows.into_iter().flatten().take(count).collect()
    }

    /// Rows of small integers.
    pub(crate) fn rows<T: Real>(&mut self, count: usize) -> Vec<[T; LANES]> {
        let small = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0].map(T::of);
        let row = |bits: u64| std::array::from_fn(|lane| small[(bits >> (3 * lane) & 7) as usize]);
        (0..count).map(|_| row(self.bits())).collect()
    }
}

fn inverse(odd: usize) -> usize {
    let mut x = odd;
    for _ in 0..6 {
        x = x.wrapping_mul(2usize.wrapping_sub(odd.wrapping_mul(x)));
    }
    x
}

/// Elements that a slice must have for every index Σ i · stride, i below its size; nothing if there is none.
pub(crate) fn reach(axes: &[(usize, usize)]) -> Option<u128> {
    if axes.iter().any(|&(size, _)| size == 0) {
        return None;
    }
    let last = axes
        .iter()
        .map(|&(size, stride)| (size as u128 - 1) * stride as u128)
        .fold(0, u128::saturating_add);
    Some(last.saturating_add(1))
}

/// Whether a slice has all that the axes reach.
pub(crate) fn holds(len: usize, axes: &[(usize, usize)]) -> bool {
    reach(axes).is_none_or(|reach| reach <= len as u128)
}

/// Whether a loop over these sizes ends in a moment.
pub(crate) fn is_endless(sizes: &[usize]) -> bool {
    let all = sizes.iter().map(|&size| size.max(1) as u128);
    all.fold(1, u128::saturating_mul) > MOST_WORK
}

/// The lanes that are computed of so many.
pub(crate) fn whole_vectors(lanes: usize, vector: usize) -> usize {
    match vector {
        16.. => 16,
        _ => lanes.min(LANES).next_multiple_of(vector),
    }
}
