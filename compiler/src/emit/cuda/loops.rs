//! Elementwise loops: fused formulas over features, samples and directions.

use super::super::rust::writer::Writer;
use super::expression::Formulas;
use super::team::Team;
use super::value::{Scope, entry, place_entry};
use crate::ir::{Expr, NodeId};
use crate::plan::{Loop, Plan, broadcast_strides};

/// A fused loop in a tile: a thread takes entries of one sample, and of one direction or, where sums over directions
/// are formed, of all directions of the chunk in their order.
pub(super) fn tile_loop(w: &mut Writer, plan: &Plan, l: &Loop, team: Team) {
    comment(w, plan, l);
    let g = &plan.graph;
    let nest = Nest::of(plan, l);
    let sums = !l.sums.is_empty();
    let columns = if l.axes.tangent && !sums {
        "CHUNK"
    } else {
        "SAMPLES"
    };
    let own = |id: NodeId| l.formulas.iter().any(|f| f.0 == id);
    let args: Vec<String> = l.values.iter().map(|id| format!("x{}", id.0)).collect();
    let load = |w: &mut Writer, tangent: bool| {
        for (k, &id) in l.values.iter().enumerate() {
            if !own(id) && g.axes(id).tangent == tangent {
                let code = entry(plan, id, &nest.index[k], Scope::Tile);
                w.line(format!("const float x{} = {code};", id.0));
            }
        }
    };
    let roots: Vec<Expr> = l
        .formulas
        .iter()
        .map(|f| f.1)
        .chain(l.sums.iter().map(|s| s.1))
        .collect();
    let mut formulas = Formulas::new(&g.scalars, args, &roots);
    let mut compute = |w: &mut Writer| {
        for &(id, e) in &l.formulas {
            let code = formulas.write(w, e);
            w.line(format!("const float x{} = {code};", id.0));
            if l.stores.contains(&id) {
                let to = place_entry(plan, plan.place(id), &nest.full, Scope::Tile);
                w.line(format!("{to} = x{};", id.0));
            }
        }
        for &(id, e) in &l.sums {
            let code = formulas.write(w, e);
            w.line(format!("s{} += {code};", id.0));
        }
    };
    w.line("#pragma unroll 2");
    w.block(team.each(format!("{} * {columns}", nest.count)), |w| {
        match columns {
            "CHUNK" => w.line("const int s = i % SAMPLES, t = i / SAMPLES % DIRECTIONS;"),
            _ => w.line("const int s = i % SAMPLES;"),
        }
        nest.decode(w, &format!("i / {columns}"));
        if !sums {
            load(w, false);
            load(w, true);
            compute(w);
            return;
        }
        load(w, false);
        for (id, _) in &l.sums {
            let from = place_entry(plan, plan.place(*id), &nest.full, Scope::Tile);
            w.line(format!("float s{} = {from};", id.0));
        }
        w.block("for (int t = 0; t < DIRECTIONS; ++t)", |w| {
            load(w, true);
            compute(w);
        });
        for (id, _) in &l.sums {
            let to = place_entry(plan, plan.place(*id), &nest.full, Scope::Tile);
            w.line(format!("{to} = s{};", id.0));
        }
    });
}

/// A loop over batch-independent values.
pub(super) fn shared_loop(w: &mut Writer, plan: &Plan, l: &Loop) {
    comment(w, plan, l);
    let nest = Nest::of(plan, l);
    let args: Vec<String> = l.values.iter().map(|id| format!("x{}", id.0)).collect();
    let (id, e) = l.formulas[0];
    let mut formulas = Formulas::new(&plan.graph.scalars, args, &[e]);
    w.block(Team::Grid.each(nest.count), |w| {
        nest.decode(w, "i");
        for (k, &value) in l.values.iter().enumerate() {
            let code = entry(plan, value, &nest.index[k], Scope::Grid);
            w.line(format!("const float x{} = {code};", value.0));
        }
        let code = formulas.write(w, e);
        let to = place_entry(plan, plan.place(id), &nest.full, Scope::Grid);
        w.line(format!("{to} = {code};"));
    });
}

/// The features of a loop as one count: the index of each value as a function of it.
struct Nest {
    count: usize,
    /// Name and size of each axis; adjacent axes that every value walks with one stride are one.
    dims: Vec<(String, usize)>,
    /// Feature index of each value.
    index: Vec<String>,
    /// Feature index of a value of the loop's own shape.
    full: String,
}

impl Nest {
    fn of(plan: &Plan, l: &Loop) -> Nest {
        let mut strides: Vec<Vec<usize>> = l
            .values
            .iter()
            .map(|&id| broadcast_strides(plan.graph.shape(id), &l.shape))
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
        let names: Vec<String> = match dims.len() {
            1 => vec!["u".to_string()],
            n => (0..n).map(|d| format!("u{d}")).collect(),
        };
        let mut index: Vec<String> = (0..strides.len())
            .map(|k| {
                linear(
                    names
                        .iter()
                        .zip(&dims)
                        .map(|(name, d)| (name.as_str(), d.1[k])),
                )
            })
            .collect();
        let full = index.pop().unwrap_or_default();
        Nest {
            count: l.shape.iter().product(),
            dims: names.into_iter().zip(dims.iter().map(|d| d.0)).collect(),
            index,
            full,
        }
    }

    /// Declares the axes' indices from the count in `from`.
    fn decode(&self, w: &mut Writer, from: &str) {
        decode(w, &self.dims, from);
    }
}

/// Σ name · stride.
pub(super) fn linear<'a>(terms: impl Iterator<Item = (&'a str, usize)>) -> String {
    let terms: Vec<String> = terms
        .filter(|t| t.1 != 0)
        .map(|(name, stride)| match stride {
            1 => name.to_string(),
            _ => format!("{name} * {stride}"),
        })
        .collect();
    if terms.is_empty() {
        "0".to_string()
    } else {
        terms.join(" + ")
    }
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
fn comment(w: &mut Writer, plan: &Plan, l: &Loop) {
    let name = |i: usize| format!("v{}", l.values[i].0);
    let scalars = &plan.graph.scalars;
    for (id, e) in &l.formulas {
        w.line(format!("// v{} = {}", id.0, scalars.print(*e, &name)));
    }
    for (id, e) in &l.sums {
        w.line(format!(
            "// v{} += sum over directions of {}",
            id.0,
            scalars.print(*e, &name)
        ));
    }
}
