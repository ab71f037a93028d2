//! The outer product over lanes, C += Σ a bᵀ: the gradient of a weight matrix.
//!
//! Enters: two values in panels. Leaves: C, added to. Must hold: the bits depend on the sizes, the number of
//! panels and the form, and on nothing else.
//!
//! Both operands have samples side by side. Where both have many features one is transposed and the other
//! broadcast ([`broadcasts`]); where one has few, dot products over samples cost less ([`dots`]).

mod broadcasts;
mod dots;

use broadcasts::broadcasts;
use dots::dots;

use super::{LANES, Rows, assert_reach};
use crate::simd::Vector;

/// Features of an operand up to which dot products are the faster way (measured).
const FEW: usize = 6;

/// A call of [`outer`].
#[derive(Debug)]
pub struct Outer<'a, T> {
    c: &'a mut [T],
    c_row: usize,
    c_col: usize,
    m: usize,
    n: usize,
    a: Rows<'a, T>,
    b: Rows<'a, T>,
    panels: usize,
}

/// c\[i · c_row + j · c_col\] += Σ_q Σ_lane a\[q\]\[i\]\[lane\] · b\[q\]\[j\]\[lane\] for i < `m`, j < `n`.
///
/// # Panics
/// A slice is shorter than its strides reach.
#[inline]
#[expect(
    clippy::too_many_arguments,
    reason = "a matrix with strides that is written, two operands, three sizes"
)]
pub fn outer<V: Vector>(
    c: &mut [V::Scalar],
    c_row: usize,
    c_col: usize,
    m: usize,
    n: usize,
    a: Rows<'_, V::Scalar>,
    b: Rows<'_, V::Scalar>,
    panels: usize,
) {
    V::outer(Outer {
        c,
        c_row,
        c_col,
        m,
        n,
        a,
        b,
        panels,
    });
}

/// The outer product for vectors `V`, in blocks of up to `R` ≤ 8 rows and 2 vectors.
#[inline(always)]
pub(crate) fn outer_in<V: Vector, const R: usize>(task: Outer<'_, V::Scalar>) {
    let Outer {
        c,
        c_row,
        c_col,
        m,
        n,
        a,
        b,
        panels,
    } = task;
    assert_reach("outer: c", c.len(), &[(m, c_row), (n, c_col)]);
    assert_reach("outer: a", a.rows.len(), &[(panels, a.panel), (m, a.row)]);
    assert_reach("outer: b", b.rows.len(), &[(panels, b.panel), (n, b.row)]);
    if m == 0 || n == 0 {
        return;
    }
    let a = Side {
        data: a.rows.as_ptr().cast(),
        panel: a.panel * LANES,
        row: a.row * LANES,
        len: m,
        c: c_row,
    };
    let b = Side {
        data: b.rows.as_ptr().cast(),
        panel: b.panel * LANES,
        row: b.row * LANES,
        len: n,
        c: c_col,
    };
    // SAFETY: the assertions above.
    unsafe {
        if m.min(n) <= FEW {
            let (few, many) = if m <= n { (a, b) } else { (b, a) };
            dots::<V>(c.as_mut_ptr(), few, many, panels);
        } else if c_row == 1 && c_col != 1 {
            broadcasts::<V, R>(c.as_mut_ptr(), b, a, panels);
        } else {
            broadcasts::<V, R>(c.as_mut_ptr(), a, b, panels);
        }
    }
}

/// An operand, and the stride of C along its features; strides in scalars.
#[derive(Clone, Copy)]
struct Side<T> {
    data: *const T,
    panel: usize,
    row: usize,
    len: usize,
    c: usize,
}
