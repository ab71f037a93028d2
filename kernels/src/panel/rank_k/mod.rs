//! Rank-k updates, C += Σ a bᵀ over lanes: the gradient of a weight matrix.
//!
//! Enters: two values in panels. Leaves: C, added to. Must hold: the bits depend on the sizes, the number of
//! panels and the instruction set, and on nothing else.
//!
//! Both operands have samples side by side. Where both have many features one is transposed and the other
//! broadcast ([`broadcasts`]); where one has few, dot products over samples cost less ([`dots`]).

mod broadcasts;
mod dots;

use broadcasts::broadcasts;
use dots::dots;

use super::{LANES, Panels, Rows, assert_reach};
use crate::simd::Vector;

/// The most features of an operand at which dot products are faster (measured).
const FEW: usize = 6;

/// Panels whose products are added to C at a time.
const DEPTH: usize = 8;

/// A call of [`rank_k_update`].
#[derive(Debug)]
pub struct RankKUpdate<'a, T> {
    c: &'a mut [T],
    c_row: usize,
    c_col: usize,
    m: usize,
    n: usize,
    pairs: &'a [(Rows<'a, T>, Rows<'a, T>)],
    panels: Panels,
}

/// c\[i · c_row + j · c_col\] += Σ_q Σ_lane a\[q\]\[i\]\[lane\] · b\[q\]\[j\]\[lane\] for i < `m`, j < `n`, summed over
/// pairs (a, b) of `panels` panels q each. Pairs that are given together cost less than one after another.
///
/// # Panics
/// A slice is shorter than its strides reach, or two pairs have other strides between features.
#[inline]
pub fn rank_k_update<V: Vector>(
    c: &mut [V::Scalar],
    c_row: usize,
    c_col: usize,
    m: usize,
    n: usize,
    pairs: &[(Rows<'_, V::Scalar>, Rows<'_, V::Scalar>)],
    panels: impl Into<Panels>,
) {
    V::rank_k_update(RankKUpdate {
        c,
        c_row,
        c_col,
        m,
        n,
        pairs,
        panels: panels.into(),
    });
}

/// The rank-k update for vectors `V`, in blocks of up to `R` ≤ 8 rows and 2 vectors.
#[inline(always)]
pub(crate) fn rank_k_update_in<V: Vector, const R: usize>(task: RankKUpdate<'_, V::Scalar>) {
    let RankKUpdate {
        c,
        c_row,
        c_col,
        m,
        n,
        pairs,
        panels,
    } = task;
    let (vectors, panels) = (panels.vectors::<V>(), panels.count);
    let Some((first_a, first_b)) = pairs.first() else {
        return;
    };
    assert_reach("rank_k_update: c", c.len(), &[(m, c_row), (n, c_col)]);
    for (a, b) in pairs {
        assert!(
            (a.row, b.row) == (first_a.row, first_b.row),
            "rank_k_update: pairs of one call have the same strides between features"
        );
        assert_reach(
            "rank_k_update: a",
            a.rows.len(),
            &[(panels, a.panel), (m, a.row)],
        );
        assert_reach(
            "rank_k_update: b",
            b.rows.len(),
            &[(panels, b.panel), (n, b.row)],
        );
    }
    if m == 0 || n == 0 {
        return;
    }
    let mut a = Side::new(first_a.row, m, c_row);
    let mut b = Side::new(first_b.row, n, c_col);
    let c = c.as_mut_ptr();
    let mut depth = 0;
    for (k, (left, right)) in pairs.iter().enumerate() {
        for q in 0..panels {
            a.data[depth] = left.rows[q * left.panel..].as_ptr().cast();
            b.data[depth] = right.rows[q * right.panel..].as_ptr().cast();
            depth += 1;
            let last = k + 1 == pairs.len() && q + 1 == panels;
            if depth < DEPTH && !last {
                continue;
            }
            // SAFETY: the assertions above, for the panels that were just collected.
            unsafe {
                if m.min(n) <= FEW {
                    let (few, many) = if m <= n { (&a, &b) } else { (&b, &a) };
                    dots::<V>(c, few, many, depth, vectors);
                } else if c_row == 1 && c_col != 1 {
                    broadcasts::<V, R>(c, &b, &a, depth, vectors);
                } else {
                    broadcasts::<V, R>(c, &a, &b, depth, vectors);
                }
            }
            depth = 0;
        }
    }
}

/// An operand: some panels of it, and the stride of C along its features; strides in scalars.
#[derive(Clone, Copy)]
struct Side<T> {
    data: [*const T; DEPTH],
    row: usize,
    len: usize,
    c: usize,
}

impl<T> Side<T> {
    /// No panels yet; `row` counts rows of 16.
    fn new(row: usize, len: usize, c: usize) -> Self {
        Side {
            data: [std::ptr::null(); DEPTH],
            // The stride of a single feature may be any number.
            row: row.wrapping_mul(LANES),
            len,
            c,
        }
    }

    /// `len` features from `first` on.
    #[inline(always)]
    fn part(&self, first: usize, len: usize) -> Self {
        Side {
            data: self.data.map(|panel| panel.wrapping_add(first * self.row)),
            len,
            ..*self
        }
    }
}
