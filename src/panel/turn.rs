//! The transpose of a dense matrix.
//!
//! Enters: a matrix without a batch axis. Leaves: its columns, one after another. Must hold: every element once.

use super::LANES;
use crate::simd::{ForVector, Real, Vector};
use crate::team::{Stretches, Team};

/// to\[j · rows + i\] = from\[i · cols + j\]: a dense \[rows, cols\] matrix by its columns.
///
/// # Panics
/// A slice has not rows · cols elements.
pub fn turn<T: Real>(team: Team, sizes @ [rows, cols]: [usize; 2], from: &[T], to: &mut [T]) {
    for len in [from.len(), to.len()] {
        assert_eq!(len, rows * cols, "turn: a matrix of {rows} × {cols}");
    }
    let bands = Stretches::of(to, (LANES * rows).max(1));
    // A core moves some 8 elements in a nanosecond, where they lie in the second-level cache.
    team.spread(rows * cols / 8, bands.count(), |band| {
        let task = Band {
            sizes,
            first: band * LANES,
            from,
            // SAFETY: every number comes once.
            to: unsafe { bands.stretch(band) },
        };
        T::dispatch(team.form, task);
    });
}

/// Up to sixteen columns from `first` on.
struct Band<'a, T> {
    sizes: [usize; 2],
    first: usize,
    from: &'a [T],
    to: &'a mut [T],
}

impl<T: Real> ForVector<T> for Band<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Band {
            sizes: [rows, cols],
            first,
            from,
            to,
        } = self;
        let width = (cols - first).min(LANES);
        // What whole blocks of LANES × LANES hold.
        let (high, wide) = (rows / V::LANES * V::LANES, width / V::LANES * V::LANES);
        for i in (0..high).step_by(V::LANES) {
            for j in (0..wide).step_by(V::LANES) {
                // SAFETY: rows i .. and columns first + j .. of `from`, which is dense; columns j .. of the band.
                unsafe {
                    V::transpose(
                        from.as_ptr().add(i * cols + first + j),
                        cols,
                        to.as_mut_ptr().add(j * rows + i),
                        rows,
                    );
                }
            }
        }
        for i in 0..rows {
            let rest = if i < high { wide } else { 0 };
            for j in rest..width {
                to[j * rows + i] = from[i * cols + first + j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Form;

    fn agrees<T: Real>(form: Form, rows: usize, cols: usize) {
        let from: Vec<T> = (0..rows * cols).map(|i| T::of(i as f64)).collect();
        let mut to = vec![T::of(-1.0); rows * cols];
        turn(Team { form, threads: 2 }, [rows, cols], &from, &mut to);
        for (at, x) in to.into_iter().enumerate() {
            let (j, i) = (at / rows, at % rows);
            assert_eq!(x, from[i * cols + j], "{form}, {rows} × {cols}: {i}, {j}");
        }
    }

    #[test]
    fn columns_of_any_matrix_in_any_form() {
        let large = [(200, 130), (128, 128)];
        let small = [
            (1, 1),
            (0, 5),
            (5, 0),
            (3, 40),
            (16, 16),
            (33, 17),
            (19, 64),
        ];
        let large = if cfg!(miri) { &large[..0] } else { &large[..] };
        for form in Form::ALL.into_iter().filter(|form| form.is_supported()) {
            for &(rows, cols) in small.iter().chain(large) {
                agrees::<f32>(form, rows, cols);
                agrees::<f64>(form, rows, cols);
            }
        }
    }

    #[test]
    #[should_panic(expected = "turn: a matrix of 2 × 3")]
    fn a_short_slice_is_refused() {
        turn(
            Team::alone(Form::Portable),
            [2, 3],
            &[1.0; 6],
            &mut [0.0; 5],
        );
    }
}
