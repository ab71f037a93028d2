//! Contractions: calls of the panel kernels where one fits, plain loops elsewhere.

use super::region::{Region, Regions};
use super::turned::Turned;
use super::writer::Writer;
use crate::ir::{Axes, Label, NodeId, Op};
use crate::plan::{Outer, Place, Plan, Product, Repeat, strides};

/// Loops around a kernel call and the offsets that they add to its operands.
fn around(repeats: &[Repeat]) -> (Vec<(String, String)>, String, String) {
    let loops = repeats
        .iter()
        .enumerate()
        .map(|(i, r)| (format!("r{i}"), format!("0..{}", r.size)))
        .collect();
    let offset = |f: &dyn Fn(&Repeat) -> usize| {
        let terms: Vec<String> = repeats
            .iter()
            .enumerate()
            .map(|(i, r)| format!("r{i} * {}", f(r)))
            .collect();
        if terms.is_empty() {
            "..".to_string()
        } else {
            format!("{}..", terms.join(" + "))
        }
    };
    (loops, offset(&|r| r.a), offset(&|r| r.b))
}

/// The panels of a kernel call.
pub(super) fn panels(count: &str, fold: usize) -> String {
    match fold {
        1 => format!("rt::Panels {{ count: {count}, lanes: tile.lanes }}"),
        _ => format!("rt::Panels {{ count: {count} * {fold}, lanes: tile.lanes }}"),
    }
}

/// A slice by its name, from the sum of offsets on if there are any.
fn from(reference: &str, name: &str, offsets: &[String]) -> String {
    match offsets.join(" + ") {
        none if none.is_empty() => name.to_string(),
        start => format!("{reference}{name}[{start}..]"),
    }
}

/// A line that binds how many features of a value vanish in every direction of the chunk.
fn skipped(name: &str, lag: usize, features: usize, whole_vectors: bool) -> String {
    let count = match lag {
        0 => "t0".to_string(),
        _ => format!("t0.saturating_sub({lag})"),
    };
    let rounded = if whole_vectors {
        " / rt::LANES * rt::LANES"
    } else {
        ""
    };
    format!("let {name} = ({count}{rounded}).min({features});")
}

pub(super) fn product(w: &mut Writer, plan: &Plan, turned: &Turned, p: &Product) {
    w.line(format!("// v{} = v{} v{}", p.node.0, p.matrix.0, p.x.0));
    let mut regions = Regions::new(plan, true);
    let (x, y) = (regions.of(p.x), regions.of(p.node));
    let plain = regions.of(p.matrix).name;
    let copy = turned.find(p).map(|at| {
        let name = Turned::name(p.matrix);
        regions
            .at(Place::Shared(at), p.m * p.k, Axes::SHARED, name)
            .name
    });
    let (loops, mut x_at, mut y_at) = around(&p.repeats);
    let (mut m, mut k, mut first) = (p.m.to_string(), p.k.to_string(), Vec::new());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let (matrix, row, col) = match copy {
            Some(copy) => {
                w.line(format!(
                    "let (matrix, row, col) = if V::TURNS {{ (&{copy}[..], {}, 1) }} else {{ (&{plain}[..], {}, {}) }};",
                    p.k, p.matrix_row, p.matrix_col
                ));
                ("matrix".to_string(), "row".to_string(), "col".to_string())
            }
            None => (plain, p.matrix_row.to_string(), p.matrix_col.to_string()),
        };
        if let Some(lag) = p.needless {
            w.line(skipped("top", lag, p.m, false));
            w.line("let top = if lower_suffices { top } else { 0 };");
            w.line(format!(
                "rt::clear(&mut {}[..], {}, {}, top);",
                y.name,
                y.len,
                y.panels()
            ));
            first.push(format!("top * {row}"));
            y_at = "top..".to_string();
            m = format!("{m} - top");
        }
        if let Some(lag) = p.lag {
            w.line(skipped("skip", lag, p.k, false));
            first.push(format!("skip * {col}"));
            x_at = "skip..".to_string();
            k = format!("{k} - skip");
        }
        let data = from("&", &matrix, &first);
        w.nest(&loops, |w| {
            w.line(format!(
                "let w = rt::Matrix {{ data: {data}, row: {row}, col: {col} }};"
            ));
            w.line(format!(
                "let x = rt::Rows {{ rows: &{}[{x_at}], panel: {}, row: {} }};",
                x.name,
                x.len / p.fold,
                p.x_row
            ));
            w.line(format!(
                "let y = rt::RowsMut {{ rows: &mut {}[{y_at}], panel: {}, row: {} }};",
                y.name,
                y.len / p.fold,
                p.y_row
            ));
            w.line(format!(
                "rt::product::<V>(w, {m}, {k}, x, y, {}, rt::Write::Set);",
                panels(x.panels(), p.fold)
            ));
        });
    });
}

