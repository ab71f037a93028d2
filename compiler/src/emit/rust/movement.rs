//! Copies by index map, sums by index map, maxima along an axis.

use super::hole::{hole, label};
use super::region::{Region, Regions};
use super::writer::Writer;
use crate::lower::{Block, IndexMap, Indexed, Lowered, Maximum, Movement};

/// Data movement in a tile or between batch-independent values.
pub(super) fn movement(w: &mut Writer, program: &Lowered, m: &Movement, tile: bool) {
    comment(w, m);
    let mut regions = Regions::new(program, tile);
    let y = regions.of(&m.to());
    let sources = m.sources().into_iter();
    let sources: Vec<Region> = sources.map(|source| regions.operand(&source)).collect();
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let panels = y
            .rows
            .then(|| ("q".to_string(), format!("0..{}", y.panels())));
        w.nest(&Vec::from_iter(panels), |w| match m {
            Movement::Blocks { zeros, blocks, .. } => {
                if *zeros {
                    clear(w, &y);
                }
                for (block, source) in blocks.iter().zip(&sources) {
                    copy(w, block, source, &y);
                }
            }
            Movement::Gather(indexed) => gather(w, indexed, &sources[0], &y),
            Movement::Scatter(indexed) => scatter(w, indexed, &sources[0], &y),
            Movement::Maximum(m) => maximum(w, m, &sources[0], sources.get(1), &y),
        });
    });
}

/// Where the features of panel q start in a value, as the first term of an index. A per-sample value is the same for
/// every direction of the result.
fn block_of(source: &Region, result: &Region) -> String {
    let per_direction = result.axes.tangent && !source.axes.tangent;
    match (source.rows, per_direction) {
        (true, true) => format!("(q % pn) * {} + ", hole(source.len)),
        (true, false) => format!("q * {} + ", hole(source.len)),
        (false, _) => String::new(),
    }
}

fn zero(rows: bool) -> &'static str {
    if rows {
        "[<V::Scalar as rt::Real>::of(0.0); rt::LANES]"
    } else {
        "<V::Scalar as rt::Real>::of(0.0)"
    }
}

fn clear(w: &mut Writer, y: &Region) {
    let (to, zero) = (block_of(y, y), zero(y.rows));
    w.line(format!(
        "{}[{to}0..][..{}].fill({zero});",
        y.name,
        hole(y.len)
    ));
}

/// An index `i · step + start`, without a start of zero.
fn affine(step: usize, start: usize) -> String {
    match start {
        0 => format!("i * {}", hole(step)),
        _ => format!("i * {} + {}", hole(step), hole(start)),
    }
}

fn copy(w: &mut Writer, b: &Block, source: &Region, y: &Region) {
    let run = hole(b.run);
    w.block(format!("for i in 0..{}", hole(b.count)), |w| {
        let from = format!(
            "{}{}",
            block_of(source, y),
            affine(b.from_step, b.from_start)
        );
        let to = format!("{}{}", block_of(y, y), affine(b.to_step, b.to_start));
        w.line(format!("let from = &{}[{from}..][..{run}];", source.name));
        w.line(format!("let to = &mut {}[{to}..][..{run}];", y.name));
        w.line(if source.rows == y.rows {
            "to.copy_from_slice(from);"
        } else {
            "to.iter_mut().zip(from).for_each(|(row, x)| row.fill(*x));"
        });
    });
}

/// Loops over the entries (j, k = map\[j\]) of an index map around what `body` writes.
fn indices(w: &mut Writer, map: &IndexMap, body: impl FnOnce(&mut Writer)) {
    match *map {
        IndexMap::List(ref list) => {
            w.line(format!(
                "const INDICES: [usize; {}] = {list:?};",
                list.len()
            ));
            w.block("for (j, k) in INDICES.into_iter().enumerate()", body);
        }
        IndexMap::Ranges {
            pieces,
            start,
            start_step,
            count,
            count_step,
            step,
        } => {
            let count = progression(count, &[("r", count_step)]);
            let k = progression(start, &[("r", start_step), ("e", step)]);
            w.line("let mut j = 0;");
            let loops = [
                ("r".to_string(), format!("0..{}", hole(pieces))),
                ("e".to_string(), format!("0..{count}")),
            ];
            w.nest(&loops, |w| {
                w.line(format!("let k = {k};"));
                body(w);
                w.line("j += 1;");
            });
        }
    }
}

