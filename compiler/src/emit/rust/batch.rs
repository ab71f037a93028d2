//! Batch-independent statements: what precedes the tiles and what follows them.

use super::expression::literal;
use super::hole::hole;
use super::region::Regions;
use super::writer::Writer;
use super::{contraction, loops, movement, outline};
use crate::lower::{BatchStatement, Deliver, Fill, Lowered, Lq, LqGradient, Transpose};

/// A phase as a function, if it has statements. Loops are functions of their own, as in a tile.
pub(super) fn phase(w: &mut Writer, program: &Lowered, name: &str, statements: &[BatchStatement]) {
    if statements.is_empty() {
        return;
    }
    let head =
        |name: &str| format!("fn {name}<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>)");
    let mut nests = Vec::new();
    w.line("");
    w.line("#[inline(always)]");
    w.block(head(name), |w| {
        for statement in statements {
            match statement {
                BatchStatement::Loop(nest) => {
                    w.line(outline(&format!("loop{}", nests.len()), "&mut *common"));
                    nests.push(nest);
                }
                BatchStatement::Contraction(c) => contraction::batch_contraction(w, program, c),
                BatchStatement::Movement(m) => movement::movement(w, program, m, false),
                BatchStatement::Deliver(d) => deliver(w, program, d),
                BatchStatement::Lq(f) => lq(w, program, f),
                BatchStatement::LqGradient(g) => lq_gradient(w, program, g),
                BatchStatement::Fill(f) => fill(w, program, f),
                BatchStatement::Transpose(t) => transpose(w, program, t),
            }
        }
        for (i, nest) in nests.into_iter().enumerate() {
            w.line("");
            w.line("#[inline(always)]");
            w.block(head(&format!("loop{i}")), |w| {
                loops::batch_loop(w, program, nest);
            });
        }
    });
}

fn lq(w: &mut Writer, program: &Lowered, f: &Lq) {
    let mut regions = Regions::new(program, false);
    let a = regions.of(&f.of);
    let [l, q] = [f.lower, f.orthonormal].map(|part| match part {
        Some(view) => format!("Some({})", regions.of(&view).name),
        None => "None".to_string(),
    });
    w.line(format!("// v{} = L Q", f.of.label));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let [rows, columns] = f.shape.map(hole);
        w.line(format!(
            "rt::lq(common.team, &mut *common.room, [{rows}, {columns}], &*{}, {l}, {q});",
            a.name
        ));
    });
}

fn lq_gradient(w: &mut Writer, program: &Lowered, g: &LqGradient) {
    let mut regions = Regions::new(program, false);
    let [l, bar, whole] = [g.lower, g.gradient, g.to].map(|view| regions.of(&view).name);
    w.line(format!("// v{} = v{}, whole", g.to.label, g.gradient.label));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let [rows, columns] = g.shape.map(hole);
        w.line(format!(
            "rt::lq_gradient(common.team, &mut *common.room, [{rows}, {columns}], &*{l}, &*{bar}, {whole});"
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

/// A value copied to where the caller looks for it.
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
    let to = regions.named(&t.to, format!("turned{}", t.to.label));
    w.line(format!("// {} = v{} by its columns", to.name, t.from.label));
    w.block("if common.turns", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::turn(common.team, [{}, {}], &*{matrix}, {});",
            hole(t.k),
            hole(t.m),
            to.name
        ));
    });
}
