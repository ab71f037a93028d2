//! Where a value is read and written: views of buffers as the emitted code sees them.

use super::super::index::number;
use super::expression::literal;
use crate::ir::Axes;
use crate::lower::{Buffer, Load, Lowered, Operand, Source, View};

/// The scope in which emitted code names a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// A block with a current tile: its sums are the partial accumulator of the block.
    Tile,
    /// All blocks, before or after the tiles.
    Grid,
}

/// The rows behind the scratch of per-sample values where inputs are laid.
#[derive(Clone, Copy, Debug)]
pub(super) struct InputRows {
    pub(super) x: usize,
    pub(super) v: usize,
    pub(super) omega: usize,
    /// The row after the last.
    pub(super) end: usize,
}

impl InputRows {
    pub(super) fn of(program: &Lowered) -> InputRows {
        let inputs = program.inputs;
        let rows = |used: bool, len: usize| if used { len } else { 0 };
        let x = program.sample_rows;
        let v = x + rows(inputs.x, program.dim);
        let omega = v + rows(inputs.v, program.dim);
        InputRows {
            x,
            v,
            omega,
            end: omega + rows(inputs.omega, 1),
        }
    }
}

/// A buffer as emitted code has it.
enum Memory {
    /// Rows of samples from this one on.
    Samples(usize),
    /// Rows of a chunk from this one on.
    Chunk(usize),
    /// Scalars behind this pointer.
    Scalars(&'static str),
}

fn memory(program: &Lowered, view: &View, scope: Scope) -> Memory {
    let inputs = InputRows::of(program);
    match (view.buffer, scope) {
        (Buffer::Samples, _) => Memory::Samples(view.offset),
        (Buffer::Chunk, _) => Memory::Chunk(view.offset),
        (Buffer::X, _) => Memory::Samples(inputs.x + view.offset),
        (Buffer::V, _) => Memory::Samples(inputs.v + view.offset),
        (Buffer::Omega, _) => Memory::Samples(inputs.omega + view.offset),
        (Buffer::Params, _) => Memory::Scalars("a.params"),
        (Buffer::Shared, _) => Memory::Scalars("a.shared"),
        (Buffer::Sums, Scope::Tile) => Memory::Scalars("tile.acc"),
        (Buffer::Sums, Scope::Grid) => Memory::Scalars("a.acc"),
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

/// Where a value starts: rows of samples or of a chunk, or scalars.
pub(super) fn pointer(program: &Lowered, view: &View, scope: Scope) -> String {
    match memory(program, view, scope) {
        Memory::Samples(row) => from("tile.samples", &row_start(row, "0", "SAMPLE_ROW")),
        Memory::Chunk(row) => from("tile.chunk", &row_start(row, "0", "CHUNK_ROW")),
        Memory::Scalars(base) => from(base, &number(view.offset)),
    }
}

/// One entry of a stored value: feature `row` in column `s` of the samples, and direction `t` of the chunk where the value
/// varies over directions.
pub(super) fn view_entry(program: &Lowered, view: &View, row: &str, scope: Scope) -> String {
    let entry = |name: &str, start: String, column: &str| match start.as_str() {
        "0" => format!("{name}[{column}]"),
        start => format!("{name}[{start} + {column}]"),
    };
    match memory(program, view, scope) {
        Memory::Samples(base) => entry("tile.samples", row_start(base, row, "SAMPLE_ROW"), "s"),
        Memory::Chunk(base) => {
            let start = row_start(base, row, "CHUNK_ROW");
            entry("tile.chunk", start, "t * SAMPLES + s")
        }
        Memory::Scalars(base) => format!("{base}[{}]", plus(view.offset, row)),
    }
}

/// One entry of an operand.
pub(super) fn entry(program: &Lowered, operand: &Operand, row: &str, scope: Scope) -> String {
    match operand {
        Operand::View(view) => view_entry(program, view, row, scope),
        Operand::Constant { value, .. } => literal(*value),
    }
}

/// What a loop nest reads at a feature.
pub(super) fn loaded(program: &Lowered, load: &Load, row: &str, scope: Scope) -> String {
    match &load.source {
        Source::View(view) => view_entry(program, view, row, scope),
        Source::Constant(c) => literal(*c),
        Source::Weight => "a.weight".to_string(),
        Source::Sigma => "a.sigma".to_string(),
        Source::UnitDirection => format!("({row} == tile.t0 + t ? 1.0f : 0.0f)"),
        Source::Column { matrix, columns } => {
            let column = format!("({row}) * {columns} + tile.t0 + t");
            format!(
                "(tile.t0 + t < {columns} ? {} : 0.0f)",
                view_entry(program, matrix, &column, scope)
            )
        }
    }
}

/// How many columns a value of these axes has, and the distance of its rows.
pub(super) fn columns(axes: Axes) -> (&'static str, &'static str) {
    if axes.tangent {
        ("CHUNK", "CHUNK_ROW")
    } else {
        ("SAMPLES", "SAMPLE_ROW")
    }
}