/// `base + Σ name · step`, terms in order: none of its partial sums is negative where an index map's is not.
fn progression(base: usize, steps: &[(&str, isize)]) -> String {
    let mut text = hole(base);
    for &(name, step) in steps {
        let sign = if step < 0 { '-' } else { '+' };
        match step.unsigned_abs() {
            0 => {}
            1 => text.push_str(&format!(" {sign} {name}")),
            size => text.push_str(&format!(" {sign} {name} * {}", hole(size))),
        }
    }
    text
}

fn gather(w: &mut Writer, g: &Indexed, x: &Region, y: &Region) {
    let (run, mapped, len) = (hole(g.run), hole(g.mapped), hole(g.map.len()));
    let (of, to) = (block_of(x, y), block_of(y, y));
    w.block(format!("for i in 0..{}", hole(g.outer)), |w| {
        indices(w, &g.map, |w| {
            w.line(format!(
                "let from = &{}[{of}(i * {mapped} + k) * {run}..][..{run}];",
                x.name
            ));
            w.line(format!(
                "{}[{to}(i * {len} + j) * {run}..][..{run}].copy_from_slice(from);",
                y.name
            ));
        });
    });
}

fn scatter(w: &mut Writer, s: &Indexed, x: &Region, y: &Region) {
    let (run, mapped, len) = (hole(s.run), hole(s.mapped), hole(s.map.len()));
    let (of, to) = (block_of(x, y), block_of(y, y));
    clear(w, y);
    w.block(format!("for i in 0..{}", hole(s.outer)), |w| {
        indices(w, &s.map, |w| {
            w.line(format!(
                "let from = &{}[{of}(i * {len} + j) * {run}..][..{run}];",
                x.name
            ));
            w.line(format!(
                "let to = &mut {}[{to}(i * {mapped} + k) * {run}..][..{run}];",
                y.name
            ));
            w.line(if y.rows {
                "to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);"
            } else {
                "to.iter_mut().zip(from).for_each(|(y, x)| *y = *y + *x);"
            });
        });
    });
}

fn maximum(w: &mut Writer, m: &Maximum, of: &Region, values: Option<&Region>, y: &Region) {
    let (len, run) = (hole(m.len), hole(m.run));
    let full = hole(m.len * m.run);
    let read = |source: &Region, at: &str| format!("{}[{}{at}]", source.name, block_of(source, y));
    let loops = [
        ("i".to_string(), format!("0..{}", hole(m.outer))),
        ("j".to_string(), format!("0..{run}")),
    ];
    w.nest(&loops, |w| {
        let first = format!("i * {full} + j");
        let next = format!("(i * {len} + k) * {run} + j");
        w.line(format!("let mut top = {};", read(of, &first)));
        if let Some(v) = values {
            w.line(format!("let mut at = {};", read(v, &first)));
        }
        w.block(format!("for k in 1..{len}"), |w| {
            w.line(format!("let next = {};", read(of, &next)));
            if let Some(v) = values {
                w.line(format!("let value = {};", read(v, &next)));
            }
            w.line(match (y.rows, values) {
                (true, None) => "top.iter_mut().zip(next).for_each(|(a, b)| if b > *a { *a = b });",
                (false, None) => "if next > top { top = next }",
                (true, Some(_)) => {
                    "for l in 0..rt::LANES { let more = next[l] > top[l]; at[l] = if more { value[l] } else { at[l] }; top[l] = if more { next[l] } else { top[l] }; }"
                }
                (false, Some(_)) => "if next > top { (top, at) = (next, value) }",
            });
        });
        let result = if values.is_some() { "at" } else { "top" };
        let to = block_of(y, y);
        w.line(format!("{}[{to}i * {run} + j] = {result};", y.name));
    });
}

fn comment(w: &mut Writer, m: &Movement) {
    let names: Vec<String> = m
        .sources()
        .iter()
        .map(|s| format!("v{}", label(s.label())))
        .collect();
    let (to, from) = (label(m.to().label), names.join(", "));
    w.line(match m {
        Movement::Blocks { zeros: true, .. } => format!("// v{to} = {from} in zeros"),
        Movement::Blocks { zeros: false, .. } => format!("// v{to} = blocks of {from}"),
        Movement::Gather(_) => format!("// v{to} = entries of {from}"),
        Movement::Scatter(_) => format!("// v{to} = {from} added into zeros"),
        Movement::Maximum(Maximum { values: None, .. }) => format!("// v{to} = maximum of {from}"),
        Movement::Maximum(Maximum {
            of,
            values: Some(values),
            ..
        }) => format!(
            "// v{to} = v{} where v{} is largest",
            label(values.label()),
            label(of.label())
        ),
    });
}
