//! Elementwise loops: fused formulas over features, samples and directions.

use super::expression::Formulas;
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::ir::{Expr, Input, NodeId};
use crate::plan::{Loop, Place, Plan, broadcast_strides};

/// A fused loop in a tile. What it reads and writes of a panel is cut out once, so that the loop over features walks along
/// it without checks. Directions are innermost: what does not vary over them is loaded once for all of them, and sums over
/// them stay in registers.
pub(super) fn tile_loop(w: &mut Writer, plan: &Plan, l: &Loop) {
    comment(w, plan, l);
    let g = &plan.graph;
    let mut regions = Regions::new(plan, true);
    let (dims, mut index) = nest(plan, l);
    let full = index.pop().unwrap_or_else(|| "0".to_string());
    let mut blocks: Vec<String> = Vec::new();
    let mut written: Vec<Written> = Vec::new();
    for id in l.stores.iter().copied().chain(l.sums.iter().map(|s| s.0)) {
        let region = regions.of(id);
        if !region.axes.tangent {
            blocks.push(format!("let b{} = &mut {};", id.0, region.block()));
        }
        written.push(Written { id, region });
    }
    let loads = loads(plan, l, &index, &mut regions, &written, &mut blocks);
    let args = l.values.iter().map(|id| format!("x{}", id.0)).collect();
    let roots: Vec<Expr> = l
        .formulas
        .iter()
        .chain(&l.sums)
        .map(|&(_, formula)| formula)
        .collect();
    let mut formulas = Formulas::new(&g.scalars, "V", args, &roots);
    let target = |id: NodeId| {
        let written = written.iter().find(|w| w.id == id);
        let Written { id, region } = written.expect("what a loop stores is written");
        element(region, *id, &full)
    };
    let mut compute = |w: &mut Writer| {
        loads.inside.iter().for_each(|line| w.line(line));
        for &(id, e) in &l.formulas {
            let code = formulas.write(w, e);
            w.line(format!("let x{} = {code};", id.0));
            if l.stores.contains(&id) {
                w.line(format!("x{}.store(&mut {}, l);", id.0, target(id)));
            }
        }
        for &(id, e) in &l.sums {
            let code = formulas.write(w, e);
            w.line(format!("s{0} = s{0} + {code};", id.0));
        }
    };
    let panels = [("p".to_string(), "0..pn".to_string())];
    let mut features = dims;
    features.push(("l".to_string(), "0..vectors".to_string()));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.nest(&panels, |w| {
            blocks.iter().for_each(|line| w.line(line));
            w.nest(&features, |w| {
                loads.outside.iter().for_each(|line| w.line(line));
                if !l.axes.tangent {
                    return compute(w);
                }
                for &(id, _) in &l.sums {
                    w.line(format!("let mut s{} = V::load(&{}, l);", id.0, target(id)));
                }
                w.block("for t in 0..tn", &mut compute);
                for &(id, _) in &l.sums {
                    w.line(format!("s{}.store(&mut {}, l);", id.0, target(id)));
                }
            });
        });
    });
}

/// A value that a loop writes.
struct Written {
    id: NodeId,
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
    plan: &Plan,
    l: &Loop,
    index: &[String],
    regions: &mut Regions<'_>,
    written: &[Written],
    blocks: &mut Vec<String>,
) -> Loads {
    let g = &plan.graph;
    let mut loads = Loads::default();
    for (&id, at) in l.values.iter().zip(index) {
        if l.formulas.iter().any(|f| f.0 == id) {
            continue;
        }
        let code = match plan.place(id) {
            Place::Constant(c) => format!("V::constant({})", super::expression::literal(*c)),
            Place::Input(Input::Weight) => "V::splat(tile.scalars.weight)".to_string(),
            Place::Input(Input::Sigma) => "V::splat(tile.scalars.sigma)".to_string(),
            Place::Basis => format!("V::constant(if {at} == t0 + t {{ 1.0 }} else {{ 0.0 }})"),
            Place::Columns(of) => {
                let region = regions.of(*of);
                let r = g.shape(*of).last().copied().unwrap_or(1);
                format!("V::splat({}[({at}) * {r} + t0 + t])", region.name)
            }
            _ => {
                let region = regions.of(id);
                // What a formula is stored over is read through the same slice.
                let over = written.iter().find(|w| w.region.name == region.name);
                if region.rows && !region.axes.tangent && over.is_none() {
                    blocks.push(format!("let b{} = &{};", id.0, region.block()));
                }
                match region.rows {
                    true => {
                        let element = element(&region, over.map_or(id, |w| w.id), at);
                        format!("V::load(&{element}, l)")
                    }
                    false => format!("V::splat({}[{at}])", region.name),
                }
            }
        };
        let line = format!("let x{} = {code};", id.0);
        match g.axes(id).tangent {
            true => loads.inside.push(line),
            false => loads.outside.push(line),
        }
    }
    loads
}

