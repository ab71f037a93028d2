//! The kernels over any vector that is a table.

use std::mem::MaybeUninit;

use super::super::assert_reach;
use super::{LANES, Rows, SignedRankKUpdate, Write};
use crate::simd::{Lookup, Real, Vector};
use crate::unrolled::unrolled;

/// Samples of one lookup.
const GROUP: usize = 4;

/// Panels whose products are added to C at a time.
const DEPTH: usize = 8;

/// Rows of a block at most.
const MOST_ROWS: usize = 8;

/// [`SignLookup::pack`] for vectors `V`.
#[inline(always)]
pub(crate) fn pack_in<V: Lookup>(rows: &[[V::Scalar; LANES]], words: &mut [[V::Scalar; LANES]]) {
    let words = words.as_flattened_mut();
    assert!(
        rows.len().div_ceil(LANES) * LANES == words.len(),
        "signs: {} words for {} rows",
        words.len(),
        rows.len()
    );
    // The padding is never looked up.
    for (word, row) in words.iter_mut().zip(rows) {
        let mut bits = 0;
        for i in 0..V::PER_ROW {
            bits |= V::load(row, i).signs() << (i * V::LANES);
        }
        if V::LANES < 1 << GROUP {
            // The first three signs of each four relative to the fourth.
            let fourth = bits & 0x8888;
            bits ^= (fourth >> 1) ^ (fourth >> 2) ^ (fourth >> 3);
        }
        *word = V::word(bits);
    }
}

/// Tables of the rows of a block, row by row, panel by panel.
#[repr(align(64))]
struct Tables<T>(MaybeUninit<[[T; LANES]; MOST_ROWS * DEPTH * LANES / GROUP]>);

/// [`SignedRankKUpdate`] for vectors `V` of 8 or 16 lanes, in blocks of up to `R` ≤ 8 rows and `S` vectors.
#[inline(always)]
pub(crate) fn signed_rank_k_update_in<V: Lookup, const R: usize, const S: usize>(
    task: SignedRankKUpdate<'_, V::Scalar>,
) {
    const {
        assert!((V::LANES == 8 || V::LANES == 16) && R <= MOST_ROWS);
    }
    let SignedRankKUpdate {
        c,
        n,
        values,
        words,
        panels,
        write,
    } = task;
    assert!(n > 0, "signed rank-k update: signs of no features");
    let (m, width) = (c.len() / n, n.div_ceil(LANES));
    let count = panels.count;
    assert_reach(
        "signed rank-k update: values",
        values.rows.len(),
        &[(count, values.panel), (m, values.row)],
    );
    assert!(
        count
            .checked_mul(width)
            .is_some_and(|needed| needed <= words.len())
            && c.len() == m * n,
        "signed rank-k update: {} rows of words and {} sums for {count} panels of {n} features",
        words.len(),
        c.len()
    );
    if count == 0 && write == Write::Set {
        c.fill(V::Scalar::default());
    }
    let mut tables = Tables::<V::Scalar>(MaybeUninit::uninit());
    let tables = tables.0.as_mut_ptr().cast::<V::Scalar>();
    let ones = std::hint::black_box(V::constant(1.0));
    for first in (0..count).step_by(DEPTH) {
        let block = Block::<V> {
            tables,
            words: words[first * width..].as_ptr().cast(),
            width: width * LANES,
            panels: DEPTH.min(count - first),
            groups: panels.vectors::<V>() * V::LANES / GROUP,
            n,
            set: first == 0 && write == Write::Set,
            ones,
        };
        // As even as possible, as in the GEMM.
        let row_blocks = m.div_ceil(R);
        let mut row = 0;
        for row_block in 0..row_blocks {
            let rows = m / row_blocks + usize::from(row_block < m % row_blocks);
            // SAFETY: rows `row .. row + rows` of C and of the values, panels from `first` on, as asserted; the tables
            // have room for MOST_ROWS rows of DEPTH panels.
            unsafe {
                block.fill_tables(values, first, row, rows);
                let c = c.as_mut_ptr().add(row * n);
                match rows {
                    1 => block.columns::<1, S>(c),
                    2 => block.columns::<2, S>(c),
                    3 => block.columns::<3, S>(c),
                    4 => block.columns::<4, S>(c),
                    5 if const { R > 4 } => block.columns::<5, S>(c),
                    6 if const { R > 4 } => block.columns::<6, S>(c),
                    7 if const { R > 4 } => block.columns::<7, S>(c),
                    8 if const { R > 4 } => block.columns::<8, S>(c),
                    _ => unreachable!("row blocks have 1 to R rows"),
                }
            }
            row += rows;
        }
    }
}

/// Some panels of the factors.
#[derive(Clone, Copy)]
struct Block<V: Vector> {
    tables: *mut V::Scalar,
    words: *const V::Scalar,
    /// Words of a panel, with their padding.
    width: usize,
    panels: usize,
    /// Lookups a panel.
    groups: usize,
    n: usize,
    /// Whether C is written, not added to.
    set: bool,
    /// 1 in every lane, hidden from the compiler.
    ones: V,
}

