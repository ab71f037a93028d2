//! Calls of the panel kernels: products with a shared matrix, sums of outer products.

use super::region::{Region, Regions};
use super::turned::Turned;
use super::writer::Writer;
use crate::ir::Axes;
use crate::plan::{Outer, Place, Plan, Product, Repeat};

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