/// Feature `at` of the panel in hand: of direction t, or of the block that is named after `id`.
fn element(region: &Region, id: NodeId, at: &str) -> String {
    if region.axes.tangent {
        format!("{}[{}]", region.name, region.index(at))
    } else {
        format!("b{}[{at}]", id.0)
    }
}

/// A loop over shared values, one scalar at a time.
pub(super) fn shared_loop(w: &mut Writer, plan: &Plan, l: &Loop) {
    comment(w, plan, l);
    let g = &plan.graph;
    let (dims, index) = nest(plan, l);
    let mut regions = Regions::new(plan, false);
    let mut args = Vec::new();
    let mut loads = Vec::new();
    for (k, &id) in l.values.iter().enumerate() {
        let name = format!("x{}", id.0);
        let code = match plan.place(id) {
            Place::Constant(c) => {
                format!(
                    "rt::One::<V::Scalar>::constant({})",
                    super::expression::literal(*c)
                )
            }
            Place::Input(Input::Weight) => "rt::One::splat(common.scalars.weight)".to_string(),
            Place::Input(Input::Sigma) => "rt::One::splat(common.scalars.sigma)".to_string(),
            _ => format!("rt::One::splat({}[{}])", regions.of(id).name, index[k]),
        };
        loads.push(format!("let {name} = {code};"));
        args.push(name);
    }
    let (id, e) = l.formulas[0];
    let region = regions.of(id);
    let full = index.last().cloned().unwrap_or_else(|| "0".to_string());
    let mut formulas = Formulas::new(&g.scalars, "rt::One::<V::Scalar>", args, &[e]);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.nest(&dims, |w| {
            loads.iter().for_each(|line| w.line(line));
            let code = formulas.write(w, e);
            w.line(format!(
                "{}[{full}] = rt::Vector::sum({code});",
                region.name
            ));
        });
    });
}

/// Loops over the features and, for every value and last for a full one, the feature index inside them. Adjacent axes
/// that every value walks with one stride are one loop.
fn nest(plan: &Plan, l: &Loop) -> (Vec<(String, String)>, Vec<String>) {
    let g = &plan.graph;
    let mut strides: Vec<Vec<usize>> = l
        .values
        .iter()
        .map(|&id| broadcast_strides(g.shape(id), &l.shape))
        .collect();
    strides.push(broadcast_strides(&l.shape, &l.shape));
    let mut dims: Vec<(usize, Vec<usize>)> = Vec::new();
    for (i, &size) in l.shape.iter().enumerate() {
        let own: Vec<usize> = strides.iter().map(|s| s[i]).collect();
        if size == 1 {
            continue;
        }
        match dims.last_mut() {
            Some((n, outer)) if outer.iter().zip(&own).all(|(o, s)| *o == s * size) => {
                *n *= size;
                *outer = own;
            }
            _ => dims.push((size, own)),
        }
    }
    let name = |d: usize| {
        if dims.len() == 1 {
            "u".to_string()
        } else {
            format!("u{d}")
        }
    };
    let index = (0..strides.len())
        .map(|k| {
            let terms: Vec<String> = dims
                .iter()
                .enumerate()
                .filter(|(_, d)| d.1[k] != 0)
                .map(|(i, d)| {
                    if d.1[k] == 1 {
                        name(i)
                    } else {
                        format!("{} * {}", name(i), d.1[k])
                    }
                })
                .collect();
            if terms.is_empty() {
                "0".to_string()
            } else {
                terms.join(" + ")
            }
        })
        .collect();
    let loops = dims
        .iter()
        .enumerate()
        .map(|(i, d)| (name(i), format!("0..{}", d.0)))
        .collect();
    (loops, index)
}

/// The formulas in infix form.
fn comment(w: &mut Writer, plan: &Plan, l: &Loop) {
    let name = |i: usize| format!("v{}", l.values[i].0);
    for (id, e) in &l.formulas {
        w.line(format!(
            "// v{} = {}",
            id.0,
            plan.graph.scalars.print(*e, &name)
        ));
    }
    for (id, e) in &l.sums {
        w.line(format!(
            "// v{} += sum over directions of {}",
            id.0,
            plan.graph.scalars.print(*e, &name)
        ));
    }
}
