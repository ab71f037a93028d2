//! Buffers that live from call to call, on cache-line boundaries.

use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::Real;

/// Bytes of a cache line, and of the widest vector.
pub(crate) const LINE: usize = 64;

/// Scalars of a long buffer that one thread works on at a time. The sum of partial accumulators and the update of
/// parameters have this cut in common, so that an update finds a range of the gradient in the core's cache.
pub(crate) const COLUMNS: usize = 4096;

/// Scalars whose first is on a cache-line boundary. Grows, never shrinks.
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    /// The scalars, with room to shift them onto the boundary.
    data: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Real> Buffer<T> {
    /// A buffer of `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        // Untouched pages of a zeroed allocation cost no memory.
        let data = vec![T::zero(); len + LINE / size_of::<T>()];
        let start = boundary(&data);
        Buffer { data, start, len }
    }

    /// A buffer of these scalars.
    pub(crate) fn of(scalars: &[T]) -> Self {
        let mut buffer = Buffer::zeros(scalars.len());
        buffer.copy_from_slice(scalars);
        buffer
    }

    /// The first `len` scalars, with what was left in them, or zeros after growth.
    pub(crate) fn borrow(&mut self, len: usize) -> &mut [T] {
        if self.len < len {
            *self = Buffer::zeros(len);
        }
        &mut self.data[self.start..self.start + len]
    }

    /// The first `rows` rows of 16 lanes, with what was left in them, or zeros after growth.
    pub(crate) fn borrow_rows(&mut self, rows: usize) -> &mut [[T; LANES]] {
        self.borrow(rows * LANES).as_chunks_mut().0
    }
}

impl<T: Real> std::ops::Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.data[self.start..self.start + self.len]
    }
}

impl<T: Real> std::ops::DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.data[self.start..self.start + self.len]
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Buffer {
            data: Vec::new(),
            start: 0,
            len: 0,
        }
    }
}

impl<T: Clone> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        let mut data = self.data.clone();
        let start = boundary(&data);
        data[start..start + self.len].clone_from_slice(&self.data[self.start..][..self.len]);
        Buffer {
            data,
            start,
            len: self.len,
        }
    }
}

/// The offset of the first cache line of a buffer, or its length if that is less.
fn boundary<T>(data: &[T]) -> usize {
    let per_line = LINE / size_of::<T>();
    data.as_ptr()
        .align_offset(LINE)
        .min(per_line)
        .min(data.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrowed_rows_are_aligned_and_kept() {
        let mut buffer = Buffer::<f32>::default();
        for rows in [1, 3, 1000] {
            assert_eq!(buffer.borrow_rows(rows).as_ptr().addr() % LINE, 0);
        }
        buffer.borrow_rows(3)[2] = [7.0; LANES];
        assert_eq!(buffer.borrow_rows(1000)[2], [7.0; LANES]);
        assert_eq!(buffer.clone().as_ptr().addr() % LINE, 0);
        assert_eq!(buffer.clone()[2 * LANES], 7.0);
    }
}
