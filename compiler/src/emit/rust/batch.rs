//! Batch-independent statements: what precedes the tiles and what follows them.

use super::expression::literal;
use super::hole::{hole, label};
use super::region::Regions;
use super::share::{Body, Call, Context, Functions};
use super::writer::Writer;
use super::{contraction, loops, movement};
use crate::lower::{BatchStatement, Deliver, Fill, Lowered, Lq, LqGradient, Transpose};

/// The statements of a phase, as calls.
pub(super) fn calls(
    functions: &mut Functions,
    program: &Lowered,
    statements: &[BatchStatement],
) -> Vec<Call> {
    let call = |statement| {
        let mut w = Writer::default();
        let body = write(&mut w, program, statement);
        functions.add(Context::Batch, body, &w.finish())
    };
    statements.iter().map(call).collect()
}

fn write(w: &mut Writer, program: &Lowered, statement: &BatchStatement) -> Body {
    match statement {
        BatchStatement::Loop(nest) => {
            loops::batch_loop(w, program, nest);
            return Body::Vectors;
        }
        BatchStatement::Movement(m) => {
            movement::movement(w, program, m, false);
            return Body::Vectors;
        }
        BatchStatement::Contraction(c) => contraction::batch_contraction(w, program, c),
        BatchStatement::Deliver(d) => deliver(w, program, d),
        BatchStatement::Lq(f) => lq(w, program, f),
        BatchStatement::LqGradient(g) => lq_gradient(w, program, g),
        BatchStatement::Fill(f) => fill(w, program, f),
        BatchStatement::Transpose(t) => transpose(w, program, t),
    }
    Body::Calls
}

fn lq(w: &mut Writer, program: &Lowered, f: &Lq) {
    let mut regions = Regions::new(program, false);
    let a = regions.of(&f.of);
    let [l, q] = [f.lower, f.orthonormal].map(|part| match part {
        Some(view) => format!("Some({})", regions.of(&view).name),
        None => "None".to_string(),
    });
    w.line(format!("// v{} = L Q", label(f.of.label)));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let [rows, columns] = f.shape.map(hole);
        w.line(format!(
            "rt::lq(common.pool, &mut *common.lq_workspace, [{rows}, {columns}], &*{}, {l}, {q});",
            a.name
        ));
    });
}

fn lq_gradient(w: &mut Writer, program: &Lowered, g: &LqGradient) {
    let mut regions = Regions::new(program, false);
    let [l, cotangent, whole] = [g.lower, g.gradient, g.to].map(|view| regions.of(&view).name);
    w.line(format!(
        "// v{} = v{}, whole",
        label(g.to.label),
        label(g.gradient.label)
    ));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let [rows, columns] = g.shape.map(hole);
        w.line(format!(
            "rt::lq_gradient(common.pool, &mut *common.lq_workspace, [{rows}, {columns}], &*{l}, &*{cotangent}, {whole});"
        ));
    });
}

fn fill(w: &mut Writer, program: &Lowered, f: &Fill) {
    let mut regions = Regions::new(program, false);
    let region = regions.of(&f.to);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        if let Some(value) = f.uniform() {
            w.line(format!(
                "{}.fill(<V::Scalar as rt::Real>::of({}));",
                region.name,
                literal(value)
            ));
        } else {
            let values: Vec<String> = f.values.iter().map(|&v| literal(v)).collect();
            w.line(format!(
                "const VALUES: [f64; {}] = [{}];",
                values.len(),
                values.join(", ")
            ));
            w.line(format!(
                "{}.iter_mut().zip(VALUES).for_each(|(y, x)| *y = <V::Scalar as rt::Real>::of(x));",
                region.name
            ));
        }
    });
}

/// A value, copied to where the caller reads it.
fn deliver(w: &mut Writer, program: &Lowered, d: &Deliver) {
    let mut regions = Regions::new(program, false);
    let x = regions.operand(&d.from);
    let y = regions.named(&d.to, "result".to_string());
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let len = hole(d.from.len());
        w.line(format!("{}.copy_from_slice(&{}[..{len}]);", y.name, x.name));
    });
}

fn transpose(w: &mut Writer, program: &Lowered, t: &Transpose) {
    let mut regions = Regions::new(program, false);
    let matrix = regions.of(&t.from).name;
    let to = regions.named(&t.to, format!("transposed{}", label(t.to.label)));
    w.line(format!(
        "// {} = v{} by its columns",
        to.name,
        label(t.from.label)
    ));
    w.block("if common.reads_transposes", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::transpose(common.pool, [{}, {}], &*{matrix}, {});",
            hole(t.k),
            hole(t.m),
            to.name
        ));
    });
}
