//! Moments of the directions within their sampling errors, exact properties exactly, and counters.

use ndarray::{Array3, ArrayView2, Axis};

use super::*;

fn draw<T: Real>(kind: DirectionDistribution, count: usize, batch: usize, dim: usize) -> Array3<T> {
    RandomDraw {
        kind,
        count,
        seed: 5,
        step: 6,
    }
    .array(batch, dim)
    .expect("no instruction set is asked for")
}

/// Mean and standard error of a sample.
fn mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        n += 1.0;
        sum += value;
        squares += value * value;
    }
    let mean: f64 = sum / n;
    (mean, ((squares / n - mean * mean).max(0.0) / n).sqrt())
}

/// Asserts a mean within 5 standard errors, or exactly where the sample does not vary.
#[track_caller]
fn assert_mean(what: &str, values: impl Iterator<Item = f64>, expected: f64) {
    let (mean, error) = mean(values);
    assert!(
        (mean - expected).abs() <= 5.0 * error + 1e-12,
        "{what}: {mean} ± {error} instead of {expected}"
    );
}

#[test]
fn second_moments_are_the_identity() {
    for &kind in DirectionDistribution::ALL {
        for (dim, count) in [(1, 3), (2, 3), (5, 3), (7, 9)] {
            let v = draw::<f64>(kind, count, 2001, dim);
            for t in [0, count - 1] {
                let v = v.index_axis(Axis(0), t);
                for i in 0..dim {
                    assert_mean(&format!("{kind}, E v{i}"), v.column(i).iter().copied(), 0.0);
                    for j in 0..=i {
                        let products = v.rows().into_iter().map(|v| v[i] * v[j]);
                        let expected = if i == j { 1.0 } else { 0.0 };
                        assert_mean(
                            &format!("{kind}, dim {dim}, direction {t}, E v{i} v{j}"),
                            products,
                            expected,
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn samples_directions_steps_and_seeds_are_independent() {
    for &kind in DirectionDistribution::ALL {
        let draw = |seed, step| {
            RandomDraw {
                kind,
                count: 12,
                seed,
                step,
            }
            .array::<f64>(400, 5)
            .expect("drawn")
        };
        let v = draw(1, 1);
        // Orthogonal directions of one block depend on each other: compare blocks of 5.
        let (a, b) = (
            v.slice(ndarray::s![..5, .., ..]),
            v.slice(ndarray::s![5..10, .., ..]),
        );
        assert_mean("directions", a.iter().zip(&b).map(|(a, b)| a * b), 0.0);
        let (a, b) = (
            v.slice(ndarray::s![.., ..200, ..]),
            v.slice(ndarray::s![.., 200.., ..]),
        );
        assert_mean("samples", a.iter().zip(&b).map(|(a, b)| a * b), 0.0);
        for (what, other) in [
            ("seeds", draw(2, 1)),
            ("steps", draw(1, 2)),
            ("far steps", draw(1, 1 + (1 << 32))),
        ] {
            assert_mean(what, v.iter().zip(&other).map(|(a, b)| a * b), 0.0);
        }
    }
    let (a, b) = (
        draw::<f64>(DirectionDistribution::Normal, 1, 500, 5),
        noise::<f64>(InstructionSet::Portable, 5, 6, 0, 500, 5),
    );
    assert_mean(
        "noise and directions",
        a.iter().zip(&b).map(|(a, b)| a * b),
        0.0,
    );
}

#[test]
fn normals_are_normal() {
    let v = draw::<f64>(DirectionDistribution::Normal, 1, 4000, 5);
    for (power, moment) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0), (6, 15.0)] {
        assert_mean(
            &format!("moment {power}"),
            v.iter().map(|z| z.powi(power)),
            moment,
        );
    }
    // Kolmogorov (1933): the largest distance of the distribution functions, times √n, passes 1.95 once in 1000.
    let mut sorted: Vec<f64> = v.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distribution = |z: f64| 0.5 * (1.0 + libm::erf(z / std::f64::consts::SQRT_2));
    let steps = sorted.iter().enumerate();
    let distance = steps.fold(0.0_f64, |most, (i, z)| {
        let p = distribution(*z);
        most.max((p - i as f64 / n).abs())
            .max(((i + 1) as f64 / n - p).abs())
    });
    assert!(distance * n.sqrt() < 1.95, "{}", distance * n.sqrt());
}

#[test]
fn signs_are_signs() {
    let v = draw::<f32>(DirectionDistribution::Rademacher, 2, 33, 300);
    assert!(v.iter().all(|x| x.abs() == 1.0));
    for kind in [
        DirectionDistribution::Sphere,
        DirectionDistribution::Orthonormal,
    ] {
        assert!(
            draw::<f32>(kind, 4, 33, 1).iter().all(|x| x.abs() == 1.0),
            "{kind} on a line"
        );
    }
}

#[test]
fn the_sphere_has_radius_root_dim() {
    for dim in [2, 3, 50] {
        for v in draw::<f64>(DirectionDistribution::Sphere, 2, 100, dim).rows() {
            assert!((v.dot(&v) / dim as f64 - 1.0).abs() < 1e-14);
        }
    }
}

/// Largest |VVᵀ/D − I| within the blocks of a sample's directions `[M, D]`.
fn defect<T: Real>(v: ArrayView2<'_, T>) -> f64 {
    let dim = v.ncols();
    let mut most = 0.0_f64;
    for block in v.axis_chunks_iter(Axis(0), dim) {
        let gram = block.dot(&block.t());
        for ((i, j), &entry) in gram.indexed_iter() {
            let expected = if i == j { 1.0 } else { 0.0 };
            most = most.max((entry.to_f64() / dim as f64 - expected).abs());
        }
    }
    most
}

#[test]
fn orthonormal_blocks_are_orthonormal() {
    for (count, dim) in [(1, 4), (3, 4), (4, 4), (11, 4), (2, 2), (40, 40), (5, 300)] {
        let double = draw::<f64>(DirectionDistribution::Orthonormal, count, 37, dim);
        let single = draw::<f32>(DirectionDistribution::Orthonormal, count, 37, dim);
        for sample in 0..37 {
            assert!(defect(double.index_axis(Axis(1), sample)) < 1e-14 * (count as f64).max(4.0));
            assert!(defect(single.index_axis(Axis(1), sample)) < 5e-7 * (count as f64).max(4.0));
        }
    }
}

/// Fourth moments that tell Haar-random matrices from others (Collins and Śniady 2006): for D = 3,
/// E q₁₁²q₂₂² = (D+1)/((D−1)D(D+2)) = 2/15 and E q₁₁q₂₂q₁₂q₂₁ = −1/((D−1)D(D+2)) = −1/30.
#[test]
fn orthonormal_blocks_are_haar() {
    let v = draw::<f64>(DirectionDistribution::Orthonormal, 3, 4000, 3);
    let q = |b: usize, i: usize, j: usize| v[(j, b, i)] / 3.0_f64.sqrt();
    let over = |f: &dyn Fn(usize) -> f64| (0..4000).map(f).collect::<Vec<_>>().into_iter();
    for (i, j, k, l) in [(0, 0, 1, 1), (0, 2, 1, 1), (2, 1, 0, 2)] {
        assert_mean(
            "q² q²",
            over(&|b| q(b, i, j).powi(2) * q(b, k, l).powi(2)),
            2.0 / 15.0,
        );
        assert_mean(
            "q q q q",
            over(&|b| q(b, i, j) * q(b, k, l) * q(b, i, l) * q(b, k, j)),
            -1.0 / 30.0,
        );
    }
    let determinant = |b: usize| {
        let minor = |j: usize, k: usize| q(b, 1, j) * q(b, 2, k) - q(b, 2, j) * q(b, 1, k);
        q(b, 0, 0) * minor(1, 2) - q(b, 0, 1) * minor(0, 2) + q(b, 0, 2) * minor(0, 1)
    };
    assert_mean("determinant", over(&determinant), 0.0);
}

#[test]
fn a_draw_depends_on_nothing_around_it() {
    for &kind in DirectionDistribution::ALL {
        let all = draw::<f64>(kind, 6, 50, 9);
        for batch in [1, 16, 49] {
            // The last block of orthogonal directions is shorter when fewer are drawn, but starts the same.
            for count in [1, 4] {
                let part = draw::<f64>(kind, count, batch, 9);
                assert_eq!(part, all.slice(ndarray::s![..count, ..batch, ..]), "{kind}");
            }
        }
        let source = Source::directions(
            &RandomDraw {
                kind,
                count: 23,
                seed: 5,
                step: 6,
            },
            9,
        );
        let samples = [lane_samples(0, 20), lane_samples(16, 20)];
        let isa = InstructionSet::detect().expect("no instruction set is asked for");
        let panel = 2 * 9;
        let mut whole = vec![[0.0_f64; LANES]; 23 * panel];
        source.fill(isa, &samples, 0, 23, &mut whole, &mut Block::default());
        // Chunks of any size, repeated and out of order.
        let mut block = Block::default();
        for (t0, tn) in [(0, 3), (3, 4), (3, 4), (15, 8), (7, 5), (0, 23), (22, 1)] {
            let mut rows = vec![[0.0; LANES]; tn * panel];
            source.fill(isa, &samples, t0, tn, &mut rows, &mut block);
            assert_eq!(rows, whole[t0 * panel..][..tn * panel], "{kind} {t0} {tn}");
        }
        // Lanes past the last sample repeat it.
        assert!(
            whole[9..18]
                .iter()
                .all(|row| row[4..].iter().all(|x| *x == row[4]))
        );
    }
}

#[test]
fn both_precisions_and_all_instruction_sets_draw_the_same_numbers() {
    for &kind in DirectionDistribution::ALL {
        let (double, single) = (draw::<f64>(kind, 3, 100, 6), draw::<f32>(kind, 3, 100, 6));
        for (d, s) in double.iter().zip(&single) {
            assert!((d - f64::from(*s)).abs() < 1e-5, "{kind}: {d} {s}");
        }
    }
    let portable = noise::<f64>(InstructionSet::Portable, 1, 2, 3, 40, 5);
    for isa in InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
    {
        let other = noise::<f64>(isa, 1, 2, 3, 40, 5);
        assert!(
            portable
                .iter()
                .zip(&other)
                .all(|(a, b)| (a - b).abs() < 1e-13),
            "{isa}"
        );
    }
}

#[test]
fn names_read_back() {
    for &kind in DirectionDistribution::ALL {
        assert_eq!(
            kind.to_string()
                .parse::<DirectionDistribution>()
                .expect("its own name"),
            kind
        );
    }
    let text = "gaussian"
        .parse::<DirectionDistribution>()
        .expect_err("no such kind")
        .to_string();
    assert!(
        text.contains("\"gaussian\"") && text.contains("normal"),
        "{text}"
    );
}
