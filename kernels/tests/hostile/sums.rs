//! Sums over lanes, and the buffers of a tile.

use scorematch_kernels::panel::{
    LANES, Panels, Rows, add_columns, add_lane_sums, chunk, clear, split,
};
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

use crate::calls::{ARRAY_LEN, Random, holds, is_endless, reach, whole_vectors};
use crate::{instruction_sets, outcome, rounds};

struct Lanes<'a, T> {
    c: &'a mut [T],
    n: usize,
    a: Rows<'a, T>,
    panels: Panels,
}

impl<T: Real> ForVector<T> for Lanes<'_, T> {
    type Out = usize;

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        add_lane_sums::<V>(self.c, self.n, self.a, self.panels);
        V::LANES
    }
}

fn lane_sums<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let (n, count) = (random.size(), random.size());
    let lanes = random.of_these(&[LANES, LANES, 0, 1, 7, 8, 9, usize::MAX]);
    let row = random.stride(1);
    let panel = random.stride(n.wrapping_mul(row));
    let (c_axes, a_axes) = ([(n, 1)], [(count, panel), (n, row)]);
    let (c_at, a_at) = (random.part(&c_axes), random.part(&a_axes));
    let fits = holds(c_at.len(), &c_axes) && holds(a_at.len(), &a_axes);
    if fits && is_endless(&[n, count]) {
        return false;
    }
    let (a, before) = (random.rows::<T>(ARRAY_LEN), random.scalars::<T>(ARRAY_LEN));
    let mut c = before.clone();
    let call = Lanes {
        c: &mut c[c_at.clone()],
        n,
        a: Rows {
            rows: &a[a_at.clone()],
            panel,
            row,
        },
        panels: Panels { count, lanes },
    };
    let what = format!("{isa} {seed}: {n} × {count}, {a_axes:?} in {c_at:?} {a_at:?}");
    let vector = match outcome(|| T::dispatch(isa, call)) {
        Ok(vector) => vector,
        Err(message) => {
            assert!(!fits, "{what}: {message}");
            assert!(c == before, "{what}: a refused call has written");
            return false;
        }
    };
    assert!(fits, "{what}: was not refused");
    let mut expected = before;
    for i in 0..n {
        for q in 0..count {
            let row = &a[a_at.start + q * panel + i * row];
            expected[c_at.start + i] += row
                .iter()
                .take(whole_vectors(lanes, vector))
                .copied()
                .sum::<T>();
        }
    }
    assert!(c == expected, "{what}");
    true
}

struct Columns<'a, T> {
    c: &'a mut [T],
    /// Columns, the first of these, how many of them, and features.
    sizes: [usize; 4],
    rows: &'a [[T; LANES]],
    panels: usize,
}

impl<T: Real> ForVector<T> for Columns<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let [count, t0, tangents, n] = self.sizes;
        add_columns::<V>(self.c, count, t0, self.rows, tangents, n, self.panels);
    }
}

fn columns<T: Real>(isa: InstructionSet, seed: u64) -> bool {
    let mut random = Random::of(seed);
    let (n, panels, tangents) = (random.size(), random.size(), random.size());
    let t0 = if random.one_in(8) {
        random.huge()
    } else {
        random.below(4)
    };
    let count = if random.one_in(8) {
        random.stride(1)
    } else {
        tangents.wrapping_add(t0)
    };
    let start = random.below(40);
    let len =
        |axes: &[(usize, usize)]| reach(axes).unwrap_or(0).min(ARRAY_LEN as u128 - 40) as usize;
    let c_axes = [(2, t0), (n, count), (tangents, 1)];
    let a_axes = [(tangents, panels.saturating_mul(n)), (panels, n), (n, 1)];
    let (mut c_len, mut a_len) = (len(&c_axes), len(&a_axes));
    match random.below(8) {
        0 => c_len = random.below(ARRAY_LEN - 40),
        1 => a_len = random.below(ARRAY_LEN - 40),
        _ => {}
    }
    let fits = holds(c_len, &c_axes) && holds(a_len, &a_axes);
    // Without features or panels the first column may still have to be there.
    let is_empty = n == 0 || panels == 0 || tangents == 0;
    if (fits || is_empty) && is_endless(&[n, panels, tangents]) {
        return false;
    }
    let (a, before) = (random.rows::<T>(ARRAY_LEN), random.scalars::<T>(ARRAY_LEN));
    let mut c = before.clone();
    let call = Columns {
        c: &mut c[start..start + c_len],
        sizes: [count, t0, tangents, n],
        rows: &a[start..start + a_len],
        panels,
    };
    let what = format!(
        "{isa} {seed}: {n} × {panels} × {tangents} from {t0} of {count} in {c_len} {a_len}"
    );
    if let Err(message) = outcome(|| T::dispatch(isa, call)) {
        assert!(!fits || is_empty, "{what}: {message}");
        return false;
    }
    assert!(fits || is_empty, "{what}: was not refused");
    let mut expected = before;
    for t in 0..tangents {
        for u in 0..n {
            for p in 0..panels {
                let row = &a[start + (t * panels + p) * n + u];
                expected[start + u * count + t0 + t] += row.iter().copied().sum::<T>();
            }
        }
    }
    assert!(c == expected, "{what}");
    true
}