pub(super) fn outer(w: &mut Writer, plan: &Plan, o: &Outer) {
    let terms: Vec<String> = o
        .pairs
        .iter()
        .map(|(a, b)| format!("v{} v{}'", a.0, b.0))
        .collect();
    w.line(format!("// v{} += sum of {}", o.node.0, terms.join(" + ")));
    let mut regions = Regions::new(plan, true);
    let pairs: Vec<(Region, Region)> = o
        .pairs
        .iter()
        .map(|&(a, b)| (regions.of(a), regions.of(b)))
        .collect();
    let c = regions.of(o.node);
    let (loops, a_at, b_at) = around(&o.repeats);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let (mut m, mut n) = (o.m.to_string(), o.n.to_string());
        let (mut a_at, mut b_at, mut c_at) = (a_at, b_at, Vec::new());
        // What is left is cut into whole vectors.
        for (name, lag, stride, size, full, at) in [
            ("skip_a", o.lags[0], o.c_row, &mut m, o.m, &mut a_at),
            ("skip_b", o.lags[1], o.c_col, &mut n, o.n, &mut b_at),
        ] {
            if let Some(lag) = lag {
                w.line(skipped(name, lag, full, true));
                *size = format!("{full} - {name}");
                *at = format!("{name}..");
                c_at.push(format!("{name} * {stride}"));
            }
        }
        let sums = from("&mut ", &c.name, &c_at);
        w.nest(&loops, |w| {
            let rows = |region: &Region, at: &str, row: usize| {
                format!(
                    "rt::Rows {{ rows: &{}[{at}], panel: {}, row: {row} }}",
                    region.name,
                    region.len / o.fold
                )
            };
            w.line("let pairs = [");
            for (a, b) in &pairs {
                w.line(format!(
                    "    ({}, {}),",
                    rows(a, &a_at, o.a_row),
                    rows(b, &b_at, o.b_row)
                ));
            }
            w.line("];");
            w.line(format!(
                "rt::outer::<V>({sums}, {}, {}, {m}, {n}, &pairs, {});",
                o.c_row,
                o.c_col,
                panels(pairs[0].0.panels(), o.fold)
            ));
        });
    });
}

/// A label and how many values it takes.
type LabelSize = (Label, usize);

/// A contraction's labels with their sizes: those of the result first.
fn label_sizes(plan: &Plan, id: NodeId) -> (Vec<LabelSize>, Vec<LabelSize>) {
    let g = &plan.graph;
    let Op::Contract { operands, out } = &g.node(id).op else {
        unreachable!("only contractions have labels")
    };
    let kept: Vec<(Label, usize)> = out
        .iter()
        .copied()
        .zip(g.shape(id).iter().copied())
        .collect();
    let mut summed: Vec<(Label, usize)> = Vec::new();
    for (a, labels) in operands {
        for (&l, &size) in labels.iter().zip(g.shape(*a)) {
            if !out.contains(&l) && !summed.iter().any(|s| s.0 == l) {
                summed.push((l, size));
            }
        }
    }
    (kept, summed)
}

fn stride_of(l: Label, labels: &[Label], shape: &[usize]) -> usize {
    labels
        .iter()
        .position(|m| *m == l)
        .map_or(0, |i| strides(shape)[i])
}

