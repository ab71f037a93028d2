//! Samples into panels and back.

use ndarray::{Array2, Axis, ShapeBuilder, Slice};
use scorematch_kernels::panel::{LANES, gather, scatter};
use scorematch_kernels::simd::{InstructionSet, Real};

use crate::calls::{ARRAY_LEN, Random};
use crate::{instruction_sets, outcome, rounds};

/// Panels, sometimes too many.
fn panels(random: &mut Random, samples: usize) -> usize {
    match random.one_in(4) {
        true => random.size(),
        false => samples.div_ceil(LANES),
    }
}

/// Samples by rows or by columns, and each a part of a longer row.
fn samples<T: Real>(random: &mut Random) -> Array2<T> {
    let shape = (1 + random.below(40), random.below(40));
    let values = random.scalars(shape.0 * (shape.1 + 3));
    let mut x = Array2::from_shape_vec((shape.0, shape.1 + 3).set_f(random.one_in(3)), values)
        .expect("as many values as the shape has");
    if random.one_in(2) {
        x.slice_axis_inplace(Axis(1), Slice::from(..shape.1));
    }
    x
}

fn gathered<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let x = samples::<T>(&mut random);
    let (count, dim) = x.dim();
    let first = match random.one_in(6) {
        true => random.size(),
        false => random.below(count),
    };
    let panels = panels(&mut random, count);
    let before = random.rows::<T>(draw_rows(dim, panels));
    let mut rows = before.clone();
    let needed = panels.checked_mul(dim);
    let fits = first < count && needed.is_some_and(|needed| needed <= rows.len());
    let what = format!("{isa} {seed}: {count} × {dim} from {first}, {panels} panels");
    if let Err(message) = outcome(|| gather(isa, x.view(), first, &mut rows, panels)) {
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

fn scattered<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let before = samples::<T>(&mut random);
    let (count, dim) = before.dim();
    let first = match random.one_in(3) {
        true => random.size(),
        false => random.below(count),
    };
    let panels = panels(&mut random, count);
    let rows = random.rows::<T>(draw_rows(dim, panels));
    let mut x = before.clone();
    let needed = panels.checked_mul(dim);
    let fits = needed.is_some_and(|needed| needed <= rows.len());
    let what = format!("{isa} {seed}: {count} × {dim} from {first}, {panels} panels");
    if let Err(message) = outcome(|| scatter(isa, &rows, panels, x.view_mut(), first)) {
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
    dim.saturating_mul(panels).min(ARRAY_LEN) + 1
}

#[test]
fn samples_become_panels_and_panels_samples_or_are_refused() {
    let mut right = [0; 2];
    for isa in instruction_sets() {
        for seed in 0..rounds() / 4 {
            right[0] +=
                usize::from(gathered::<f32>(isa, seed)) + usize::from(gathered::<f64>(isa, !seed));
            right[1] += usize::from(scattered::<f32>(isa, seed))
                + usize::from(scattered::<f64>(isa, !seed));
        }
    }
    assert!(
        right.iter().all(|&right| right as u64 > rounds() / 8),
        "{right:?} calls were valid"
    );
}
