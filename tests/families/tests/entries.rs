//! Exact losses go a shorter way than sliced ones: fewer directions, triangles, half a gradient (entry compression). With
//! the D unit vectors, √D times each, for slices, the variance-reduced loss is the exact one and goes none of it.

use ndarray::{Array2, Array3, s};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use scorematch::{
    DirectionDistribution, InstructionSet, Loss, Model, RandomDraw, Real, Spec, energy,
};

energy! {
    /// Fewer hidden units than entries of x.
    Wide(x: [40]) { mlp(x, [24, 21], silu) }
    /// More of them.
    Tall(x: [20]) { mlp(x, [33, 17, 18], tanh) }
    /// As many.
    Square(x: [18]) { mlp(x, [18, 18], gelu) }
    /// Two maps of x, one factorisation: part of the triangle each.
    Parts(x: [40]) {
        let h = concat(tanh(dense(x, 9)), silu(dense(x, 14)));
        sum(silu(dense(h, 17)))
    }
    /// x once more behind the first layer.
    Skip(x: [17]) {
        let h = tanh(dense(x, 19));
        sum(sq(silu(dense(h, 20) + dense(x, 20))))
    }
    /// Long rows: products with transposes read copies of these, L's too, of which a part is left out.
    Transposed(x: [150]) { mlp(x, [130, 140], silu) }
    /// The same with a tall L.
    TallTransposed(x: [129]) { mlp(x, [150, 33], tanh) }
    /// Products with x and with directions that wait for all tiles; where the batch is large, those with directions do not.
    Long(x: [301]) {
        let h = silu(dense(x, 19));
        sum(tanh(dense(h, 21) + dense(x, 21))) + mlp(x, [9], gelu)
    }
}

/// What becomes of the first matrix of parameters.
#[derive(Clone, Copy, Debug)]
enum Entry {
    AsDrawn,
    /// Its rows are small by turns: L is ill conditioned, so the whole gradient is formed.
    Uneven,
    /// Two of its rows agree: L has a pivot that rounding made, or none.
    Dependent,
}

fn model<S: Spec, T: Real>(entry: Entry) -> Model<S, T> {
    let mut model = Model::init(&mut SmallRng::seed_from_u64(3));
    let columns = model.dim();
    let rows = S::PARAMS[0].shape[0];
    let weight = &mut model.params_mut()[..rows * columns];
    match entry {
        Entry::AsDrawn => {}
        Entry::Uneven => {
            for row in weight.chunks_exact_mut(2 * columns) {
                row[..columns].iter_mut().for_each(|w| *w *= T::of(1e-3));
            }
        }
        Entry::Dependent => weight.copy_within(..columns, columns),
    }
    model
}

/// The largest difference of the two ways' losses and gradients, as a part of the largest size.
fn difference<S: Spec, T: Real>(isa: InstructionSet, entry: Entry, batch: usize) -> f64 {
    let mut model = model::<S, T>(entry);
    model
        .set_instruction_set(isa)
        .expect("an instruction set of this machine");
    let dim = model.dim();
    let mut rng = SmallRng::seed_from_u64(5);
    let x = Array2::from_shape_fn((batch, dim), |_| T::of(rng.random_range(-1.5..1.5)));
    let unit = |(t, _, i): (usize, usize, usize)| match t == i {
        true => T::of((dim as f64).sqrt()),
        false => T::zero(),
    };
    let units = Array3::from_shape_fn((dim, batch, dim), unit);
    let all = |loss: Loss<'_, T>| {
        let mut gradient = vec![T::nan(); model.params().len()];
        let loss = model.loss_gradient(x.view(), &loss, &mut gradient);
        let loss = loss.expect("the batch is sound");
        let gradient = gradient.into_iter().map(|g| g.to_f64());
        std::iter::once(loss).chain(gradient).collect::<Vec<_>>()
    };
    let (exact, sliced) = (all(Loss::esm()), all(Loss::ssm_vr(units.view())));
    let largest =
        |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |m: f64, v| m.max(v.abs()));
    let size = largest(&mut sliced.iter().copied());
    // `max` passes over NaN.
    assert!(
        exact.iter().chain(&sliced).all(|v| v.is_finite()),
        "{entry:?}"
    );
    largest(&mut exact.iter().zip(&sliced).map(|(a, b)| a - b)) / size
}

