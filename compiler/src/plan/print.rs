//! Plans as text: phases and steps.

use super::{Phase, Plan, Step};
use crate::ir::NodeId;

/// The text of a plan.
pub fn print(plan: &Plan) -> String {
    let mut text = format!("  directions {:?}\n", plan.stream);
    for phase in [
        Phase::Prologue,
        Phase::Samples,
        Phase::Stream,
        Phase::Finish,
        Phase::Epilogue,
    ] {
        if plan.steps(phase).is_empty() {
            continue;
        }
        text.push_str(&format!("  {phase:?}:\n"));
        for step in plan.steps(phase) {
            text.push_str(&format!("    {}\n", line(plan, step)));
        }
    }
    text
}

fn line(plan: &Plan, step: &Step) -> String {
    let g = &plan.graph;
    let at = |id: &NodeId| format!("%{}", id.0);
    match step {
        Step::Loop(l) => {
            let name = |i: usize| format!("%{}", l.values[&i].0);
            let mut parts: Vec<String> = l
                .formulas
                .iter()
                .map(|(id, e)| format!("{} = {}", at(id), g.scalars.print(*e, &name)))
                .collect();
            parts.extend(
                l.sums
                    .iter()
                    .map(|(id, e)| format!("{} += {}", at(id), g.scalars.print(*e, &name))),
            );
            format!("loop {:?}: {}", l.shape, parts.join("; "))
        }
        Step::Gemm(p) => format!(
            "gemm {}{}x{}{}: {} = {} {}",
            p.m,
            diagonal_offset(p.dead),
            p.k,
            diagonal_offset(p.zeros),
            at(&p.node),
            at(&p.matrix),
            at(&p.x)
        ),
        Step::RankK(o) => {
            let pairs: Vec<String> = o
                .pairs
                .iter()
                .map(|(a, b)| format!("{} (x) {}", at(a), at(b)))
                .collect();
            let (m, n) = (diagonal_offset(o.zeros[0]), diagonal_offset(o.zeros[1]));
            format!(
                "rank-k {}{m}x{}{n}: {} += {}",
                o.m,
                o.n,
                at(&o.node),
                pairs.join(" + ")
            )
        }
        Step::Contract(id) => format!("contract: {}", at(id)),
        Step::Movement(id) => format!("movement: {}", at(id)),
        Step::Directions(id) => format!("directions: {}", at(id)),
        Step::ReduceToColumns(id) => format!("reduce to columns: {}", at(id)),
        Step::Defer { update, .. } => {
            let (a, b) = update.pairs[0];
            format!("defer: {} += {} (x) {}", at(&update.node), at(&a), at(&b))
        }
        Step::Zero(id) => format!("zero: {}", at(id)),
        Step::Lq {
            of,
            lower,
            orthonormal,
        } => {
            let parts: Vec<String> = lower.iter().chain(orthonormal).map(at).collect();
            format!("lq: {} = {}", parts.join(", "), at(of))
        }
        Step::LqGradient(id) => format!("lq gradient: {}", at(id)),
        Step::Fill(id) => format!("fill: {}", at(id)),
        Step::Output(i) => format!("output {}: {}", g.outputs[*i].0, at(&g.outputs[*i].1)),
    }
}

/// The features that do not vanish, or that are needed.
fn diagonal_offset(diagonal_offset: Option<usize>) -> String {
    match diagonal_offset {
        Some(0) => "[t..]".to_string(),
        Some(diagonal_offset) => format!("[t - {diagonal_offset}..]"),
        None => String::new(),
    }
}
