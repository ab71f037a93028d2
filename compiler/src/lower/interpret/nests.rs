//! Loop nests and contractions.

use super::memory::{Memory, indices, offset};
use crate::ir::Pool;
use crate::lower::{Contraction, Factor, Load, Local, LoopNest, Source, Subscript};

pub(super) fn loop_nest(memory: &mut Memory<'_>, scalars: &Pool, nest: &LoopNest) {
    let full = nest.full_strides();
    for index in indices(&nest.dims) {
        let element = offset(&index, &full);
        for t in 0..memory.directions(nest.axes) {
            // Everything is read before anything is stored.
            let arguments = nest.locals.keys().next_back().map_or(0, |last| last + 1);
            let mut args = vec![f64::NAN; arguments];
            for (&i, local) in &nest.locals {
                if let Local::Load(l) = local {
                    args[i] = load(memory, l, offset(&index, &l.strides), t);
                }
            }
            for (k, formula) in nest.formulas.iter().enumerate() {
                let value = scalars.eval(formula.expr, &args);
                for (&i, local) in &nest.locals {
                    if *local == Local::Formula(k) {
                        args[i] = value;
                    }
                }
                if let Some(view) = formula.store {
                    *memory.cell(&view, element, t) = value;
                }
            }
            for sum in &nest.sums {
                *memory.cell(&sum.to, element, t) += scalars.eval(sum.expr, &args);
            }
        }
    }
}

fn load(memory: &Memory<'_>, load: &Load, at: usize, t: usize) -> f64 {
    match &load.source {
        Source::View(view) => memory.entry(view, at, t),
        Source::Constant(c) => *c,
        Source::Weight => memory.weight(),
        Source::Sigma => memory.sigma(),
        Source::UnitDirection => f64::from(u8::from(at == memory.t0 + t)),
        Source::Column { matrix, columns } => memory.entry(matrix, at * columns + memory.t0 + t, 0),
    }
}

pub(super) fn contraction(memory: &mut Memory<'_>, c: &Contraction) {
    let axes: Vec<_> = c.kept.iter().chain(&c.summed).collect();
    let sizes: Vec<usize> = axes.iter().map(|axis| axis.size).collect();
    let (kept, summed) = sizes.split_at(c.kept.len());
    // An index may stand twice among the subscripts of an array, which then walks its diagonal.
    let strides = |subscripts: &[Subscript]| -> Vec<usize> {
        let of = |label| subscripts.iter().filter(move |s| s.label == label);
        let axes = axes.iter();
        axes.map(|axis| of(axis.label).map(|s| s.stride).sum())
            .collect()
    };
    let to = strides(&c.subscripts);
    let factors: Vec<(&Factor, Vec<usize>)> =
        c.factors().map(|f| (f, strides(&f.subscripts))).collect();
    for t in 0..memory.directions(c.factor_axes()) {
        for outer in indices(kept) {
            let terms = indices(summed).map(|inner| {
                let index = [outer.as_slice(), &inner].concat();
                let factors = factors.iter();
                let values = factors.map(|(f, s)| memory.operand(&f.operand, offset(&index, s), t));
                values.product::<f64>()
            });
            let sum: f64 = terms.sum();
            let cell = memory.cell(&c.to, offset(&outer, &to[..kept.len()]), t);
            *cell = if c.accumulates() { *cell + sum } else { sum };
        }
    }
}