impl<V: Lookup> Block<V> {
    /// The table of `group` of row `r` and panel `q`.
    #[inline(always)]
    fn table(&self, r: usize, q: usize, group: usize) -> *mut V::Scalar {
        let tables = (r * DEPTH + q) * (LANES / GROUP) + group;
        self.tables.wrapping_add(tables * V::LANES)
    }

    /// The tables of `rows` rows from `row` on.
    ///
    /// # Safety
    /// The values have these rows in the panels from `first` on.
    #[inline(always)]
    unsafe fn fill_tables(
        &self,
        values: Rows<'_, V::Scalar>,
        first: usize,
        row: usize,
        rows: usize,
    ) {
        let mut signs = [V::constant(1.0); GROUP];
        for (b, signs) in signs.iter_mut().enumerate() {
            let mut lanes = [V::Scalar::default(); LANES];
            for (j, lane) in lanes.iter_mut().enumerate() {
                let negative = ((j % V::LANES) >> b) & 1 == 1;
                *lane = V::Scalar::of(if negative { -1.0 } else { 1.0 });
            }
            *signs = V::load(&lanes, 0);
        }
        for q in 0..self.panels {
            for r in 0..rows {
                let at = (first + q) * values.panel + (row + r) * values.row;
                for group in 0..self.groups {
                    // SAFETY: the caller's promise; the table is one of those there is room for.
                    unsafe {
                        let four = values.rows.get_unchecked(at).as_ptr().add(GROUP * group);
                        let mut sums = V::splat(*four) * signs[0];
                        for (b, &signs) in signs.iter().enumerate().skip(1) {
                            sums = V::splat(*four.add(b)).mul_add(signs, sums);
                        }
                        sums.write(self.table(r, q, group));
                    }
                }
            }
        }
    }

    /// All columns of `N` rows of C.
    ///
    /// # Safety
    /// The tables of N rows are filled, the words are there, and C has N rows of n.
    #[inline(always)]
    unsafe fn columns<const N: usize, const S: usize>(&self, c: *mut V::Scalar) {
        let vectors = self.n.div_ceil(V::LANES);
        let whole = vectors / S * S;
        // SAFETY: the caller's promise; words are padded to whole rows, hence to whole vectors.
        unsafe {
            for v in (0..whole).step_by(S) {
                self.sums::<N, S>(c, v * V::LANES);
            }
            for v in whole..vectors {
                self.sums::<N, 1>(c, v * V::LANES);
            }
        }
    }

    /// Columns `j ..` of N rows of C, as many as S vectors hold.
    ///
    /// # Safety
    /// As [`Block::columns`].
    #[inline(always)]
    unsafe fn sums<const N: usize, const S: usize>(&self, c: *mut V::Scalar, j: usize) {
        let mut sums = [[V::constant(0.0); S]; N];
        let top = 8 * size_of::<V::Scalar>() as u32;
        for q in 0..self.panels {
            let mut words = [self.ones; S];
            unrolled!(s < S => {
                // SAFETY: the caller's promise.
                words[s] = unsafe { V::read(self.words.add(q * self.width + j + s * V::LANES)) };
            });
            for group in 0..self.groups {
                let fourth = words.map(|words| words.shift_left(top - 4).and(V::constant(-0.0)));
                unrolled!(r < N => {
                    // SAFETY: the table was filled.
                    let table = unsafe { V::read(self.table(r, q, group)) };
                    unrolled!(s < S => {
                        let (mut x, sum) = (table.lookup(words[s]), sums[r][s]);
                        if const { V::LANES < 1 << GROUP } {
                            x = x.xor(fourth[s]);
                        }
                        // Additions alternate between the adders and the multiply-add units, because lookups occupy
                        // some of the adders.
                        sums[r][s] = if (r + s) % 2 == 0 {
                            x.mul_add(self.ones, sum)
                        } else {
                            x + sum
                        };
                    });
                });
                words = words.map(|words| words.shift_right(GROUP as u32));
            }
        }
        unrolled!(r < N => unrolled!(s < S => {
            // SAFETY: row r of C, and those of its columns that exist.
            unsafe { self.end(sums[r][s], c.add(r * self.n), j + s * V::LANES) }
        }));
    }

    /// Columns `first ..` of a row of C, as many as there are.
    ///
    /// # Safety
    /// C has the row, and `first` is below n.
    #[inline(always)]
    unsafe fn end(&self, sum: V, row: *mut V::Scalar, first: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let c = row.add(first);
            if first + V::LANES <= self.n {
                let sum = if self.set { sum } else { V::read(c) + sum };
                sum.write(c);
                return;
            }
            let mut lanes = [V::Scalar::default(); LANES];
            sum.store(&mut lanes, 0);
            for (i, &lane) in lanes[..self.n - first].iter().enumerate() {
                let before = if self.set {
                    V::Scalar::default()
                } else {
                    *c.add(i)
                };
                *c.add(i) = before + lane;
            }
        }
    }
}
