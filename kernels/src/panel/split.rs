//! The buffers of a tile: splitting them, clearing them, and the number of directions of a chunk.

use super::LANES;
use crate::simd::Real;

/// The given ranges (start, length) of a buffer, all at once. `ascending` is the order in which they follow each other.
///
/// # Panics
/// Two ranges overlap, one is empty or reaches past the end, or `ascending` is not their order. The compiler emits
/// disjoint ranges.
#[inline(always)]
pub fn split<E, const N: usize>(
    buffer: &mut [E],
    ranges: [(usize, usize); N],
    ascending: [usize; N],
) -> [&mut [E]; N] {
    assert_apart(buffer.len(), &ranges, &ascending);
    let start = buffer.as_mut_ptr();
    // SAFETY: every range lies in the buffer and no two overlap, as just asserted; the buffer stays borrowed.
    ranges.map(|(at, len)| unsafe { std::slice::from_raw_parts_mut(start.add(at), len) })
}

/// A function of its own: the standard library's `get_disjoint_mut` inlines its checks into every step of every
/// program, and these were a large part of the code to compile.
///
/// Each of the N ranges that `ascending` names starts behind the one before and is not empty, so they are N different
/// ranges: all of them.
#[inline(never)]
fn assert_apart(len_of_buffer: usize, ranges: &[(usize, usize)], ascending: &[usize]) {
    let mut free = 0;
    for &i in ascending {
        let (start, len) = ranges[i];
        let end = start.checked_add(len);
        assert!(
            start >= free && len > 0 && end.is_some_and(|end| end <= len_of_buffer),
            "the compiler keeps the buffers of one statement apart"
        );
        free = start + len;
    }
}

/// How many of `count` directions a chunk holds. Chunks are as even as possible; directions times panels of the tile
/// are at most `most`, but a chunk has at least one direction.
pub fn chunk(count: usize, most: usize, panels: usize) -> usize {
    let fit = (most / panels.max(1)).max(1);
    count.div_ceil(count.div_ceil(fit).max(1)).max(1)
}

/// Zeros in the first `rows` rows of `panels` panels, which are `panel` rows apart.
#[inline(always)]
pub fn clear<T: Real>(values: &mut [[T; LANES]], panel: usize, panels: usize, rows: usize) {
    for values in values.chunks_exact_mut(panel).take(panels) {
        values[..rows].as_flattened_mut().fill(T::of(0.0));
    }
}
