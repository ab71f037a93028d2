//! Batch-independent steps: what precedes the tiles and what follows them. Spread over all blocks where there is
//! enough to do; else one block does them alone, since a barrier of all costs more.

use super::super::rust::writer::Writer;
use super::expression::literal;
use super::hazard::Hazards;
use super::team::Team;
use super::value::{Scope, entry, place_entry, place_pointer, shared_pointer};
use super::{contraction, loops, moves};
use crate::ir::{NodeId, Op};
use crate::plan::{Phase, Place, Plan, Step};

/// Multiply-adds of a step up to which a block alone is faster than all blocks with a barrier.
const WORTH_SPREADING: usize = 16 * 1024;

/// Whether all blocks share the steps of a phase.
pub(super) fn is_spread(plan: &Plan, phase: Phase) -> bool {
    let steps = plan.steps(phase);
    let work: usize = steps.iter().map(|step| work(plan, step)).sum();
    work > WORTH_SPREADING * steps.len()
}

/// Multiply-adds of a step, or entries.
fn work(plan: &Plan, step: &Step) -> usize {
    let g = &plan.graph;
    match step {
        Step::Loop(l) => l.shape.iter().product(),
        Step::Contract(id) => contraction::terms(plan, *id),
        Step::Move(id) | Step::Fill(id) => g.node(*id).len(),
        Step::Deliver { from, .. } => g.node(*from).len(),
        // A factorisation is made of products.
        _ => usize::MAX / 1024,
    }
}

/// The steps of the prologue or the epilogue. What the phase begins with is behind a barrier.
pub(super) fn steps(w: &mut Writer, plan: &Plan, phase: Phase) {
    let mut hazards = Hazards::default();
    for step in plan.steps(phase) {
        if hazards.before(plan, step) {
            w.line("team.sync();");
        }
        match step {
            Step::Loop(l) => loops::shared_loop(w, plan, l),
            Step::Contract(id) => contraction::shared_contract(w, plan, *id),
            Step::Move(id) => moves::moved(w, plan, *id, Scope::Grid, Team::Grid),
            Step::Deliver { from, to } => deliver(w, plan, *from, to),
            Step::Lq {
                of,
                lower,
                orthonormal,
            } => lq(w, plan, *of, *lower, *orthonormal),
            Step::LqGradient(id) => lq_gradient(w, plan, *id),
            Step::Fill(id) => fill(w, plan, *id),
            _ => unreachable!("per-sample steps are in no prologue"),
        }
    }
}

/// The tiles here leave nothing out.
fn lq_gradient(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::LqGradient { gradient, .. } = plan.graph.node(id).op else {
        unreachable!("the step of that operation")
    };
    let to = plan.place(id).clone();
    deliver(w, plan, gradient, &to);
}

fn deliver(w: &mut Writer, plan: &Plan, from: NodeId, to: &Place) {
    let n = plan.graph.node(from).len();
    w.line(format!("// v{} where it is looked for", from.0));
    w.block(Team::Grid.each(n), |w| {
        w.line(format!(
            "{} = {};",
            place_entry(plan, to, "i", Scope::Grid),
            entry(plan, from, "i", Scope::Grid)
        ));
    });
}

fn lq(w: &mut Writer, plan: &Plan, of: NodeId, lower: Option<NodeId>, orthonormal: Option<NodeId>) {
    let shape = plan.graph.shape(of);
    w.line(format!("// v{} = L Q", of.0));
    let lower = lower.expect("directions are columns of L, so a factorisation has one");
    let q = orthonormal.map_or("nullptr".to_string(), |q| shared_pointer(plan, q));
    w.line(format!(
        "lq<{}, {}>(team, {}, {}, {q});",
        shape[0],
        shape[1],
        place_pointer(plan, plan.place(of), Scope::Grid),
        shared_pointer(plan, lower),
    ));
}

fn fill(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::Const(bits) = &plan.graph.node(id).op else {
        unreachable!("only constants are filled")
    };
    let n = bits.len();
    let to = place_entry(plan, plan.place(id), "i", Scope::Grid);
    let value = |b: u64| literal(f64::from_bits(b));
    w.block("", |w| {
        let code = if bits.iter().all(|b| *b == bits[0]) {
            value(bits[0])
        } else {
            let values: Vec<String> = bits.iter().map(|&b| value(b)).collect();
            w.line(format!(
                "static const float values[{n}] = {{{}}};",
                values.join(", ")
            ));
            "values[i]".to_string()
        };
        w.line(format!("{} {to} = {code};", Team::Grid.each(n)));
    });
}
