//! Where a value is read and written: places as the emitted code sees them.

use super::expression::literal;
use crate::ir::{Axes, Input, NodeId};
use crate::plan::{Place, Plan};

/// Whose code a value is named in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// A block's, with a tile in hand: sums are the block's own.
    Tile,
    /// All blocks', before or after the tiles.
    Grid,
}

/// The rows behind the scratch of per-sample values where inputs are laid.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct InputRows {
    pub(super) x: Option<usize>,
    pub(super) v: Option<usize>,
    pub(super) omega: Option<usize>,
    /// The row after the last.
    pub(super) end: usize,
}

impl InputRows {
    pub(super) fn of(plan: &Plan) -> InputRows {
        let mut rows = InputRows {
            end: plan.sizes.sample,
            ..InputRows::default()
        };
        let mut take = |input: Input, len: usize| {
            plan.uses(input).then(|| {
                let start = rows.end;
                rows.end += len;
                start
            })
        };
        let dim = plan.graph.dim();
        let (x, v, omega) = (
            take(Input::X, dim),
            take(Input::V, dim),
            take(Input::Omega, 1),
        );
        InputRows {
            x,
            v,
            omega,
            ..rows
        }
    }

    pub(super) fn row(&self, input: Input) -> usize {
        let row = match input {
            Input::X => self.x,
            Input::V => self.v,
            Input::Omega => self.omega,
            Input::Weight | Input::Sigma | Input::Directions => None,
        };
        row.expect("numbers and directions are no input rows")
    }
}

/// `base + offset`, without additions of 0.
fn plus(base: usize, offset: &str) -> String {
    match (base, offset) {
        (_, "0") => base.to_string(),
        (0, _) => offset.to_string(),
        _ => format!("{base} + {offset}"),
    }
}

/// Where a row starts.
fn row_start(base: usize, row: &str, ld: &str) -> String {
    let row = plus(base, row);
    if row == "0" {
        "0".to_string()
    } else if row.bytes().all(|b| b.is_ascii_alphanumeric()) {
        format!("{row} * {ld}")
    } else {
        format!("({row}) * {ld}")
    }
}

/// A pointer `start` on.
fn from(pointer: &str, start: &str) -> String {
    if start == "0" {
        pointer.to_string()
    } else {
        format!("{pointer} + {start}")
    }
}

/// Where a value starts. Rows of samples or of a chunk, or scalars.
pub(super) fn pointer(plan: &Plan, id: NodeId) -> String {
    place_pointer(plan, plan.place(id), Scope::Tile)
}

/// Where a batch-independent value starts, for all blocks.
pub(super) fn shared_pointer(plan: &Plan, id: NodeId) -> String {
    place_pointer(plan, plan.place(id), Scope::Grid)
}

pub(super) fn place_pointer(plan: &Plan, place: &Place, scope: Scope) -> String {
    match place {
        Place::Sample(at) => from("tile.samples", &row_start(*at, "0", "SAMPLE_ROW")),
        Place::Tangent(at) => from("tile.chunk", &row_start(*at, "0", "CHUNK_ROW")),
        Place::Input(input) => {
            let row = InputRows::of(plan).row(*input);
            from("tile.samples", &row_start(row, "0", "SAMPLE_ROW"))
        }
        Place::Param(at) => from("a.params", &at.to_string()),
        Place::Shared(at) => from("a.shared", &at.to_string()),
        Place::Acc(at) if scope == Scope::Tile => from("tile.acc", &at.to_string()),
        Place::Acc(at) => from("a.acc", &at.to_string()),
        Place::Constant(_) | Place::Fused | Place::Columns(_) | Place::Basis => {
            unreachable!("{place:?} is not stored")
        }
    }
}