/// Any contraction in a tile.
pub(super) fn tile_contract(w: &mut Writer, plan: &Plan, id: NodeId) {
    let g = &plan.graph;
    let Op::Contract { operands, out } = &g.node(id).op else {
        unreachable!("the planner names contractions")
    };
    comment(w, plan, id);
    let mut regions = Regions::new(plan, true);
    let inputs: Vec<(Region, &Vec<Label>, NodeId)> = operands
        .iter()
        .map(|(a, l)| (regions.of(*a), l, *a))
        .collect();
    let result = regions.of(id);
    let axes = g.axes(id);
    let from = operands
        .iter()
        .fold(Axes::SHARED, |x, o| x.union(g.axes(o.0)));
    // A plain sum over samples (and directions) has a kernel.
    if let [(a, labels, _)] = inputs.as_slice()
        && axes == Axes::SHARED
        && *labels == out
    {
        w.block("", |w| {
            regions.bind().iter().for_each(|line| w.line(line));
            w.line(format!(
                "let a = rt::Rows {{ rows: {}, panel: {}, row: 1 }};",
                a.name, a.len
            ));
            w.line(format!(
                "rt::add_lane_sums::<V>({}, {}, a, {});",
                result.name,
                a.len,
                panels(a.panels(), 1)
            ));
        });
        return;
    }
    let (kept, summed) = label_sizes(plan, id);
    let name = |l: Label| format!("i_{}", l as char);
    let loops = |labels: &[(Label, usize)]| -> Vec<(String, String)> {
        labels
            .iter()
            .filter(|l| l.1 != 1)
            .map(|l| (name(l.0), format!("0..{}", l.1)))
            .collect()
    };
    let at = |labels: &[Label], of: NodeId| {
        let shape = g.shape(of);
        let terms: Vec<String> = labels
            .iter()
            .zip(shape)
            .filter(|(_, size)| **size != 1)
            .map(|(&l, _)| match stride_of(l, labels, shape) {
                1 => name(l),
                s => format!("{} * {s}", name(l)),
            })
            .collect();
        if terms.is_empty() {
            "0".to_string()
        } else {
            terms.join(" + ")
        }
    };
    let factors: Vec<String> = inputs
        .iter()
        .map(|(r, labels, a)| {
            let i = r.index(&at(labels, *a));
            if r.rows {
                format!("V::load(&{}[{i}], l)", r.name)
            } else {
                format!("V::splat({}[{i}])", r.name)
            }
        })
        .collect();
    let accumulate = match factors.as_slice() {
        [a] => format!("sum = sum + {a};"),
        [a, b] => format!("sum = {a}.mul_add({b}, sum);"),
        _ => unreachable!("a contraction has one or two operands"),
    };
    let panel = ("p".to_string(), "0..pn".to_string());
    let lane = ("l".to_string(), "0..vectors".to_string());
    let direction = ("t".to_string(), "0..tn".to_string());
    let full = result.index(&at(out, id));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let (mut outside, mut inside) = (Vec::new(), Vec::new());
        if axes.tangent {
            outside.push(direction);
        } else if from.tangent {
            inside.push(direction);
        }
        if axes.sample {
            outside.push(panel);
            outside.extend(loops(&kept));
            outside.push(lane);
        } else {
            outside.extend(loops(&kept));
            inside.push(panel);
            inside.push(lane);
        }
        inside.extend(loops(&summed));
        w.nest(&outside, |w| {
            // Sums over directions go on from chunk to chunk.
            let adds = axes == Axes::SAMPLE && from.tangent;
            let start = if adds {
                format!("V::load(&{}[{full}], l)", result.name)
            } else {
                "V::constant(0.0)".to_string()
            };
            w.line(format!("let mut sum = {start};"));
            w.nest(&inside, |w| w.line(&accumulate));
            if axes.sample {
                w.line(format!("sum.store(&mut {}[{full}], l);", result.name));
            } else {
                w.line(format!(
                    "{0}[{full}] = {0}[{full}] + sum.sum();",
                    result.name
                ));
            }
        });
    });
}

/// A contraction of shared values.
pub(super) fn shared_contract(w: &mut Writer, plan: &Plan, id: NodeId) {
    let g = &plan.graph;
    let Op::Contract { operands, out } = &g.node(id).op else {
        unreachable!("the planner names contractions")
    };
    comment(w, plan, id);
    let (kept, summed) = label_sizes(plan, id);
    let mut regions = Regions::new(plan, false);
    let a = regions.of(operands[0].0);
    let b = operands.get(1).map(|b| regions.of(b.0));
    let c = regions.of(id);
    let labels: Vec<String> = kept
        .iter()
        .chain(&summed)
        .map(|&(l, size)| {
            let stride = |k: usize| {
                operands
                    .get(k)
                    .map_or(0, |(n, labels)| stride_of(l, labels, g.shape(*n)))
            };
            let own = stride_of(l, out, g.shape(id));
            format!(
                "rt::Label {{ size: {size}, a: {}, b: {}, c: {own} }}",
                stride(0),
                stride(1)
            )
        })
        .collect();
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let b = b.map_or("&[<V::Scalar as rt::Real>::of(1.0)]".to_string(), |b| {
            format!("&*{}", b.name)
        });
        w.line(format!("let labels = [{}];", labels.join(", ")));
        w.line(format!(
            "rt::shared_contract(common.team, labels, &*{}, {b}, {}, rt::Write::Set);",
            a.name, c.name
        ));
    });
}

fn comment(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::Contract { operands, out } = &plan.graph.node(id).op else {
        return;
    };
    let text = |l: &[Label]| l.iter().map(|b| *b as char).collect::<String>();
    let parts: Vec<String> = operands
        .iter()
        .map(|(a, l)| format!("v{}[{}]", a.0, text(l)))
        .collect();
    w.line(format!(
        "// v{}[{}] = sum of {}",
        id.0,
        text(out),
        parts.join(" * ")
    ));
}