#[test]
fn sums_over_lanes_are_right_or_refused() {
    let mut right = [0; 2];
    for isa in instruction_sets() {
        for seed in 0..rounds() {
            right[0] += usize::from(lane_sums::<f32>(isa, seed))
                + usize::from(lane_sums::<f64>(isa, !seed));
            right[1] +=
                usize::from(columns::<f32>(isa, seed)) + usize::from(columns::<f64>(isa, !seed));
        }
    }
    assert!(
        right.iter().all(|&right| right as u64 > rounds() / 4),
        "{right:?} calls were valid"
    );
}

#[test]
fn a_buffer_is_split_apart_or_not_at_all() {
    let mut random = Random::of(1);
    let mut right = 0;
    for _ in 0..rounds() {
        let mut buffer = vec![0u8; random.below(40)];
        let mut free = 0usize;
        let parts: [(usize, usize); 3] = std::array::from_fn(|_| {
            let start = if random.one_in(8) {
                random.huge()
            } else {
                free.wrapping_add(random.below(4))
            };
            let len = if random.one_in(8) {
                random.huge()
            } else {
                random.below(9)
            };
            free = start
                .wrapping_add(len)
                .wrapping_sub(usize::from(random.one_in(8)));
            (start, len)
        });
        // The ranges stand in any order; what is said of the order is sometimes wrong.
        let turn = random.below(3);
        let parts: [(usize, usize); 3] = std::array::from_fn(|i| parts[(i + turn) % 3]);
        let ascending: [usize; 3] = std::array::from_fn(|i| match random.one_in(8) {
            true => random.below(4),
            false => (i + 3 - turn) % 3,
        });
        let end = |(start, len): (usize, usize)| start as u128 + len as u128;
        let (mut free, mut apart) = (0, true);
        for i in ascending {
            let Some(&part) = parts.get(i) else {
                apart = false;
                break;
            };
            apart &= part.0 as u128 >= free && part.1 > 0 && end(part) <= buffer.len() as u128;
            free = end(part);
        }
        let done = outcome(|| {
            let cut = split(&mut buffer, parts, ascending);
            for (i, part) in cut.into_iter().enumerate() {
                part.fill(i as u8 + 1);
            }
        });
        assert_eq!(
            done.is_ok(),
            apart,
            "{parts:?} {ascending:?} of {}",
            buffer.len()
        );
        right += u64::from(apart);
        for (at, &x) in buffer.iter().enumerate() {
            let within =
                |i: &usize| apart && (parts[*i].0..parts[*i].0 + parts[*i].1).contains(&at);
            assert_eq!(usize::from(x), (0..3).find(within).map_or(0, |i| i + 1));
        }
    }
    assert!(right > rounds() / 20);
}

#[test]
fn rows_of_panels_are_cleared_or_refused() {
    let mut random = Random::of(2);
    for _ in 0..rounds() {
        let (panel, panels, rows) = (random.size(), random.size(), random.size());
        let mut values = vec![[1.0_f32; LANES]; random.below(200)];
        if outcome(|| clear(&mut values, panel, panels, rows)).is_err() {
            continue;
        }
        for (at, row) in values.iter().enumerate() {
            let cleared = at / panel < panels.min(values.len() / panel) && at % panel < rows;
            assert_eq!(*row, [f32::from(u8::from(!cleared)); LANES]);
        }
        let most = outcome(|| chunk(panel, panels, rows)).expect("numbers of any size");
        assert!(most >= 1);
    }
}
