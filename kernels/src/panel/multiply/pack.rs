//! Packs blocks of a right factor, of any strides and type, into panels.

use std::any::TypeId;
use std::mem::MaybeUninit;

use crate::panel::LANES;
use crate::simd::{Real, Vector};

/// The scalars as a slice of `To`, if that is their type.
#[inline(always)]
fn own<From: Real, To: Real>(scalars: &[From]) -> Option<&[To]> {
    let own = TypeId::of::<From>() == TypeId::of::<To>();
    // SAFETY: `From` and `To` are one type; the slice has the same length and lifetime.
    own.then(|| unsafe { std::slice::from_raw_parts(scalars.as_ptr().cast(), scalars.len()) })
}

/// A row in another precision, or the same.
#[inline(always)]
pub(super) fn converted<From: Real, To: Real>(from: &[From; LANES]) -> [To; LANES] {
    let mut to = [To::zero(); LANES];
    for (to, from) in to.iter_mut().zip(from) {
        *to = To::of(Real::to_f64(*from));
    }
    to
}

/// The first `deep` ≥ 1 rows of B and `width` columns as panels of as many rows, zeros behind the last column.
#[inline(always)]
pub(super) fn pack<V: Vector, B: Real>(
    packed: &mut [MaybeUninit<[V::Scalar; LANES]>],
    b: &[B],
    (row, col): (usize, usize),
    deep: usize,
    width: usize,
) {
    // Whole rows of the vector's own scalars: a row is copied to all panels at once, so that each page of memory is
    // visited once.
    let own = own::<B, V::Scalar>(b).filter(|_| col == 1);
    let whole = if own.is_some() { width / LANES } else { 0 };
    if let Some(b) = own.filter(|_| whole > 0) {
        for i in 0..deep {
            let from = b[i * row..][..whole * LANES].as_chunks::<LANES>().0;
            for (p, from) in from.iter().enumerate() {
                let to = packed[p * deep + i].as_mut_ptr().cast::<V::Scalar>();
                for l in 0..V::PER_ROW {
                    // SAFETY: PER_ROW vectors fill the row.
                    unsafe { V::load(from, l).write(to.add(l * V::LANES)) };
                }
            }
        }
    }
    let panels = packed.chunks_exact_mut(deep);
    for (p, rows) in panels.enumerate().skip(whole) {
        let first = p * LANES;
        let lanes = width.saturating_sub(first).min(LANES);
        if lanes == 0 {
            return;
        }
        let of = |x: B| V::Scalar::of(x.to_f64());
        let mut done = 0;
        // Contiguous columns: sixteen rows at a time.
        while row == 1 && lanes == LANES && done + LANES <= deep {
            let mut block = [[V::Scalar::default(); LANES]; LANES];
            for (lane, column) in block.iter_mut().enumerate() {
                let from = &b[done + (first + lane) * col..][..LANES];
                column.iter_mut().zip(from).for_each(|(to, x)| *to = of(*x));
            }
            let to = rows[done..][..LANES].as_mut_ptr().cast::<V::Scalar>();
            for i in (0..LANES).step_by(V::LANES) {
                for lane in (0..LANES).step_by(V::LANES) {
                    // SAFETY: both blocks have sixteen rows of sixteen.
                    unsafe {
                        let from = block.as_ptr().cast::<V::Scalar>().add(lane * LANES + i);
                        V::transpose(from, LANES, to.add(i * LANES + lane), LANES);
                    }
                }
            }
            done += LANES;
        }
        for (i, to) in rows[..deep].iter_mut().enumerate().skip(done) {
            let from = &b[i * row + first * col..];
            to.write(match from.first_chunk::<LANES>() {
                Some(from) if col == 1 && lanes == LANES => converted(from),
                _ => std::array::from_fn(|lane| match lane < lanes {
                    true => of(from[lane * col]),
                    false => V::Scalar::default(),
                }),
            });
        }
    }
}
