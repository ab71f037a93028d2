//! The outer product over lanes, C += Σ a bᵀ: the gradient of a weight matrix.
//!
//! Enters: two values in panels. Leaves: C, added to. Must hold: the bits depend on the sizes, the number of
//! panels and the form, and on nothing else.
//!
//! Both operands have samples side by side, so one of them is transposed: a block of it, [`DEPTH`] panels deep,
//! goes through registers into a small buffer, where the features lie side by side; against it, `R` rows of the
//! other operand are broadcast sample by sample. Where one operand has few features there is too little work to
//! pay for that, and blocks of dot products over samples are summed across lanes at the end instead.

use std::mem::MaybeUninit;

use super::{LANES, Rows, assert_reach};
use crate::simd::Vector;

/// Panels that are transposed before their products are added to C.
const DEPTH: usize = 8;

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
#[expect(clippy::too_many_arguments, reason = "a matrix with strides that is written, two operands, three sizes")]
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
    V::outer(Outer { c, c_row, c_col, m, n, a, b, panels });
}

/// The outer product for vectors `V`, in blocks of up to 6 rows and 2 vectors.
#[inline(always)]
pub(crate) fn outer_in<V: Vector>(task: Outer<'_, V::Scalar>) {
    let Outer { c, c_row, c_col, m, n, a, b, panels } = task;
    assert_reach("outer: c", c.len(), &[(m, c_row), (n, c_col)]);
    assert_reach("outer: a", a.rows.len(), &[(panels, a.panel), (m, a.row)]);
    assert_reach("outer: b", b.rows.len(), &[(panels, b.panel), (n, b.row)]);
    if m == 0 || n == 0 {
        return;
    }
    let a = Side { data: a.rows.as_ptr().cast(), panel: a.panel * LANES, row: a.row * LANES, len: m, c: c_row };
    let b = Side { data: b.rows.as_ptr().cast(), panel: b.panel * LANES, row: b.row * LANES, len: n, c: c_col };
    // SAFETY: the assertions above.
    unsafe {
        if m.min(n) <= FEW {
            let (few, many) = if m <= n { (a, b) } else { (b, a) };
            dots::<V>(c.as_mut_ptr(), few, many, panels);
        } else if c_row == 1 && c_col != 1 {
            broadcasts::<V>(c.as_mut_ptr(), b, a, panels);
        } else {
            broadcasts::<V>(c.as_mut_ptr(), a, b, panels);
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

/// Room for a transposed block: DEPTH panels × 16 samples × up to 16 features.
#[repr(align(64))]
struct Transposed<T>(MaybeUninit<[[[T; LANES]; LANES]; DEPTH]>);

/// `across` transposed, `down` broadcast.
#[inline(always)]
unsafe fn broadcasts<V: Vector>(c: *mut V::Scalar, down: Side<V::Scalar>, across: Side<V::Scalar>, panels: usize) {
    let mut buffer = Transposed::<V::Scalar>(MaybeUninit::uninit());
    let buffer = buffer.0.as_mut_ptr().cast::<V::Scalar>();
    for first in (0..panels).step_by(DEPTH) {
        let depth = (panels - first).min(DEPTH);
        let down = Side { data: down.data.wrapping_add(first * down.panel), ..down };
        let across = Side { data: across.data.wrapping_add(first * across.panel), ..across };
        for from in (0..across.len).step_by(2 * V::LANES) {
            let features = (across.len - from).min(2 * V::LANES);
            let c = c.wrapping_add(from * across.c);
            let across = Side { data: across.data.wrapping_add(from * across.row), len: features, ..across };
            // SAFETY: `features` features of `depth` panels are within the operand.
            unsafe {
                if features <= FEW {
                    dots::<V>(c, across, down, depth);
                } else if features > V::LANES {
                    transpose::<V, 2>(across, depth, buffer);
                    strips::<V, 2>(c, down, buffer, across, depth);
                } else {
                    transpose::<V, 1>(across, depth, buffer);
                    strips::<V, 1>(c, down, buffer, across, depth);
                }
            }
        }
    }
}

/// to\[q\]\[lane\]\[j\] = from\[q\]\[j\]\[lane\] for the `S · LANES` features j, zero past the last.
#[inline(always)]
unsafe fn transpose<V: Vector, const S: usize>(from: Side<V::Scalar>, panels: usize, to: *mut V::Scalar) {
    let width = S * V::LANES;
    let mut padded = [[V::Scalar::default(); LANES]; LANES];
    for q in 0..panels {
        // SAFETY: the caller's features and panels; the buffer holds 16 features.
        unsafe {
            let mut rows = from.data.add(q * from.panel);
            let mut row = from.row;
            if from.len < width {
                for (j, padded) in padded[..from.len].iter_mut().enumerate() {
                    *padded = *rows.add(j * row).cast::<[V::Scalar; LANES]>();
                }
                rows = padded.as_ptr().cast();
                row = LANES;
            }
            for j in (0..width).step_by(V::LANES) {
                for lane in (0..LANES).step_by(V::LANES) {
                    V::transpose(rows.add(j * row + lane), row, to.add((q * LANES + lane) * width + j), width);
                }
            }
        }
    }
}

/// All rows of `down` against a transposed block.
#[inline(always)]
unsafe fn strips<V: Vector, const S: usize>(
    c: *mut V::Scalar,
    down: Side<V::Scalar>,
    transposed: *const V::Scalar,
    across: Side<V::Scalar>,
    panels: usize,
) {
    // As even as they can be, as in the product.
    let strips = down.len.div_ceil(6);
    let mut row = 0;
    for strip in 0..strips {
        let rows = down.len / strips + usize::from(strip < down.len % strips);
        let c = c.wrapping_add(row * down.c);
        let down = Side { data: down.data.wrapping_add(row * down.row), len: rows, ..down };
        // SAFETY: the strip's rows are within the operand.
        unsafe {
            match rows {
                1 => block::<V, 1, S>(c, down, transposed, across, panels),
                2 => block::<V, 2, S>(c, down, transposed, across, panels),
                3 => block::<V, 3, S>(c, down, transposed, across, panels),
                4 => block::<V, 4, S>(c, down, transposed, across, panels),
                5 => block::<V, 5, S>(c, down, transposed, across, panels),
                _ => block::<V, 6, S>(c, down, transposed, across, panels),
            }
        }
        row += rows;
    }
}

/// c\[r\]\[j\] += Σ down\[q\]\[r\]\[lane\] · transposed\[q\]\[lane\]\[j\] over `panels` panels and 16 lanes.
#[inline(always)]
unsafe fn block<V: Vector, const R: usize, const S: usize>(
    c: *mut V::Scalar,
    down: Side<V::Scalar>,
    mut transposed: *const V::Scalar,
    across: Side<V::Scalar>,
    panels: usize,
) {
    let mut sums = [[V::constant(0.0); S]; R];
    for q in 0..panels {
        // SAFETY: the caller's panels, rows and features.
        unsafe {
            let mut at = down.data.add(q * down.panel);
            for _ in 0..LANES {
                let mut xs = [V::constant(0.0); S];
                for (s, x) in xs.iter_mut().enumerate() {
                    *x = V::read(transposed.add(s * V::LANES));
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let w = V::splat(*at.add(r * down.row));
                    for (sum, x) in sums.iter_mut().zip(xs) {
                        *sum = w.mul_add(x, *sum);
                    }
                }
                at = at.add(1);
                transposed = transposed.add(S * V::LANES);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        for (s, sum) in sums.into_iter().enumerate() {
            let first = s * V::LANES;
            // SAFETY: row r of C, and those of its columns that exist.
            unsafe {
                let c = c.add(r * down.c);
                if across.c == 1 && first + V::LANES <= across.len {
                    let c = c.add(first);
                    (V::read(c) + sum).write(c);
                } else {
                    let mut lanes = [V::Scalar::default(); LANES];
                    sum.store(&mut lanes, 0);
                    for (j, &lane) in (first..across.len).zip(&lanes[..V::LANES]) {
                        *c.add(j * across.c) += lane;
                    }
                }
            }
        }
    }
}

/// Dot products over samples, in blocks of up to 3 features of `few`.
#[inline(always)]
unsafe fn dots<V: Vector>(c: *mut V::Scalar, few: Side<V::Scalar>, many: Side<V::Scalar>, panels: usize) {
    let strips = few.len.div_ceil(3);
    let mut row = 0;
    for strip in 0..strips {
        let rows = few.len / strips + usize::from(strip < few.len % strips);
        let c = c.wrapping_add(row * few.c);
        let few = Side { data: few.data.wrapping_add(row * few.row), len: rows, ..few };
        // SAFETY: the strip's rows are within the operand.
        unsafe {
            match rows {
                1 => dot_strip::<V, 1, 8>(c, few, many, panels),
                2 => dot_strip::<V, 2, 6>(c, few, many, panels),
                _ => dot_strip::<V, 3, 4>(c, few, many, panels),
            }
        }
        row += rows;
    }
}

/// c\[i\]\[j\] += Σ few\[q\]\[i\]\[lane\] · many\[q\]\[j\]\[lane\] for `I` features i and all j, `J` at a time.
#[inline(always)]
unsafe fn dot_strip<V: Vector, const I: usize, const J: usize>(
    c: *mut V::Scalar,
    few: Side<V::Scalar>,
    many: Side<V::Scalar>,
    panels: usize,
) {
    for first in (0..many.len).step_by(J) {
        let mut sums = [[V::constant(0.0); J]; I];
        // Past the end the last feature stands in; its sums are dropped.
        let columns: [usize; J] = std::array::from_fn(|j| (first + j).min(many.len - 1) * many.row);
        for q in 0..panels {
            let a = few.data.wrapping_add(q * few.panel);
            let b = many.data.wrapping_add(q * many.panel);
            for s in 0..V::PER_ROW {
                // SAFETY: the caller's panels and features.
                unsafe {
                    let mut xs = [V::constant(0.0); I];
                    for (i, x) in xs.iter_mut().enumerate() {
                        *x = V::read(a.add(i * few.row + s * V::LANES));
                    }
                    for (j, column) in columns.into_iter().enumerate() {
                        let y = V::read(b.add(column + s * V::LANES));
                        for (sums, x) in sums.iter_mut().zip(xs) {
                            sums[j] = x.mul_add(y, sums[j]);
                        }
                    }
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            for (j, sum) in (first..many.len).zip(sums) {
                // SAFETY: features that exist.
                unsafe { *c.add(i * few.c + j * many.c) += sum.sum() };
            }
        }
    }
}
