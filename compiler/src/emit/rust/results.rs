//! What leaves a tile: results, and operands of deferred products.

use super::hole::hole;
use super::region::Regions;
use super::writer::Writer;
use crate::lower::{Defer, Lowered, SampleResult};
use crate::plan::DeferredWith;

/// Writes a result.
pub(super) fn result(w: &mut Writer, program: &Lowered, r: &SampleResult) {
    let (out_rows, len) = (hole(program.out_rows()), hole(r.from.len()));
    let mut regions = Regions::new(program, true);
    let x = regions.operand(&r.from);
    w.line("// a result");
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let mut loops = vec![("p".to_string(), "0..pn".to_string())];
        if r.per_direction {
            loops.insert(0, ("t".to_string(), "0..tn".to_string()));
        }
        w.nest(&loops, |w| {
            let panel = if r.per_direction {
                "((t0 + t) * pn + p)"
            } else {
                "p"
            };
            w.line(format!(
                "let to = &mut tile.out[{panel} * {out_rows} + {}..][..{len}];",
                hole(r.row)
            ));
            if x.rows {
                w.line(format!(
                    "to.copy_from_slice(&{}[{}..][..{len}]);",
                    x.name,
                    x.index("0")
                ));
            } else {
                w.line(format!(
                    "to.iter_mut().zip({}.iter()).for_each(|(row, x)| row.fill(*x));",
                    x.name
                ));
            }
        });
    });
}

/// Hands the left operand of a rank-k update to the caller.
pub(super) fn defer(w: &mut Writer, program: &Lowered, d: &Defer) {
    let mut regions = Regions::new(program, true);
    for &(a, b) in &d.update.pairs {
        let [a, b] = [a, b].map(|view| regions.of(&view));
        w.block("", |w| {
            regions.bind().iter().for_each(|line| w.line(line));
            if d.with == DeferredWith::Directions {
                w.line(format!(
                    "(tile.keep)(&mut *tile.acc, {}, t0, tn, {}, {});",
                    hole(d.index),
                    a.name,
                    b.name
                ));
                return;
            }
            let before = hole(program.deferred_rows(d.index));
            let width = hole(program.deferred_rows(program.deferred.len()));
            w.block("for p in 0..pn", |w| {
                w.line(format!(
                    "tile.deferred[p * {width} + {before}..][..{}].copy_from_slice(&{});",
                    hole(a.len),
                    a.block()
                ));
            });
        });
    }
}
