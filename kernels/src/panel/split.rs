//! The buffers of a tile: cut apart, cleared, and how many directions they are for.

use super::LANES;
use crate::simd::Real;

/// The given stretches (start, length) of a buffer, ascending, all at once.
///
/// # Panics
/// Two stretches overlap or one reaches past the end: the planner keeps them apart.
#[inline(always)]
pub fn split<E, const N: usize>(buffer: &mut [E], parts: [(usize, usize); N]) -> [&mut [E]; N] {
    assert_apart(buffer.len(), &parts);
    let start = buffer.as_mut_ptr();
    // SAFETY: every stretch lies in the buffer and no two overlap, as just asserted; the buffer stays borrowed.
    parts.map(|(at, len)| unsafe { std::slice::from_raw_parts_mut(start.add(at), len) })
}

/// In a function of its own: the library's `get_disjoint_mut` puts its checks into every step of every program, which
/// were a large part of the code to compile.
#[inline(never)]
fn assert_apart(room: usize, parts: &[(usize, usize)]) {
    let mut free = 0;
    for &(start, len) in parts {
        let end = start.checked_add(len);
        assert!(
            start >= free && end.is_some_and(|end| end <= room),
            "the planner keeps the buffers of one step apart"
        );
        free = start + len;
    }
}

/// How many of `count` directions a chunk holds, in chunks as even as they can be: with the panels of the tile no more
/// than `most` to a kernel call, but one at least.
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
