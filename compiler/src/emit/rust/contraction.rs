//! Contractions that no GEMM computes: plain loops in tiles, a call for batch-independent values; sums over samples.

use super::super::index::linear;
use super::gemm::panels;
use super::hole::{hole, label};
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::ir::{Axes, Label};
use crate::lower::{
    Contraction, Factor, IndexAxis, Lowered, ReduceToColumns, SampleSum, Subscript, stride_of,
};

fn name(index: Label) -> String {
    format!("i_{}", index as char)
}

/// A sum over samples (and directions) of every feature.
pub(super) fn sample_sum(w: &mut Writer, program: &Lowered, sum: &SampleSum) {
    w.line(format!(
        "// v{} = sum of v{}",
        label(sum.to.label),
        label(sum.from.label)
    ));
    let mut regions = Regions::new(program, true);
    let (a, to) = (regions.of(&sum.from), regions.of(&sum.to));
    let n = hole(a.len);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "let a = rt::Rows {{ rows: {}, panel: {n}, row: 1 }};",
            a.name
        ));
        w.line(format!(
            "rt::add_lane_sums::<V>({}, {n}, a, {});",
            to.name,
            panels(a.panels(), 1)
        ));
    });
}

/// Sums over samples, a column a direction.
pub(super) fn reduce_to_columns(w: &mut Writer, program: &Lowered, c: &ReduceToColumns) {
    let (to, from) = (label(c.to.label), label(c.from.label));
    w.line(format!("// v{to}[.., t] += sum over samples of v{from}"));
    let mut regions = Regions::new(program, true);
    let (x, to) = (regions.of(&c.from), regions.of(&c.to));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::add_columns::<V>({}, {}, t0, {}, tn, {}, {});",
            to.name,
            hole(c.columns),
            x.name,
            hole(x.len),
            panels("pn", 1)
        ));
    });
}

/// Any contraction in a tile.
pub(super) fn tile_contraction(w: &mut Writer, program: &Lowered, c: &Contraction) {
    comment(w, c);
    let mut regions = Regions::new(program, true);
    let inputs: Vec<Region> = c.factors().map(|f| regions.operand(&f.operand)).collect();
    let result = regions.of(&c.to);
    let (axes, from) = (c.to.axes, c.factor_axes());
    let loops = |axes: &[IndexAxis]| -> Vec<(String, String)> {
        let loops = axes.iter().filter(|axis| axis.size != 1);
        loops
            .map(|axis| (name(axis.label), format!("0..{}", hole(axis.size))))
            .collect()
    };
    let at = |subscripts: &[Subscript]| {
        let walked = subscripts.iter().filter(|s| c.size(s.label) != Some(1));
        let terms: Vec<(String, usize)> = walked.map(|s| (name(s.label), s.stride)).collect();
        linear(
            terms.iter().map(|(name, stride)| (name.as_str(), *stride)),
            hole,
        )
    };
    let factor = |region: &Region, factor: &Factor| {
        let i = region.index(&at(&factor.subscripts));
        if region.rows {
            format!("V::load(&{}[{i}], l)", region.name)
        } else {
            format!("V::splat({}[{i}])", region.name)
        }
    };
    let left = factor(&inputs[0], &c.left);
    let accumulate = match &c.right {
        None => format!("sum = sum + {left};"),
        Some(right) => format!("sum = {left}.mul_add({}, sum);", factor(&inputs[1], right)),
    };
    let panel = ("p".to_string(), "0..pn".to_string());
    let lane = ("l".to_string(), "0..vectors".to_string());
    let direction = ("t".to_string(), "0..tn".to_string());
    let full = result.index(&at(&c.subscripts));
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
            outside.extend(loops(&c.kept));
            outside.push(lane);
        } else {
            outside.extend(loops(&c.kept));
            inside.push(panel);
            inside.push(lane);
        }
        inside.extend(loops(&c.summed));
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

/// A contraction of batch-independent values.
pub(super) fn batch_contraction(w: &mut Writer, program: &Lowered, c: &Contraction) {
    comment(w, c);
    let mut regions = Regions::new(program, false);
    let left = regions.operand(&c.left.operand).name;
    let right = c
        .right
        .as_ref()
        .map(|factor| regions.operand(&factor.operand).name);
    let to = regions.of(&c.to);
    let labels: Vec<String> = c
        .kept
        .iter()
        .chain(&c.summed)
        .map(|axis| {
            let of = |factor: &Factor| stride_of(&factor.subscripts, axis.label);
            format!(
                "rt::Label {{ size: {}, a: {}, b: {}, c: {} }}",
                hole(axis.size),
                hole(of(&c.left)),
                hole(c.right.as_ref().map_or(0, of)),
                hole(stride_of(&c.subscripts, axis.label))
            )
        })
        .collect();
    let right = match right {
        Some(name) => format!("&*{name}"),
        None => "&[<V::Scalar as rt::Real>::of(1.0)]".to_string(),
    };
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!("let labels = [{}];", labels.join(", ")));
        w.line(format!(
            "rt::shared_contract(common.pool, labels, &*{left}, {right}, {}, rt::Write::Set);",
            to.name
        ));
    });
}

fn comment(w: &mut Writer, c: &Contraction) {
    let text = |subscripts: &[Subscript]| -> String {
        subscripts.iter().map(|s| s.label as char).collect()
    };
    let parts: Vec<String> = c
        .factors()
        .map(|f| format!("v{}[{}]", label(f.operand.label()), text(&f.subscripts)))
        .collect();
    w.line(format!(
        "// v{}[{}] = sum of {}",
        label(c.to.label),
        text(&c.subscripts),
        parts.join(" * ")
    ));
}
