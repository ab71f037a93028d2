//! GEMM calls and rank-k updates.

use super::memory::Memory;
use crate::lower::{GemmCall, RankKCall, Repeat, View};

/// The structural zeros of a value: its first features that vanish in direction t.
fn skipped(diagonal: Option<usize>, direction: usize) -> usize {
    diagonal.map_or(0, |d| direction.saturating_sub(d))
}

/// The dead triangle is formed too: it is what a run without it must agree with.
pub(super) fn gemm(memory: &mut Memory<'_>, g: &GemmCall) {
    for t in 0..memory.directions(g.y.axes) {
        let skip = skipped(g.zeros, memory.t0 + t);
        for (x_at, y_at) in starts(g.fold, [&g.x, &g.y], &g.repeats) {
            for m in 0..g.m {
                let terms = (skip..g.k).map(|k| {
                    let w = memory.operand(&g.matrix, m * g.matrix_row + k * g.matrix_col, 0);
                    w * memory.entry(&g.x, x_at + k * g.x_row, t)
                });
                let sum: f64 = terms.sum();
                *memory.cell(&g.y, y_at + m * g.y_row, t) = sum;
            }
        }
    }
}

pub(super) fn rank_k(memory: &mut Memory<'_>, o: &RankKCall) {
    for (a, b) in &o.pairs {
        for t in 0..memory.directions(a.axes) {
            let [from_a, from_b] = o.zeros.map(|d| skipped(d, memory.t0 + t));
            for (a_at, b_at) in starts(o.fold, [a, b], &o.repeats) {
                for m in from_a..o.m {
                    for n in from_b..o.n {
                        let left = memory.entry(a, a_at + m * o.a_row, t);
                        let right = memory.entry(b, b_at + n * o.b_row, t);
                        *memory.cell(&o.c, m * o.c_row + n * o.c_col, t) += left * right;
                    }
                }
            }
        }
    }
}

/// Where the products that a statement repeats start in its two panel operands.
fn starts(fold: usize, views: [&View; 2], repeats: &[Repeat]) -> Vec<(usize, usize)> {
    let [a, b] = views.map(|view| view.len / fold);
    let folded = (0..fold).map(|q| (q * a, q * b)).collect();
    repeats.iter().fold(folded, |starts: Vec<_>, r| {
        let again = |(a, b): (usize, usize)| (0..r.size).map(move |i| (a + i * r.a, b + i * r.b));
        starts.into_iter().flat_map(again).collect()
    })
}