fn check<S: Spec>() {
    let isa = InstructionSet::detect().expect("an instruction set of this machine");
    check_batches::<S>(isa, &[1, 7, 50]);
}

fn check_batches<S: Spec>(isa: InstructionSet, batches: &[usize]) {
    for entry in [Entry::AsDrawn, Entry::Uneven, Entry::Dependent] {
        for &batch in batches {
            let what = format!("{} {entry:?} of {batch}, {isa}", S::NAME);
            let double = difference::<S, f64>(isa, entry, batch);
            assert!(double < 1e-12, "{what} in f64: {double:.1e}");
            let single = difference::<S, f32>(isa, entry, batch);
            assert!(single < 1e-5, "{what} in f32: {single:.1e}");
        }
    }
}

#[test]
fn fewer_directions() {
    check::<WideSpec>();
}

#[test]
fn as_many_directions() {
    check::<TallSpec>();
    check::<SquareSpec>();
}

/// Some instruction sets copy transposes of such matrices.
#[test]
fn long_rows() {
    for isa in InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
    {
        check_batches::<TransposedSpec>(isa, &[7]);
        check_batches::<TallTransposedSpec>(isa, &[7]);
    }
}

#[test]
fn several_maps() {
    check::<PartsSpec>();
    check::<SkipSpec>();
}

