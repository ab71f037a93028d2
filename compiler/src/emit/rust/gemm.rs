//! Calls of the micro-kernels: GEMM with a shared matrix, and rank-k updates.

use super::super::index::linear;
use super::hole::{hole, label};
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::lower::{GemmCall, Lowered, RankKCall, Repeat};

/// Loops around a kernel call and the offsets that they add to its operands.
fn around(repeats: &[Repeat]) -> (Vec<(String, String)>, String, String) {
    let names: Vec<String> = (0..repeats.len()).map(|i| format!("r{i}")).collect();
    let ranges = repeats.iter().map(|r| format!("0..{}", hole(r.size)));
    let loops = names.iter().cloned().zip(ranges).collect();
    let offset = |stride: fn(&Repeat) -> usize| {
        if repeats.is_empty() {
            return "..".to_string();
        }
        let strides = repeats.iter().map(stride);
        format!(
            "{}..",
            linear(names.iter().map(String::as_str).zip(strides), hole)
        )
    };
    (loops, offset(|r| r.a), offset(|r| r.b))
}

/// The panels of a kernel call.
pub(super) fn panels(count: &str, fold: usize) -> String {
    match fold {
        1 => format!("rt::Panels {{ count: {count}, lanes: tile.lanes }}"),
        _ => format!(
            "rt::Panels {{ count: {count} * {}, lanes: tile.lanes }}",
            hole(fold)
        ),
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
fn skipped(name: &str, diagonal: usize, features: usize, whole_vectors: bool) -> String {
    let count = match diagonal {
        0 => "t0".to_string(),
        _ => format!("t0.saturating_sub({})", hole(diagonal)),
    };
    let rounded = if whole_vectors {
        " / rt::LANES * rt::LANES"
    } else {
        ""
    };
    format!("let {name} = ({count}{rounded}).min({});", hole(features))
}

pub(super) fn gemm(w: &mut Writer, program: &Lowered, p: &GemmCall) {
    w.line(format!(
        "// v{} = v{} v{}",
        label(p.y.label),
        label(p.matrix.label()),
        label(p.x.label)
    ));
    let mut regions = Regions::new(program, true);
    let (x, y) = (regions.of(&p.x), regions.of(&p.y));
    let plain = regions.operand(&p.matrix).name;
    let copy = p.transposed.map(|copy| {
        let name = format!("transposed{}", label(copy.label));
        regions.named(&copy, name).name
    });
    let (loops, mut x_at, mut y_at) = around(&p.repeats);
    let (mut m, mut k, mut first) = (hole(p.m), hole(p.k), Vec::new());
    let (row, col) = (hole(p.matrix_row), hole(p.matrix_col));
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let (matrix, row, col) = match copy {
            Some(copy) => {
                w.line(format!(
                    "let (matrix, row, col) = if V::READS_TRANSPOSES {{ (&{copy}[..], {k}, 1) }} else {{ (&{plain}[..], {row}, {col}) }};",
                ));
                ("matrix".to_string(), "row".to_string(), "col".to_string())
            }
            None => (plain, row, col),
        };
        if let Some(diagonal) = p.dead {
            w.line(skipped("top", diagonal, p.m, false));
            w.line("let top = if lower_suffices { top } else { 0 };");
            w.line(format!(
                "rt::clear(&mut {}[..], {}, {}, top);",
                y.name,
                hole(y.len),
                y.panels()
            ));
            first.push(format!("top * {row}"));
            y_at = "top..".to_string();
            m = format!("{m} - top");
        }
        if let Some(diagonal) = p.zeros {
            w.line(skipped("skip", diagonal, p.k, false));
            first.push(format!("skip * {col}"));
            x_at = "skip..".to_string();
            k = format!("{k} - skip");
        }
        let data = from("&", &matrix, &first);
        w.nest(&loops, |w| {
            w.line(format!(
                "let w = rt::Matrix {{ data: {data}, row: {row}, col: {col} }};"
            ));
            w.line(format!("let x = {};", rows("rt::Rows", "&", &x, &x_at, p.fold, p.x_row)));
            w.line(format!(
                "let y = {};",
                rows("rt::RowsMut", "&mut ", &y, &y_at, p.fold, p.y_row)
            ));
            w.line(format!(
                "rt::gemm::<V>(w, {m}, {k}, x, y, {}, rt::Write::Set);",
                panels(x.panels(), p.fold)
            ));
        });
    });
}

/// A panel operand.
fn rows(kind: &str, borrow: &str, of: &Region, at: &str, fold: usize, row: usize) -> String {
    let (panel, row) = (hole(of.len / fold), hole(row));
    format!(
        "{kind} {{ rows: {borrow}{}[{at}], panel: {panel}, row: {row} }}",
        of.name
    )
}

pub(super) fn rank_k(w: &mut Writer, program: &Lowered, o: &RankKCall) {
    let terms: Vec<String> = o
        .pairs
        .iter()
        .map(|(a, b)| format!("v{} v{}'", label(a.label), label(b.label)))
        .collect();
    w.line(format!(
        "// v{} += sum of {}",
        label(o.c.label),
        terms.join(" + ")
    ));
    let mut regions = Regions::new(program, true);
    let pairs: Vec<(Region, Region)> = o
        .pairs
        .iter()
        .map(|(a, b)| (regions.of(a), regions.of(b)))
        .collect();
    let c = regions.of(&o.c);
    let (loops, mut a_at, mut b_at) = around(&o.repeats);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let (mut m, mut n, mut c_at) = (hole(o.m), hole(o.n), Vec::new());
        // The remainder is cut into whole vectors.
        for (name, diagonal, stride, features, size, at) in [
            ("skip_a", o.zeros[0], o.c_row, o.m, &mut m, &mut a_at),
            ("skip_b", o.zeros[1], o.c_col, o.n, &mut n, &mut b_at),
        ] {
            if let Some(diagonal) = diagonal {
                w.line(skipped(name, diagonal, features, true));
                *size = format!("{} - {name}", hole(features));
                *at = format!("{name}..");
                c_at.push(format!("{name} * {}", hole(stride)));
            }
        }
        let sums = from("&mut ", &c.name, &c_at);
        w.nest(&loops, |w| {
            w.line("let pairs = [");
            for (a, b) in &pairs {
                w.line(format!(
                    "    ({}, {}),",
                    rows("rt::Rows", "&", a, &a_at, o.fold, o.a_row),
                    rows("rt::Rows", "&", b, &b_at, o.fold, o.b_row)
                ));
            }
            w.line("];");
            w.line(format!(
                "rt::rank_k_update::<V>({sums}, {}, {}, {m}, {n}, &pairs, {});",
                hole(o.c_row),
                hole(o.c_col),
                panels(pairs[0].0.panels(), o.fold)
            ));
        });
    });
}
