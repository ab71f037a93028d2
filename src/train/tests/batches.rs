//! Which rows a step has, and what is added to them.

use ndarray::Array2;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use scorematch_kernels::simd::InstructionSet;

use crate::backend::Samples;
use crate::directions::Purpose;
use crate::train::Shuffle;
use crate::train::batches::{Batches, Batching};
use crate::train::store::Store;

fn data(rows: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, 3), |(row, column)| (10 * row + column) as f64)
}

fn stored(rows: usize) -> Store<f64> {
    Store::memory(data(rows))
}

/// The samples of the step that was chosen last.
fn samples(batches: &Batches<f64>) -> Array2<f64> {
    let samples = batches.samples(InstructionSet::Portable).unwrap();
    Samples::Written(&samples)
        .to_rows(InstructionSet::Portable)
        .into_owned()
}

fn batching(size: usize, seed: u64) -> Batching {
    Batching {
        size,
        keep_short_last: false,
        shuffle: Shuffle::Rows,
        jitter: 0.0,
        seed,
    }
}

/// The order of an epoch, before rows are put apart.
fn permutation(rows: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    let seed = Purpose::Order.seed(seed, epoch);
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
    order
}

/// (rows, batch): one divides the other or not, and less than two batches.
const SIZES: [(usize, usize); 9] = [
    (11, 4),
    (12, 4),
    (5, 4),
    (7, 5),
    (1, 1),
    (3, 1),
    (100, 16),
    (97, 48),
    (16, 16),
];

/// All rows together, and blocks of several sizes.
const SHUFFLES: [Shuffle; 4] = [
    Shuffle::Rows,
    Shuffle::Blocks { rows: 1, window: 1 },
    Shuffle::Blocks { rows: 3, window: 2 },
    Shuffle::Blocks {
        rows: 40,
        window: 100,
    },
];

#[test]
fn all_batches_have_one_size_and_every_row_counts_the_same() {
    for ((rows, size), shuffle) in SIZES
        .into_iter()
        .flat_map(|sizes| SHUFFLES.map(|shuffle| (sizes, shuffle)))
    {
        let batching = Batching {
            shuffle,
            ..batching(size, 7)
        };
        let mut batches = Batches::new(stored(rows), batching);
        let mut count = vec![0; rows];
        for step in 0..200 {
            batches.advance().unwrap();
            assert_eq!(batches.rows().len(), size, "{rows} rows, step {step}");
            assert_eq!(samples(&batches).dim(), (size, 3));
            for (sample, &row) in samples(&batches).outer_iter().zip(batches.rows()) {
                assert_eq!(sample, data(rows).row(row));
                count[row] += 1;
            }
            let mut distinct = batches.rows().to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(
                distinct.len(),
                size,
                "{rows} rows, step {step}: {distinct:?}"
            );
            let used = size * (step + 1);
            let expected = used / rows..=used.div_ceil(rows);
            assert!(
                count.iter().all(|count| expected.contains(count)),
                "{rows} rows, step {step}: {count:?}"
            );
        }
    }
}

#[test]
fn what_an_epoch_leaves_comes_first_in_the_next() {
    let (rows, size) = (11, 4);
    let mut batches = Batches::new(stored(rows), batching(size, 7));
    let mut stream = Vec::new();
    for _ in 0..22 {
        batches.advance().unwrap();
        stream.extend(batches.rows().to_vec());
    }
    for (epoch, order) in stream.chunks_exact(rows).enumerate() {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..rows).collect::<Vec<_>>(), "epoch {epoch}");
        let shuffled = permutation(rows, 7, epoch as u64);
        // The rows that an epoch leaves are those of its own permutation, whatever was left before it.
        let left = rows * (epoch + 1) % size;
        assert_eq!(
            order[rows - left..],
            shuffled[rows - left..],
            "epoch {epoch}"
        );
    }
    assert_eq!(stream[..rows], permutation(rows, 7, 0));
}

