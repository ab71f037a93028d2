//! Elementwise loops: fused formulas over features, samples and directions.

use super::expression::Formulas;
use super::region::Regions;
use super::writer::Writer;
use crate::ir::{Expr, Input, NodeId};
use crate::plan::{Loop, Place, Plan, broadcast_strides};

/// A fused loop in a tile.
pub(super) fn tile_loop(w: &mut Writer, plan: &Plan, l: &Loop) {
    comment(w, plan, l);
    let g = &plan.graph;
    let streamed = l.axes.tangent;
    let mut regions = Regions::new(plan, true);
    let own = |id: NodeId| l.formulas.iter().any(|f| f.0 == id);
    // Code that loads each argument, at the feature index of its own broadcast.
    let (dims, index) = nest(plan, l);
    let mut loads: Vec<(String, String, bool)> = Vec::new();
    // Rows are looked up once, outside the loop over their vectors.
    let mut rows: Vec<String> = Vec::new();
    let mut args = Vec::new();
    for (k, &id) in l.values.iter().enumerate() {
        let varies = g.axes(id).tangent;
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
                let i = region.index(at);
                match (region.rows, varies) {
                    (false, _) => format!("V::splat({}[{i}])", region.name),
                    (true, true) => format!("V::load(&{}[{i}], l)", region.name),
                    (true, false) => {
                        rows.push(format!("let r{} = &{}[{i}];", id.0, region.name));
                        format!("V::load(r{}, l)", id.0)
                    }
                }
            }
        };
        loads.push((name, code, varies));
    }
    let stores: Vec<_> = l.stores.iter().map(|&id| (id, regions.of(id))).collect();
    let sums: Vec<_> = l
        .sums
        .iter()
        .map(|&(id, e)| (id, e, regions.of(id)))
        .collect();
    let inner: Vec<bool> = l.values.iter().map(|&id| g.axes(id).tangent).collect();
    let roots: Vec<Expr> = l
        .formulas
        .iter()
        .map(|f| f.1)
        .chain(l.sums.iter().map(|s| s.1))
        .collect();
    let mut formulas = Formulas::new(&g.scalars, "V", args, inner, &roots);
    let full = index.last().cloned().unwrap_or_else(|| "0".to_string());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let mut loops = vec![("p".to_string(), "0..pn".to_string())];
        loops.extend(dims);
        w.nest(&loops, |w| {
            rows.iter().for_each(|line| w.line(line));
            if !streamed {
                for (id, region) in &stores {
                    w.line(format!(
                        "let w{} = &mut {}[{}];",
                        id.0,
                        region.name,
                        region.index(&full)
                    ));
                }
            }
            for (id, _, region) in &sums {
                w.line(format!(
                    "let w{} = &mut {}[{}];",
                    id.0,
                    region.name,
                    region.index(&full)
                ));
            }
            w.block("for l in 0..V::PER_ROW", |w| {
                for (name, code, _) in loads.iter().filter(|x| !(streamed && x.2)) {
                    w.line(format!("let {name} = {code};"));
                }
                let compute = |w: &mut Writer, formulas: &mut Formulas<'_>| {
                    for (id, e) in &l.formulas {
                        let code = formulas.write(w, *e, streamed);
                        w.line(format!("let x{} = {code};", id.0));
                        match stores.iter().find(|s| s.0 == *id) {
                            Some((_, region)) if streamed => {
                                w.line(format!(
                                    "x{}.store(&mut {}[{}], l);",
                                    id.0,
                                    region.name,
                                    region.index(&full)
                                ));
                            }
                            Some(_) => w.line(format!("x{0}.store(w{0}, l);", id.0)),
                            None => {}
                        }
                    }
                };
                if !streamed {
                    compute(w, &mut formulas);
                    return;
                }
                formulas.hoist(w, &roots);
                for (id, _, _) in &sums {
                    w.line(format!("let mut s{0} = V::load(w{0}, l);", id.0));
                }
                w.block("for t in 0..tn", |w| {
                    for (name, code, _) in loads.iter().filter(|x| x.2) {
                        w.line(format!("let {name} = {code};"));
                    }
                    compute(w, &mut formulas);
                    for (id, e, _) in &sums {
                        let code = formulas.write(w, *e, true);
                        w.line(format!("s{0} = s{0} + {code};", id.0));
                    }
                });
                for (id, _, _) in &sums {
                    w.line(format!("s{0}.store(w{0}, l);", id.0));
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
    let mut formulas = Formulas::new(
        &g.scalars,
        "rt::One::<V::Scalar>",
        args,
        vec![false; l.values.len()],
        &[e],
    );
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.nest(&dims, |w| {
            loads.iter().for_each(|line| w.line(line));
            let code = formulas.write(w, e, false);
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
