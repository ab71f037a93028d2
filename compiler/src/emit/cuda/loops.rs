//! Elementwise loop nests: fused formulas over features, samples and directions.

use super::super::index::{linear, loop_names, number};
use super::super::rust::writer::Writer;
use super::expression::Formulas;
use super::thread_group::ThreadGroup;
use super::value::{Scope, loaded, view_entry};
use crate::lower::{LoopNest, Lowered, View};
use std::collections::BTreeMap;

/// A loop nest in a tile: a thread takes entries of one sample, and of one direction or, where sums over directions
/// are formed, of all directions of the chunk in their order.
pub(super) fn tile_loop(w: &mut Writer, program: &Lowered, nest: &LoopNest, group: ThreadGroup) {
    comment(w, program, nest);
    let features = Features::of(nest);
    let sums = !nest.sums.is_empty();
    let columns = if nest.axes.tangent && !sums {
        "CHUNK"
    } else {
        "SAMPLES"
    };
    let load = |w: &mut Writer, per_direction: bool| {
        for load in nest.loads().filter(|l| l.per_direction == per_direction) {
            let code = loaded(program, load, &features.index(&load.strides), Scope::Tile);
            w.line(format!("const float x{} = {code};", load.label));
        }
    };
    let full = features.index(&nest.full_strides());
    let target = |view: &View| view_entry(program, view, &full, Scope::Tile);
    let mut formulas = Formulas::new(&program.scalars, arguments(nest), &nest.roots());
    let mut compute = |w: &mut Writer| {
        for formula in &nest.formulas {
            let code = formulas.write(w, formula.expr);
            w.line(format!("const float x{} = {code};", formula.label));
            if let Some(view) = formula.store {
                w.line(format!("{} = x{};", target(&view), formula.label));
            }
        }
        for sum in &nest.sums {
            let code = formulas.write(w, sum.expr);
            w.line(format!("s{} += {code};", sum.to.label));
        }
    };
    w.line("#pragma unroll 2");
    let count = format!("{} * {columns}", nest.elements());
    w.block(group.strided_loop(count), |w| {
        match columns {
            "CHUNK" => w.line("const int s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;"),
            _ => w.line("const int s = i % SAMPLES;"),
        }
        features.decode(w, &format!("i / {columns}"));
        load(w, false);
        if !sums {
            load(w, true);
            compute(w);
            return;
        }
        for sum in &nest.sums {
            w.line(format!("float s{} = {};", sum.to.label, target(&sum.to)));
        }
        w.block("for (int t = 0; t < DIRECTIONS; ++t)", |w| {
            load(w, true);
            compute(w);
        });
        for sum in &nest.sums {
            w.line(format!("{} = s{};", target(&sum.to), sum.to.label));
        }
    });
}

/// A loop nest over batch-independent values.
pub(super) fn batch_loop(w: &mut Writer, program: &Lowered, nest: &LoopNest) {
    comment(w, program, nest);
    let features = Features::of(nest);
    let full = features.index(&nest.full_strides());
    let mut formulas = Formulas::new(&program.scalars, arguments(nest), &nest.roots());
    w.block(ThreadGroup::Grid.strided_loop(nest.elements()), |w| {
        features.decode(w, "i");
        for load in nest.loads() {
            let code = loaded(program, load, &features.index(&load.strides), Scope::Grid);
            w.line(format!("const float x{} = {code};", load.label));
        }
        for formula in &nest.formulas {
            let code = formulas.write(w, formula.expr);
            w.line(match formula.store {
                Some(view) => {
                    format!(
                        "{} = {code};",
                        view_entry(program, &view, &full, Scope::Grid)
                    )
                }
                None => format!("const float x{} = {code};", formula.label),
            });
        }
    });
}

/// The features of a nest as one count.
struct Features {
    /// Name and size of each loop.
    dims: Vec<(String, usize)>,
}

impl Features {
    fn of(nest: &LoopNest) -> Features {
        let names = loop_names(nest.dims.len());
        Features {
            dims: names.into_iter().zip(nest.dims.iter().copied()).collect(),
        }
    }

    /// The feature index of a value with these strides.
    fn index(&self, strides: &[usize]) -> String {
        let names = self.dims.iter().map(|d| d.0.as_str());
        linear(names.zip(strides.iter().copied()), number)
    }

    /// Declares the loops' indices from the count in `from`.
    fn decode(&self, w: &mut Writer, from: &str) {
        decode(w, &self.dims, from);
    }
}

/// Code of each argument of the formulas.
fn arguments(nest: &LoopNest) -> BTreeMap<usize, String> {
    let name = |local| format!("x{}", nest.label(local));
    let locals = nest.locals.iter();
    locals.map(|(&i, local)| (i, name(local))).collect()
}

/// Declares indices of axes, the last fastest, from a count of all their entries.
pub(super) fn decode(w: &mut Writer, dims: &[(String, usize)], from: &str) {
    let mut inner = 1;
    let mut parts: Vec<String> = Vec::new();
    for (k, (name, size)) in dims.iter().enumerate().rev() {
        let shifted = if inner == 1 {
            from.to_string()
        } else {
            format!("{from} / {inner}")
        };
        parts.push(match k {
            0 => format!("{name} = {shifted}"),
            _ => format!("{name} = {shifted} % {size}"),
        });
        inner *= size;
    }
    if !parts.is_empty() {
        parts.reverse();
        w.line(format!("const int {};", parts.join(", ")));
    }
}

/// The formulas in infix form.
fn comment(w: &mut Writer, program: &Lowered, nest: &LoopNest) {
    let name = |i: usize| format!("v{}", nest.label(&nest.locals[&i]));
    let print = |expr| program.scalars.print(expr, &name);
    for formula in &nest.formulas {
        w.line(format!("// v{} = {}", formula.label, print(formula.expr)));
    }
    for sum in &nest.sums {
        let (to, of) = (sum.to.label, print(sum.expr));
        w.line(format!("// v{to} += sum over directions of {of}"));
    }
}