/// One entry of a value: feature `row` in column `s` of the samples, and direction `t` of the chunk where the value
/// varies over directions.
pub(super) fn entry(plan: &Plan, id: NodeId, row: &str, scope: Scope) -> String {
    let g = &plan.graph;
    match plan.place(id) {
        Place::Constant(c) => literal(*c),
        Place::Input(Input::Weight) => "a.weight".to_string(),
        Place::Input(Input::Sigma) => "a.sigma".to_string(),
        Place::Basis => format!("({row} == tile.t0 + t ? 1.0f : 0.0f)"),
        Place::Columns(of) => {
            let count = g.shape(*of).last().copied().unwrap_or(1);
            let column = format!("({row}) * {count} + tile.t0 + t");
            format!(
                "(tile.t0 + t < {count} ? {} : 0.0f)",
                place_entry(plan, plan.place(*of), &column, scope)
            )
        }
        place => place_entry(plan, place, row, scope),
    }
}

pub(super) fn place_entry(plan: &Plan, place: &Place, row: &str, scope: Scope) -> String {
    match place {
        Place::Sample(at) => sample_entry(*at, row),
        Place::Tangent(at) => match row_start(*at, row, "CHUNK_ROW").as_str() {
            "0" => "tile.chunk[t * SAMPLES + s]".to_string(),
            start => format!("tile.chunk[{start} + t * SAMPLES + s]"),
        },
        Place::Input(input) => sample_entry(InputRows::of(plan).row(*input), row),
        Place::Param(at) => format!("a.params[{}]", plus(*at, row)),
        Place::Shared(at) => format!("a.shared[{}]", plus(*at, row)),
        Place::Acc(at) if scope == Scope::Tile => format!("tile.acc[{}]", plus(*at, row)),
        Place::Acc(at) => format!("a.acc[{}]", plus(*at, row)),
        Place::Constant(c) => literal(*c),
        Place::Fused | Place::Columns(_) | Place::Basis => {
            unreachable!("{place:?} is not stored")
        }
    }
}

fn sample_entry(base: usize, row: &str) -> String {
    match row_start(base, row, "SAMPLE_ROW").as_str() {
        "0" => "tile.samples[s]".to_string(),
        start => format!("tile.samples[{start} + s]"),
    }
}

/// Whether a value has columns, in a tile.
pub(super) fn has_columns(plan: &Plan, id: NodeId) -> bool {
    matches!(
        plan.place(id),
        Place::Sample(_) | Place::Tangent(_) | Place::Input(Input::X | Input::V | Input::Omega)
    )
}

/// How many columns a value of these axes has, and the distance of its rows.
pub(super) fn columns(axes: Axes) -> (&'static str, &'static str) {
    if axes.tangent {
        ("CHUNK", "CHUNK_ROW")
    } else {
        ("SAMPLES", "SAMPLE_ROW")
    }
}

/// Where a sum over samples lies among the sums.
pub(super) fn accumulator(plan: &Plan, id: NodeId) -> usize {
    match plan.place(id) {
        Place::Acc(at) => *at,
        place => unreachable!("a sum over samples lies at {place:?}"),
    }
}

/// The stretches (start, length) of the sums that tiles add to: all but those of products with x alone.
pub(super) fn touched(plan: &Plan) -> Vec<(usize, usize)> {
    let stretches = |with: Input| {
        let deferred = plan.deferred.iter().filter(move |d| d.with == with);
        deferred.map(|d| (accumulator(plan, d.node), d.rows * plan.graph.dim()))
    };
    let tiled: Vec<(usize, usize)> = stretches(Input::Directions).collect();
    let mut deferred: Vec<(usize, usize)> = stretches(Input::X)
        .filter(|stretch| !tiled.contains(stretch))
        .collect();
    deferred.sort_unstable();
    deferred.dedup();
    let (mut stretches, mut next) = (Vec::new(), 0);
    for (start, len) in deferred.into_iter().chain([(plan.sizes.acc, 0)]) {
        if start > next {
            stretches.push((next, start - next));
        }
        next = start + len;
    }
    stretches
}
