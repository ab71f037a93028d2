//! Contractions that no panel kernel computes: plain loops in tiles, a call for shared values.

use super::kernel::panels;
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::ir::{Axes, Label, NodeId, Op};
use crate::plan::{Plan, strides};

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