/// Programs leave the unused lanes of a small batch as they are.
#[test]
fn what_ran_before_is_not_seen() {
    for batch in [1, 3, 7, 8, 12] {
        let x = Array2::from_shape_fn((batch, 20), |(b, i)| ((b * 20 + i) as f32).sin());
        let huge = Array2::from_elem((16, 20), 1e30_f32);
        let mut gradients = Vec::new();
        for before in [None, Some(huge.view()), Some(x.view())] {
            let model = model::<TallSpec, f32>(Entry::AsDrawn);
            let mut gradient = vec![0.0; model.params().len()];
            if let Some(before) = before {
                // Whatever comes of it.
                let _ = model.loss_gradient(before, &Loss::esm(), &mut gradient);
            }
            let loss = model.loss_gradient(x.view(), &Loss::esm(), &mut gradient);
            gradients.push((loss.expect("the batch is sound"), gradient));
        }
        assert!(gradients[0].1.iter().all(|g| g.is_finite()));
        assert!(gradients.iter().all(|g| *g == gradients[0]), "{batch}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    fn check<S: Spec>(loss: &Loss<'_, f32>) {
        for batch in [1, 7, 16, 40] {
            let x =
                Array2::from_shape_fn((batch, S::DIM), |(b, i)| ((b * S::DIM + i) as f32).sin());
            let mut results = Vec::new();
            for threads in [1, 2, 3, 2] {
                let mut model = model::<S, f32>(Entry::AsDrawn);
                model.set_threads(threads);
                let mut gradient = vec![f32::NAN; model.params().len()];
                let loss = model.loss_gradient(x.view(), loss, &mut gradient);
                results.push((loss.expect("the batch is sound"), gradient));
            }
            assert!(
                results.iter().all(|r| *r == results[0]),
                "{} of {batch}",
                S::NAME
            );
        }
    }
    let draw = RandomDraw {
        kind: DirectionDistribution::Rademacher,
        count: 5,
        seed: 1,
        step: 2,
    };
    for loss in [Loss::esm(), Loss::ssm(draw), Loss::ssm_vr(draw)] {
        check::<WideSpec>(&loss);
        check::<TallSpec>(&loss);
        check::<LongSpec>(&loss);
    }
}

/// Small batches go other ways than large ones: fewer lanes, narrower vectors, directions in parts.
#[test]
fn a_batch_is_the_mean_of_its_parts() {
    fn check<S: Spec, T: Real>(tolerance: f64) {
        const BATCH: usize = 41;
        let model = model::<S, T>(Entry::AsDrawn);
        let x = Array2::from_shape_fn((BATCH, S::DIM), |(b, i)| {
            T::of(((b * S::DIM + i) as f64).sin())
        });
        let v = Array3::from_shape_fn((3, BATCH, S::DIM), |(t, b, i)| {
            T::of(((t + 3 * b) as f64 + 0.7 * i as f64).cos())
        });
        for part in [1, 3, 4, 7, 8, 13] {
            for name in ["esm", "ssm", "ssm_vr"] {
                let all = |rows: std::ops::Range<usize>| {
                    let weight = rows.len() as f64 / BATCH as f64;
                    let v = v.slice(s![.., rows.clone(), ..]);
                    let loss = match name {
                        "esm" => Loss::esm(),
                        "ssm" => Loss::ssm(v),
                        _ => Loss::ssm_vr(v),
                    };
                    let mut gradient = vec![T::nan(); model.params().len()];
                    let x = x.slice(s![rows, ..]);
                    let loss = model.loss_gradient(x, &loss, &mut gradient);
                    let gradient = gradient.into_iter().map(|g| g.to_f64());
                    std::iter::once(loss.expect("the batch is sound"))
                        .chain(gradient)
                        .map(|value| weight * value)
                        .collect::<Vec<_>>()
                };
                let whole = all(0..BATCH);
                let mut sum = vec![0.0; whole.len()];
                for start in (0..BATCH).step_by(part) {
                    let values = all(start..(start + part).min(BATCH));
                    sum.iter_mut()
                        .zip(values)
                        .for_each(|(sum, value)| *sum += value);
                }
                let size = whole.iter().fold(0.0, |m: f64, w| m.max(w.abs()));
                for (sum, whole) in sum.iter().zip(&whole) {
                    let what = format!("{} {name} by {part}", S::NAME);
                    assert!(
                        (sum - whole).abs() <= tolerance * size,
                        "{what}: {sum} for {whole}"
                    );
                }
            }
        }
    }
    check::<WideSpec, f32>(1e-5);
    check::<TallSpec, f32>(1e-5);
    check::<PartsSpec, f64>(1e-12);
    check::<SkipSpec, f32>(1e-5);
    check::<LongSpec, f32>(1e-5);
    check::<LongSpec, f64>(1e-12);
}

#[test]
fn products_after_the_tiles() {
    check::<LongSpec>();
}

/// Directions that are known to be signs go another way than the same numbers when they are given.
#[test]
fn drawn_signs_are_the_same_directions() {
    fn check<T: Real>(batch: usize, count: usize, tolerance: f64) {
        let draw = RandomDraw {
            kind: DirectionDistribution::Rademacher,
            count,
            seed: 5,
            step: 6,
        };
        let model = model::<LongSpec, T>(Entry::AsDrawn);
        let x = Array2::from_shape_fn((batch, LongSpec::DIM), |(b, i)| {
            T::of(((b * LongSpec::DIM + i) as f64).sin())
        });
        let v = draw.array(batch, LongSpec::DIM);
        let v = v.expect("this machine has an instruction set");
        for (drawn, given) in [
            (Loss::ssm(draw), Loss::ssm(v.view())),
            (Loss::ssm_vr(draw), Loss::ssm_vr(v.view())),
        ] {
            let all = |loss: &Loss<'_, T>| {
                let mut gradient = vec![T::nan(); model.params().len()];
                let loss = model.loss_gradient(x.view(), loss, &mut gradient);
                gradient.push(T::of(loss.expect("the batch is sound")));
                gradient
            };
            let (drawn, given) = (all(&drawn), all(&given));
            let size = given
                .iter()
                .fold(0.0, |m: f64, g| m.max(Real::to_f64(*g).abs()));
            for (drawn, given) in drawn.iter().zip(&given) {
                let difference = (Real::to_f64(*drawn) - Real::to_f64(*given)).abs();
                assert!(difference <= tolerance * size, "{drawn} for {given}");
            }
        }
    }
    // The last of them are too many to be kept.
    for (batch, count) in [(1, 1), (7, 3), (16, 1), (40, 5), (130, 2), (150, 700)] {
        check::<f32>(batch, count, 2e-6);
        check::<f64>(batch, count, 2e-15);
    }
}
