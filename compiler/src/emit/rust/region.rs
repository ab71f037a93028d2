//! Where a value is read and written: the buffers as emitted code sees them.

use crate::ir::{Axes, Input, NodeId};
use crate::plan::{Place, Plan};

/// A stretch of rows or scalars that a step names.
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

/// What a step reads and writes, bound to names once at its head.
pub(super) struct Regions<'a> {
    plan: &'a Plan,
    /// Inside a tile, or in the prologue or epilogue.
    tile: bool,
    /// Stretches of a buffer: where they start, their names, their ranges.
    scratch: Vec<(usize, String, String)>,
    shared: Vec<(usize, String, String)>,
    acc: Vec<(usize, String, String)>,
    lets: Vec<String>,
    named: Vec<(Place, Region)>,
}

impl<'a> Regions<'a> {
    pub(super) fn new(plan: &'a Plan, tile: bool) -> Self {
        Regions {
            plan,
            tile,
            scratch: vec![],
            shared: vec![],
            acc: vec![],
            lets: vec![],
            named: vec![],
        }
    }

    /// The region of a value; the first use names it after the value.
    pub(super) fn of(&mut self, id: NodeId) -> Region {
        let (node, place) = (self.plan.graph.node(id), self.plan.place(id).clone());
        self.at(place, node.len(), node.axes, format!("v{}", id.0))
    }

    /// The region at a place.
    pub(super) fn at(&mut self, place: Place, len: usize, axes: Axes, name: String) -> Region {
        if let Some((_, region)) = self.named.iter().find(|n| n.0 == place && n.1.len == len) {
            return region.clone();
        }
        let (sizes, t) = (&self.plan.sizes, if self.tile { "tile" } else { "common" });
        let rows = !matches!(
            place,
            Place::Param(_) | Place::Shared(_) | Place::Acc(_) | Place::Constant(_)
        );
        match &place {
            Place::Sample(at) => {
                self.scratch
                    .push((*at, name.clone(), format!("({at} * pn, {len} * pn)")))
            }
            Place::Tangent(at) => {
                let start = sizes.sample + at * sizes.chunk;
                let range = format!("({start} * pn, {len} * tn * pn)");
                self.scratch.push((start, name.clone(), range));
            }
            Place::Input(input) => {
                let source = match input {
                    Input::X => "tile.x",
                    Input::V => "tile.v",
                    Input::Omega => "tile.omega",
                    Input::Weight | Input::Sigma | Input::Directions => {
                        unreachable!("numbers are no regions")
                    }
                };
                self.lets.push(format!("let {name} = {source};"));
            }
            Place::Param(at) => self
                .lets
                .push(format!("let {name} = &{t}.params[{at}..{}];", at + len)),
            Place::Shared(at) if self.tile => {
                self.lets
                    .push(format!("let {name} = &tile.shared[{at}..{}];", at + len));
            }
            Place::Shared(at) => self
                .shared
                .push((*at, name.clone(), format!("({at}, {len})"))),
            Place::Acc(at) if self.tile => {
                self.lets
                    .push(format!("let {name} = &mut tile.acc[{at}..{}];", at + len));
            }
            Place::Acc(at) => self.acc.push((*at, name.clone(), format!("({at}, {len})"))),
            Place::Constant(c) => {
                let c = super::expression::literal(*c);
                self.lets
                    .push(format!("let {name} = &[<V::Scalar as rt::Real>::of({c})];"));
            }
            Place::Fused | Place::Columns(_) | Place::Basis => unreachable!("{name} is not stored"),
        }
        let region = Region {
            name,
            rows,
            axes,
            len,
        };
        self.named.push((place, region.clone()));
        region
    }

    /// The lines that bind the names.
    pub(super) fn bind(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let buffers = [
            ("&mut *tile.scratch", &self.scratch),
            ("&mut *common.shared", &self.shared),
            ("&mut *common.acc", &self.acc),
        ];
        for (buffer, parts) in buffers {
            if !parts.is_empty() {
                let mut parts: Vec<_> = parts.iter().collect();
                parts.sort();
                let names: Vec<&str> = parts.iter().map(|p| p.1.as_str()).collect();
                let ranges: Vec<&str> = parts.iter().map(|p| p.2.as_str()).collect();
                lines.push(format!(
                    "let [{}] = rt::split({buffer}, [{}]);",
                    names.join(", "),
                    ranges.join(", ")
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
        let n = self.len;
        let panel = if self.axes.tangent {
            "(t * pn + p)"
        } else {
            "p"
        };
        format!("{}[{panel} * {n}..][..{n}]", self.name)
    }

    /// The index of feature `at` in panel p of direction t.
    pub(super) fn index(&self, at: &str) -> String {
        let n = self.len;
        match (self.rows, self.axes.tangent) {
            (false, _) => at.to_string(),
            (true, false) if n == 1 => "p".to_string(),
            (true, true) if n == 1 => "t * pn + p".to_string(),
            (true, false) => format!("p * {n} + {at}"),
            (true, true) => format!("(t * pn + p) * {n} + {at}"),
        }
    }
}
