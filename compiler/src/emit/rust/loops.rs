//! Elementwise loop nests.

use super::super::index::{linear, loop_names};
use super::expression::{Formulas, literal};
use super::hole::{hole, label};
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::lower::{Load, LoopNest, Lowered, Source, View};
use std::collections::BTreeMap;

/// A loop nest in a tile. The features of a panel are cut out once, so that the loops over features index without bounds
/// checks. Directions are innermost: what does not vary over them is loaded once for all of them, and sums over them stay
/// in registers.
pub(super) fn tile_loop(w: &mut Writer, program: &Lowered, nest: &LoopNest) {
    comment(w, program, nest);
    let mut regions = Regions::new(program, true);
    let names = loop_names(nest.dims.len());
    let mut blocks: Vec<String> = Vec::new();
    let mut written: Vec<Written> = Vec::new();
    for view in nest.stores().chain(nest.sums.iter().map(|sum| sum.to)) {
        let region = regions.of(&view);
        if !region.axes.tangent {
            blocks.push(format!(
                "let b{} = &mut {};",
                label(view.label),
                region.block()
            ));
        }
        written.push(Written { view, region });
    }
    let loads = loads(nest, &names, &mut regions, &written, &mut blocks);
    let mut formulas = Formulas::new(&program.scalars, "V", arguments(nest), &nest.roots());
    let full = index(&names, &nest.full_strides());
    let target = |view: &View| {
        let written = written.iter().find(|w| w.view.label == view.label);
        let Written { view, region } = written.expect("what a loop stores is written");
        element(region, view.label, &full)
    };
    let mut compute = |w: &mut Writer| {
        loads.inside.iter().for_each(|line| w.line(line));
        for formula in &nest.formulas {
            let code = formulas.write(w, formula.expr);
            w.line(format!("let x{} = {code};", label(formula.label)));
            if let Some(view) = formula.store {
                w.line(format!(
                    "x{}.store(&mut {}, l);",
                    label(formula.label),
                    target(&view)
                ));
            }
        }
        for sum in &nest.sums {
            let code = formulas.write(w, sum.expr);
            w.line(format!("s{0} = s{0} + {code};", label(sum.to.label)));
        }
    };
    let panels = [("p".to_string(), "0..pn".to_string())];
    let mut features = dims(nest, &names);
    features.push(("l".to_string(), "0..vectors".to_string()));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.nest(&panels, |w| {
            blocks.iter().for_each(|line| w.line(line));
            w.nest(&features, |w| {
                loads.outside.iter().for_each(|line| w.line(line));
                if !nest.axes.tangent {
                    return compute(w);
                }
                for sum in &nest.sums {
                    let from = target(&sum.to);
                    w.line(format!(
                        "let mut s{} = V::load(&{from}, l);",
                        label(sum.to.label)
                    ));
                }
                w.block("for t in 0..tn", &mut compute);
                for sum in &nest.sums {
                    w.line(format!(
                        "s{}.store(&mut {}, l);",
                        label(sum.to.label),
                        target(&sum.to)
                    ));
                }
            });
        });
    });
}

/// A value that a loop writes.
struct Written {
    view: View,
    region: Region,
}

/// The code that loads the arguments of a loop's formulas, by whether it stands inside the loop over directions.
#[derive(Default)]
struct Loads {
    outside: Vec<String>,
    inside: Vec<String>,
}

/// Loads of the arguments, each at the feature index of its own broadcast, and the panels' blocks that they need.
fn loads(
    nest: &LoopNest,
    names: &[String],
    regions: &mut Regions<'_>,
    written: &[Written],
    blocks: &mut Vec<String>,
) -> Loads {
    let mut loads = Loads::default();
    for load in nest.loads() {
        let at = index(names, &load.strides);
        let code = match &load.source {
            Source::Constant(c) => format!("V::constant({})", literal(*c)),
            Source::Weight => "V::splat(tile.scalars.weight)".to_string(),
            Source::Sigma => "V::splat(tile.scalars.sigma)".to_string(),
            Source::UnitDirection => {
                format!("V::constant(if {at} == t0 + t {{ 1.0 }} else {{ 0.0 }})")
            }
            Source::Column { matrix, columns } => {
                let region = regions.of(matrix);
                format!(
                    "V::splat({}[({at}) * {} + t0 + t])",
                    region.name,
                    hole(*columns)
                )
            }
            Source::View(view) => {
                let region = regions.of(view);
                // A value that a formula overwrites is read through the same slice.
                let over = written.iter().find(|w| w.region.name == region.name);
                if region.rows && !region.axes.tangent && over.is_none() {
                    blocks.push(format!("let b{} = &{};", label(load.label), region.block()));
                }
                if region.rows {
                    let block = over.map_or(load.label, |w| w.view.label);
                    format!("V::load(&{}, l)", element(&region, block, &at))
                } else {
                    format!("V::splat({}[{at}])", region.name)
                }
            }
        };
        let line = format!("let x{} = {code};", label(load.label));
        if load.per_direction {
            loads.inside.push(line);
        } else {
            loads.outside.push(line);
        }
    }
    loads
}

