//! Elementwise loops: fused formulas over features, samples and directions.

use super::expression::Formulas;
use super::region::Regions;
use super::writer::Writer;
use crate::ir::{Expr, Input, NodeId};
use crate::plan::{Loop, Place, Plan, broadcast_strides};

/// A fused loop in a tile. What it reads and writes of a panel (and direction) is cut out once, so that the loop over
/// features walks along it without checks.
pub(super) fn tile_loop(w: &mut Writer, plan: &Plan, l: &Loop) {
    comment(w, plan, l);
    let g = &plan.graph;
    let mut regions = Regions::new(plan, true);
    let own = |id: NodeId| l.formulas.iter().any(|f| f.0 == id);
    // Code that loads each argument, at the feature index of its own broadcast.
    let (dims, index) = nest(plan, l);
    let mut blocks: Vec<String> = Vec::new();
    let mut loads: Vec<String> = Vec::new();
    let mut args = Vec::new();
    for (k, &id) in l.values.iter().enumerate() {
        let name = format!("x{}", id.0);
        args.push(name.clone());
        if own(id) {
            continue;
        }
        let at = &index[k];
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
                if region.rows {
                    blocks.push(format!("let b{} = &{};", id.0, region.block()));
                    format!("V::load(&b{}[{at}], l)", id.0)
                } else {
                    format!("V::splat({}[{at}])", region.name)
                }
            }
        };
        loads.push(format!("let {name} = {code};"));
    }
    let written = l.stores.iter().copied().chain(l.sums.iter().map(|s| s.0));
    for id in written {
        let region = regions.of(id);
        blocks.push(format!("let b{} = &mut {};", id.0, region.block()));
    }
    let roots: Vec<Expr> = l
        .formulas
        .iter()
        .map(|f| f.1)
        .chain(l.sums.iter().map(|s| s.1))
        .collect();
    let mut formulas = Formulas::new(&g.scalars, "V", args, &roots);
    let full = index.last().cloned().unwrap_or_else(|| "0".to_string());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let mut panels = vec![("p".to_string(), "0..pn".to_string())];
        if l.axes.tangent {
            panels.insert(0, ("t".to_string(), "0..tn".to_string()));
        }
        w.nest(&panels, |w| {
            blocks.iter().for_each(|line| w.line(line));
            let mut inner = dims;
            inner.push(("l".to_string(), "0..vectors".to_string()));
            w.nest(&inner, |w| {
                loads.iter().for_each(|line| w.line(line));
                for (id, e) in &l.formulas {
                    let code = formulas.write(w, *e);
                    w.line(format!("let x{} = {code};", id.0));
                    if l.stores.contains(id) {
                        w.line(format!("x{0}.store(&mut b{0}[{full}], l);", id.0));
                    }
                }
                for (id, e) in &l.sums {
                    let code = formulas.write(w, *e);
                    w.line(format!(
                        "let s{0} = V::load(&b{0}[{full}], l) + {code};",
                        id.0
                    ));
                    w.line(format!("s{0}.store(&mut b{0}[{full}], l);", id.0));
                }
            });
        });
    });
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