#[test]
fn a_short_last_batch_is_kept_on_request() {
    let keep = Batching {
        keep_short_last: true,
        ..batching(4, 7)
    };
    let mut batches = Batches::new(stored(11), keep);
    assert_eq!(keep.steps(5, 11), 15);
    for epoch in 0..5 {
        let mut order = Vec::new();
        for batch in 0..3 {
            batches.advance().unwrap();
            assert_eq!(batches.place(3 * epoch + batch), (epoch, batch));
            let rows = if batch == 2 { 3 } else { 4 };
            assert_eq!(samples(&batches).dim(), (rows, 3));
            order.extend(batches.rows().to_vec());
        }
        assert_eq!(order, permutation(11, 7, epoch));
    }
}

/// Where the batch divides the data there is nothing to choose.
#[test]
fn both_ways_are_one_where_nothing_is_left() {
    let mut batches = Batches::new(stored(12), batching(4, 3));
    let keep = Batching {
        keep_short_last: true,
        ..batching(4, 3)
    };
    let mut kept = Batches::new(stored(12), keep);
    assert_eq!(batching(4, 3).steps(9, 12), keep.steps(9, 12));
    for step in 0..27 {
        batches.advance().unwrap();
        kept.advance().unwrap();
        assert_eq!(batches.rows(), kept.rows());
        assert_eq!(batches.place(step), kept.place(step));
    }
}

#[test]
fn places_and_lengths_count_rows() {
    for (rows, size) in SIZES {
        let batches = Batches::new(stored(rows), batching(size, 0));
        let mut expected = (0, 0);
        for step in 0..200 {
            let epoch = (step * size / rows) as u64;
            expected = match epoch == expected.0 {
                true => expected,
                false => (epoch, 0),
            };
            assert_eq!(
                batches.place(step as u64),
                expected,
                "{rows} rows, step {step}"
            );
            expected.1 += 1;
        }
        for epochs in 1..20 {
            let steps = batching(size, 0).steps(epochs, rows);
            let needed = epochs * rows as u64;
            assert!(steps * size as u64 >= needed && (steps - 1) * (size as u64) < needed);
            assert!(batches.place(steps - 1).0 < epochs);
        }
        assert!(batching(size, 0).steps(u64::MAX, rows) >= u64::MAX / 2);
        assert!(batches.place(u64::MAX).0 > 0);
    }
}

#[test]
fn a_batch_is_no_larger_than_the_data() {
    let mut batches = Batches::new(stored(5), batching(100, 0));
    assert_eq!(batching(100, 0).steps(3, 5), 3);
    batches.advance().unwrap();
    assert_eq!(samples(&batches).nrows(), 5);
}

#[test]
fn jitter_is_drawn_anew_with_the_deviation_asked_for() {
    let rows = 4000;
    let blurred = Batching {
        jitter: 0.5,
        ..batching(rows, 3)
    };
    let mut batches = Batches::new(Store::memory(Array2::<f64>::zeros((rows, 3))), blurred);
    batches.advance().unwrap();
    let first = samples(&batches);
    let mean_square = first.iter().map(|x| x * x).sum::<f64>() / (3 * rows) as f64;
    // Four standard errors of the mean of 12 000 squares of deviation 0.5.
    assert!(
        (mean_square - 0.25).abs() < 4.0 * 0.25 * (2.0 / (3 * rows) as f64).sqrt(),
        "{mean_square}"
    );
    batches.advance().unwrap();
    assert!(
        samples(&batches)
            .iter()
            .zip(&first)
            .all(|(second, first)| second != first)
    );
}

#[test]
fn a_position_leads_to_the_same_batches() {
    for ((rows, size), shuffle) in SIZES
        .into_iter()
        .flat_map(|sizes| SHUFFLES.map(|shuffle| (sizes, shuffle)))
    {
        for keep_short_last in [false, true] {
            let batching = Batching {
                shuffle,
                keep_short_last,
                ..batching(size, 7)
            };
            let mut batches = Batches::new(stored(rows), batching);
            let mut positions = Vec::new();
            let mut orders = Vec::new();
            for _ in 0..60 {
                positions.push(batches.position());
                batches.advance().unwrap();
                orders.push(batches.rows().to_vec());
            }
            for (step, position) in positions.iter().enumerate() {
                let mut other = Batches::new(stored(rows), batching);
                other.continue_from(position).unwrap();
                for order in &orders[step..] {
                    other.advance().unwrap();
                    assert_eq!(other.rows(), order, "{rows} {size} {shuffle:?} {step}");
                }
            }
        }
    }
}
