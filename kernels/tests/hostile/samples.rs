//! Samples into panels and back.

use ndarray::{Array2, Axis, ShapeBuilder, Slice};
use scorematch_kernels::panel::{LANES, gather, scatter};
use scorematch_kernels::simd::{Form, Real};

use crate::calls::{Draw, ROOM};
use crate::{forms, outcome, rounds};

/// Panels, sometimes too many.
fn panels(draw: &mut Draw, samples: usize) -> usize {
    match draw.one_in(4) {
        true => draw.size(),
        false => samples.div_ceil(LANES),
    }
}

/// Samples by rows or by columns, and each a part of a longer row.
fn samples<T: Real>(draw: &mut Draw) -> Array2<T> {
    let shape = (1 + draw.below(40), draw.below(40));
    let values = draw.scalars(shape.0 * (shape.1 + 3));
    let mut x = Array2::from_shape_vec((shape.0, shape.1 + 3).set_f(draw.one_in(3)), values)
        .expect("as many values as the shape has");
    if draw.one_in(2) {
        x.slice_axis_inplace(Axis(1), Slice::from(..shape.1));
    }
    x
}

fn gathered<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let x = samples::<T>(&mut draw);
    let (count, dim) = x.dim();
    let first = match draw.one_in(6) {
        true => draw.size(),
        false => draw.below(count),
    };
    let panels = panels(&mut draw, count);
    let before = draw.rows::<T>(draw_rows(dim, panels));
    let mut rows = before.clone();
    let needed = panels.checked_mul(dim);
    let fits = first < count && needed.is_some_and(|needed| needed <= rows.len());
    let what = format!("{form} {seed}: {count} × {dim} from {first}, {panels} panels");
    if let Err(message) = outcome(|| gather(form, x.view(), first, &mut rows, panels)) {
        assert!(!fits, "{what}: {message}");
        assert!(rows == before, "{what}: a refused call has written");
        return false;
    }
    assert!(fits, "{what}: was not refused");
    for (at, row) in rows.iter().enumerate() {
        for (lane, &value) in row.iter().enumerate() {
            let expected = match at < panels * dim {
                true => x[((first + at / dim * LANES + lane).min(count - 1), at % dim)],
                false => before[at][lane],
            };
            assert!(value == expected, "{what}: row {at}, lane {lane}");
        }
    }
    true
}

fn scattered<T: Real>(form: Form, seed: u64) -> bool {
    let mut draw = Draw::of(seed);
    let before = samples::<T>(&mut draw);
    let (count, dim) = before.dim();
    let first = match draw.one_in(3) {
        true => draw.size(),
        false => draw.below(count),
    };
    let panels = panels(&mut draw, count);
    let rows = draw.rows::<T>(draw_rows(dim, panels));
    let mut x = before.clone();
    let needed = panels.checked_mul(dim);
    let fits = needed.is_some_and(|needed| needed <= rows.len());
    let what = format!("{form} {seed}: {count} × {dim} from {first}, {panels} panels");
    if let Err(message) = outcome(|| scatter(form, &rows, panels, x.view_mut(), first)) {
        assert!(!fits, "{what}: {message}");
        assert!(x == before, "{what}: a refused call has written");
        return false;
    }
    assert!(fits, "{what}: was not refused");
    for ((sample, feature), &value) in x.indexed_iter() {
        let lane = sample.checked_sub(first);
        let expected = match lane.filter(|lane| lane / LANES < panels) {
            Some(lane) => rows[lane / LANES * dim + feature][lane % LANES],
            None => before[(sample, feature)],
        };
        assert!(
            value == expected,
            "{what}: sample {sample}, feature {feature}"
        );
    }
    true
}

/// Rows that are enough, unless there are far too many panels.
fn draw_rows(dim: usize, panels: usize) -> usize {
    dim.saturating_mul(panels).min(ROOM) + 1
}

#[test]
fn samples_become_panels_and_panels_samples_or_are_refused() {
    let mut right = [0; 2];
    for form in forms() {
        for seed in 0..rounds() / 4 {
            right[0] += usize::from(gathered::<f32>(form, seed))
                + usize::from(gathered::<f64>(form, !seed));
            right[1] += usize::from(scattered::<f32>(form, seed))
                + usize::from(scattered::<f64>(form, !seed));
        }
    }
    assert!(
        right.iter().all(|&right| right as u64 > rounds() / 8),
        "{right:?} calls were valid"
    );
}
