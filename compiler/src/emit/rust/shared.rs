//! Batch-independent steps: what precedes the tiles and what follows them.

use super::expression::literal;
use super::region::Regions;
use super::turned::Turned;
use super::writer::Writer;
use super::{apart, contraction, loops, moves};
use crate::ir::{NodeId, Op};
use crate::plan::{Phase, Plan, Step};

/// The prologue, if there is anything to do.
pub(super) fn prologue(w: &mut Writer, plan: &Plan, turned: &Turned) {
    if !plan.steps(Phase::Prologue).is_empty() || !turned.is_empty() {
        function(w, plan, "prologue", plan.steps(Phase::Prologue), |w| {
            turned.steps(w, plan);
        });
    }
}

/// The epilogue, if it has steps.
pub(super) fn epilogue(w: &mut Writer, plan: &Plan) {
    if !plan.steps(Phase::Epilogue).is_empty() {
        function(w, plan, "epilogue", plan.steps(Phase::Epilogue), |_| ());
    }
}

/// Steps, and what follows them. Loops are functions of their own, as in a tile.
fn function(
    w: &mut Writer,
    plan: &Plan,
    name: &str,
    steps: &[Step],
    last: impl FnOnce(&mut Writer),
) {
    let head =
        |name: &str| format!("fn {name}<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>)");
    let mut loops = Vec::new();
    w.line("");
    w.line("#[inline(always)]");
    w.block(head(name), |w| {
        for step in steps {
            match step {
                Step::Loop(l) => {
                    w.line(apart(&format!("loop{}", loops.len()), "&mut *common"));
                    loops.push(l);
                }
                Step::Contract(id) => contraction::shared_contract(w, plan, *id),
                Step::Move(id) => moves::moved(w, plan, *id, false),
                Step::Deliver { from, to } => moves::deliver(w, plan, *from, to),
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
        last(w);
        for (i, l) in loops.iter().enumerate() {
            w.line("");
            w.line("#[inline(always)]");
            w.block(head(&format!("loop{i}")), |w| {
                loops::shared_loop(w, plan, l)
            });
        }
    });
}

fn lq(w: &mut Writer, plan: &Plan, of: NodeId, lower: Option<NodeId>, orthonormal: Option<NodeId>) {
    let shape = plan.graph.shape(of);
    let mut regions = Regions::new(plan, false);
    let a = regions.of(of);
    let part = |id: Option<NodeId>, regions: &mut Regions<'_>| match id {
        Some(id) => format!("Some({})", regions.of(id).name),
        None => "None".to_string(),
    };
    let (l, q) = (part(lower, &mut regions), part(orthonormal, &mut regions));
    w.line(format!("// v{} = L Q", of.0));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::lq(common.team, &mut *common.room, [{}, {}], &*{}, {l}, {q});",
            shape[0], shape[1], a.name
        ));
    });
}

fn lq_gradient(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::LqGradient { lower, gradient } = plan.graph.node(id).op else {
        unreachable!("the step of that operation")
    };
    let shape = plan.graph.shape(id);
    let mut regions = Regions::new(plan, false);
    let [l, bar, whole] = [lower, gradient, id].map(|id| regions.of(id).name);
    w.line(format!("// v{} = v{}, whole", id.0, gradient.0));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::lq_gradient(common.team, &mut *common.room, [{}, {}], &*{l}, &*{bar}, {whole});",
            shape[0], shape[1]
        ));
    });
}

fn fill(w: &mut Writer, plan: &Plan, id: NodeId) {
    let Op::Const(bits) = &plan.graph.node(id).op else {
        unreachable!("only constants are filled")
    };
    let mut regions = Regions::new(plan, false);
    let region = regions.of(id);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        if bits.iter().all(|b| *b == bits[0]) {
            w.line(format!(
                "{}.fill(<V::Scalar as rt::Real>::of({}));",
                region.name,
                literal(f64::from_bits(bits[0]))
            ));
        } else {
            let values: Vec<String> = bits.iter().map(|b| literal(f64::from_bits(*b))).collect();
            w.line(format!(
                "const VALUES: [f64; {}] = [{}];",
                bits.len(),
                values.join(", ")
            ));
            w.line(format!(
                "{}.iter_mut().zip(VALUES).for_each(|(y, x)| *y = <V::Scalar as rt::Real>::of(x));",
                region.name
            ));
        }
    });
}
