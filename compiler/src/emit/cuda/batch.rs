//! Batch-independent statements: what precedes the tiles and what follows them. All blocks share them where the work is
//! large enough; otherwise one block runs them, because a barrier of all blocks costs more.

use super::super::rust::writer::Writer;
use super::expression::literal;
use super::hazard::Hazards;
use super::thread_group::ThreadGroup;
use super::value::{Scope, entry, pointer, view_entry};
use super::{contraction, loops, movement};
use crate::lower::{BatchStatement, Fill, Lowered, Lq, Operand, View};

/// Multiply-adds of a statement up to which a block alone is faster than all blocks with a barrier.
const WORTH_SPREADING: usize = 16 * 1024;

/// Multiply-adds that a factorisation counts as. It consists of products that are worth all blocks.
const FACTORISATION: usize = usize::MAX / 1024;

/// Whether all blocks share the statements of a phase.
pub(super) fn is_spread(statements: &[BatchStatement]) -> bool {
    let work: usize = statements.iter().map(work).sum();
    work > WORTH_SPREADING * statements.len()
}

/// Multiply-adds of a statement, or entries.
fn work(statement: &BatchStatement) -> usize {
    match statement {
        BatchStatement::Loop(nest) => nest.elements(),
        BatchStatement::Contraction(c) => c.entries() * c.terms(),
        BatchStatement::Movement(m) => m.to().len,
        BatchStatement::Fill(fill) => fill.to.len,
        BatchStatement::Deliver(deliver) => deliver.to.len,
        BatchStatement::Transpose(transpose) => transpose.to.len,
        BatchStatement::Lq(_) | BatchStatement::LqGradient(_) => FACTORISATION,
    }
}

/// The statements of the prologue or the epilogue. A barrier precedes the first one.
pub(super) fn statements(w: &mut Writer, program: &Lowered, statements: &[BatchStatement]) {
    let mut hazards = Hazards::default();
    for statement in statements {
        if hazards.before(statement.effects()) {
            w.line("group.sync();");
        }
        match statement {
            BatchStatement::Loop(nest) => loops::batch_loop(w, program, nest),
            BatchStatement::Contraction(c) => contraction::batch_contraction(w, program, c),
            BatchStatement::Movement(m) => {
                movement::movement(w, program, m, Scope::Grid, ThreadGroup::Grid);
            }
            BatchStatement::Deliver(d) => copy(w, program, &d.from, &d.to),
            BatchStatement::Lq(factors) => lq(w, program, factors),
            // Tiles on a GPU leave out no part of the gradient of L.
            BatchStatement::LqGradient(g) => copy(w, program, &Operand::View(g.gradient), &g.to),
            BatchStatement::Fill(f) => fill(w, program, f),
            BatchStatement::Transpose(t) => {
                let (k, m) = (t.k, t.m);
                w.block(ThreadGroup::Grid.strided_loop(k * m), |w| {
                    let at = format!("i % {m} * {k} + i / {m}");
                    let to = view_entry(program, &t.to, &at, Scope::Grid);
                    let from = view_entry(program, &t.from, "i", Scope::Grid);
                    w.line(format!("{to} = {from};"));
                });
            }
        }
    }
}

fn copy(w: &mut Writer, program: &Lowered, from: &Operand, to: &View) {
    w.line(format!("// v{} where it is looked for", from.label()));
    w.block(ThreadGroup::Grid.strided_loop(to.len), |w| {
        w.line(format!(
            "{} = {};",
            view_entry(program, to, "i", Scope::Grid),
            entry(program, from, "i", Scope::Grid)
        ));
    });
}

fn lq(w: &mut Writer, program: &Lowered, lq: &Lq) {
    w.line(format!("// v{} = L Q", lq.of.label));
    let pointer = |view: &View| pointer(program, view, Scope::Grid);
    let lower = lq
        .lower
        .expect("directions are columns of L, so a factorisation has one");
    let q = lq.orthonormal.as_ref().map(pointer);
    w.line(format!(
        "lq<{}, {}>(group, {}, {}, {});",
        lq.shape[0],
        lq.shape[1],
        pointer(&lq.of),
        pointer(&lower),
        q.unwrap_or_else(|| "nullptr".to_string()),
    ));
}

fn fill(w: &mut Writer, program: &Lowered, fill: &Fill) {
    let n = fill.to.len;
    let to = view_entry(program, &fill.to, "i", Scope::Grid);
    w.block("", |w| {
        let code = match fill.uniform() {
            Some(value) => literal(value),
            None => {
                let values: Vec<String> = fill.values.iter().map(|&v| literal(v)).collect();
                w.line(format!(
                    "static const float values[{n}] = {{{}}};",
                    values.join(", ")
                ));
                "values[i]".to_string()
            }
        };
        w.line(format!(
            "{} {to} = {code};",
            ThreadGroup::Grid.strided_loop(n)
        ));
    });
}
