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
        Step::Product(p) => format!(
            "product {}{}x{}{}: {} = {} {}",
            p.m,
            lag(p.needless),
            p.k,
            lag(p.lag),
            at(&p.node),
            at(&p.matrix),
            at(&p.x)
        ),
        Step::Outer(o) => {
            let pairs: Vec<String> = o
                .pairs
                .iter()
                .map(|(a, b)| format!("{} (x) {}", at(a), at(b)))
                .collect();
            let (m, n) = (lag(o.lags[0]), lag(o.lags[1]));
            format!(
                "outer {}{m}x{}{n}: {} += {}",
                o.m,
                o.n,
                at(&o.node),
                pairs.join(" + ")
            )
        }
        Step::Contract(id) => format!("contract: {}", at(id)),
        Step::Move(id) => format!("move: {}", at(id)),
        Step::Directions(id) => format!("directions: {}", at(id)),
        Step::Stack(id) => format!("stack: {}", at(id)),
        Step::Defer { outer, .. } => {
            let (a, b) = outer.pairs[0];
            format!("defer: {} += {} (x) {}", at(&outer.node), at(&a), at(&b))
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
fn lag(lag: Option<usize>) -> String {
    match lag {
        Some(0) => "[t..]".to_string(),
        Some(lag) => format!("[t - {lag}..]"),
        None => String::new(),
    }
}