/// Feature `at` of the panel in hand: of direction t, or of the block with that label.
fn element(region: &Region, block: u32, at: &str) -> String {
    if region.axes.tangent {
        format!("{}[{}]", region.name, region.index(at))
    } else {
        format!("b{}[{at}]", label(block))
    }
}

/// A loop nest over batch-independent values, one scalar at a time.
pub(super) fn batch_loop(w: &mut Writer, program: &Lowered, nest: &LoopNest) {
    comment(w, program, nest);
    let names = loop_names(nest.dims.len());
    let mut regions = Regions::new(program, false);
    let loads: Vec<String> = nest
        .loads()
        .map(|load| {
            let code = batch_load(load, &index(&names, &load.strides), &mut regions);
            format!("let x{} = {code};", label(load.label))
        })
        .collect();
    let stores: Vec<Option<String>> = nest
        .formulas
        .iter()
        .map(|formula| formula.store.map(|view| regions.of(&view).name))
        .collect();
    let full = index(&names, &nest.full_strides());
    let vector = "rt::ScalarVector::<V::Scalar>";
    let mut formulas = Formulas::new(&program.scalars, vector, arguments(nest), &nest.roots());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.nest(&dims(nest, &names), |w| {
            loads.iter().for_each(|line| w.line(line));
            for (formula, store) in nest.formulas.iter().zip(&stores) {
                let code = formulas.write(w, formula.expr);
                w.line(match store {
                    Some(name) => format!("{name}[{full}] = rt::Vector::sum({code});"),
                    None => format!("let x{} = {code};", label(formula.label)),
                });
            }
        });
    });
}

/// The code that reads an argument of a batch-independent formula.
fn batch_load(load: &Load, at: &str, regions: &mut Regions<'_>) -> String {
    match &load.source {
        Source::Constant(c) => format!("rt::ScalarVector::<V::Scalar>::constant({})", literal(*c)),
        Source::Weight => "rt::ScalarVector::splat(common.scalars.weight)".to_string(),
        Source::Sigma => "rt::ScalarVector::splat(common.scalars.sigma)".to_string(),
        Source::View(view) => format!("rt::ScalarVector::splat({}[{at}])", regions.of(view).name),
        Source::UnitDirection | Source::Column { .. } => {
            panic!(
                "%{} varies over directions, and none is at hand",
                load.label
            )
        }
    }
}

/// Code of each argument of the formulas.
fn arguments(nest: &LoopNest) -> BTreeMap<usize, String> {
    let name = |local| format!("x{}", label(nest.label(local)));
    let locals = nest.locals.iter();
    locals.map(|(&i, local)| (i, name(local))).collect()
}

fn index(names: &[String], strides: &[usize]) -> String {
    let names = names.iter().map(String::as_str);
    linear(names.zip(strides.iter().copied()), hole)
}

/// The loops over the features.
fn dims(nest: &LoopNest, names: &[String]) -> Vec<(String, String)> {
    let ranges = nest.dims.iter().map(|&n| format!("0..{}", hole(n)));
    names.iter().cloned().zip(ranges).collect()
}

/// The formulas in infix form.
fn comment(w: &mut Writer, program: &Lowered, nest: &LoopNest) {
    let name = |i: usize| format!("v{}", label(nest.label(&nest.locals[&i])));
    let print = |expr| program.scalars.print(expr, &name);
    for formula in &nest.formulas {
        w.line(format!(
            "// v{} = {}",
            label(formula.label),
            print(formula.expr)
        ));
    }
    for sum in &nest.sums {
        let (to, of) = (label(sum.to.label), print(sum.expr));
        w.line(format!("// v{to} += sum over directions of {of}"));
    }
}
