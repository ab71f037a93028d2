//! Views of buffers as slices: each gets a name at the head of a statement's code.

use super::expression::literal;
use super::hole::{hole, label};
use crate::ir::Axes;
use crate::lower::{Buffer, Lowered, Operand, View};

/// A slice that a statement names.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Name in the emitted code.
    pub(super) name: String,
    /// Rows of 16 samples, or scalars.
    pub(super) rows: bool,
    pub(super) axes: Axes,
    /// Features.
    pub(super) len: usize,
}

/// The slices of a statement. Ranges of a buffer that is written are split off it all at once.
pub(super) struct Regions<'a> {
    program: &'a Lowered,
    /// Inside a tile, or in the prologue or epilogue.
    tile: bool,
    /// Ranges of a buffer: where they start, their names, their ranges.
    scratch: Vec<(usize, String, String)>,
    shared: Vec<(usize, String, String)>,
    sums: Vec<(usize, String, String)>,
    lets: Vec<String>,
    named: Vec<(Key, Region)>,
}

/// What has one name in a statement.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Key {
    Range(Buffer, usize, usize),
    Constant(f64),
}

impl<'a> Regions<'a> {
    pub(super) fn new(program: &'a Lowered, tile: bool) -> Self {
        Regions {
            program,
            tile,
            scratch: vec![],
            shared: vec![],
            sums: vec![],
            lets: vec![],
            named: vec![],
        }
    }

    /// The slice of a view; the first use names it after the value.
    pub(super) fn of(&mut self, view: &View) -> Region {
        self.named(view, format!("v{}", label(view.label)))
    }

    /// The slice of an operand.
    pub(super) fn operand(&mut self, operand: &Operand) -> Region {
        match operand {
            Operand::View(view) => self.of(view),
            Operand::Constant { label: of, value } => self.add(Key::Constant(*value), |regions| {
                let (name, value) = (format!("v{}", label(*of)), literal(*value));
                let line = format!("let {name} = &[<V::Scalar as rt::Real>::of({value})];");
                regions.lets.push(line);
                Region {
                    name,
                    rows: false,
                    axes: Axes::SHARED,
                    len: 1,
                }
            }),
        }
    }

    /// The slice of a view, with this name if it has none yet.
    pub(super) fn named(&mut self, view: &View, name: String) -> Region {
        let key = Key::Range(view.buffer, view.offset, view.len);
        self.add(key, |regions| {
            regions.define(view, &name);
            Region {
                name,
                rows: view.is_rows(),
                axes: view.axes,
                len: view.len,
            }
        })
    }

    fn add(&mut self, key: Key, new: impl FnOnce(&mut Self) -> Region) -> Region {
        if let Some((_, region)) = self.named.iter().find(|n| n.0 == key) {
            return region.clone();
        }
        let region = new(self);
        self.named.push((key, region.clone()));
        region
    }

    /// Notes the range that a name stands for.
    fn define(&mut self, view: &View, name: &str) {
        let (at, len) = (hole(view.offset), hole(view.len));
        let owner = if self.tile { "tile" } else { "common" };
        let part = |range: String| (view.offset, name.to_string(), range);
        match (view.buffer, self.tile) {
            (Buffer::Samples, _) => self.scratch.push(part(format!("({at} * pn, {len} * pn)"))),
            (Buffer::Chunk, _) => {
                let start = self.program.sample_rows + view.offset * self.program.chunk;
                let range = format!("({} * pn, {len} * tn * pn)", hole(start));
                self.scratch.push((start, name.to_string(), range));
            }
            (Buffer::X, _) => self.lets.push(format!("let {name} = tile.x;")),
            (Buffer::V, _) => self.lets.push(format!("let {name} = tile.v;")),
            (Buffer::Omega, _) => self.lets.push(format!("let {name} = tile.omega;")),
            (Buffer::Params, _) => {
                self.lets
                    .push(format!("let {name} = &{owner}.params[{at}..][..{len}];"));
            }
            (Buffer::Shared, true) => {
                self.lets
                    .push(format!("let {name} = &tile.shared[{at}..][..{len}];"));
            }
            (Buffer::Sums, true) => {
                self.lets
                    .push(format!("let {name} = &mut tile.acc[{at}..][..{len}];"));
            }
            (Buffer::Shared, false) => self.shared.push(part(format!("({at}, {len})"))),
            (Buffer::Sums, false) => self.sums.push(part(format!("({at}, {len})"))),
        }
    }

    /// The lines that bind the names.
    pub(super) fn bind(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let buffers = [
            ("&mut *tile.scratch", &self.scratch),
            ("&mut *common.shared", &self.shared),
            ("&mut *common.acc", &self.sums),
        ];
        for (buffer, parts) in buffers {
            if !parts.is_empty() {
                let names: Vec<&str> = parts.iter().map(|p| p.1.as_str()).collect();
                let ranges: Vec<&str> = parts.iter().map(|p| p.2.as_str()).collect();
                let mut order: Vec<usize> = (0..parts.len()).collect();
                order.sort_by_key(|&i| parts[i].0);
                let order: Vec<String> = order.into_iter().map(hole).collect();
                lines.push(format!(
                    "let [{}] = rt::split({buffer}, [{}], [{}]);",
                    names.join(", "),
                    ranges.join(", "),
                    order.join(", ")
                ));
            }
        }
        lines.extend(self.lets.iter().cloned());
        lines
    }
}

impl Region {
    /// The number of row blocks of `len` features that the region holds.
    pub(super) fn panels(&self) -> &'static str {
        if self.axes.tangent { "tn * pn" } else { "pn" }
    }

    /// The features of panel p (of direction t).
    pub(super) fn block(&self) -> String {
        let n = hole(self.len);
        let panel = if self.axes.tangent {
            "(t * pn + p)"
        } else {
            "p"
        };
        format!("{}[{panel} * {n}..][..{n}]", self.name)
    }

    /// The index of feature `at` in panel p of direction t.
    pub(super) fn index(&self, at: &str) -> String {
        let n = hole(self.len);
        match (self.rows, self.axes.tangent, self.len) {
            (false, _, _) => at.to_string(),
            (true, false, 1) => "p".to_string(),
            (true, true, 1) => "t * pn + p".to_string(),
            (true, false, _) => format!("p * {n} + {at}"),
            (true, true, _) => format!("(t * pn + p) * {n} + {at}"),
        }
    }
}
