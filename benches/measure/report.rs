//! What is printed of the steps that were timed, and written as JSON.

use serde_json::{Value, json};

use super::step::Timing;
use super::table::Column;

/// One step that was timed.
pub(crate) struct Row {
    pub(crate) shape: &'static str,
    pub(crate) objective: &'static str,
    /// `f32` or `f64`.
    pub(crate) precision: &'static str,
    pub(crate) timing: Timing,
    /// Nominal operations.
    pub(crate) work: f64,
    /// The multiply-add peak of a core in this precision.
    pub(crate) peak: f64,
}

/// The columns; the last five are the phases of a step as its calling thread saw them, in microseconds.
pub(crate) const COLUMNS: &[Column<Row>] = &[
    Column {
        heading: "D,H,B",
        cell: |row| row.shape.to_owned(),
    },
    Column {
        heading: "objective",
        cell: |row| row.objective.to_owned(),
    },
    Column {
        heading: "type",
        cell: |row| row.precision.to_owned(),
    },
    Column {
        heading: "threads",
        cell: |row| row.timing.threads.to_string(),
    },
    Column {
        heading: "median µs",
        cell: |row| format!("{:.1}", row.timing.step.median * 1e6),
    },
    Column {
        heading: "spread",
        cell: |row| format!("{:.0} %", row.timing.step.spread * 100.0),
    },
    Column {
        heading: "of peak",
        cell: |row| format!("{:.2}", row.fraction()),
    },
    Column {
        heading: "prologue",
        cell: |row| format!("{:.1}", row.timing.phases[0]),
    },
    Column {
        heading: "tiles",
        cell: |row| format!("{:.1}", row.timing.phases[1]),
    },
    Column {
        heading: "sum",
        cell: |row| format!("{:.1}", row.timing.phases[2]),
    },
    Column {
        heading: "epilogue",
        cell: |row| format!("{:.1}", row.timing.phases[3]),
    },
    Column {
        heading: "update",
        cell: |row| format!("{:.1}", row.timing.phases[4]),
    },
];

impl Row {
    /// The part of the peak of its threads that the nominal work reached.
    fn fraction(&self) -> f64 {
        self.work / self.timing.step.median / (self.peak * self.timing.threads as f64)
    }

    /// The row for other programs; `benches/peers.py` reads it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "shape": self.shape,
            "objective": self.objective,
            "precision": self.precision,
            "threads": self.timing.threads,
            "us": self.timing.step.median * 1e6,
            "spread": self.timing.step.spread,
            "gflop": self.work * 1e-9,
            "fraction": self.fraction(),
            "loss": self.timing.loss,
            "phases_us": self.timing.phases,
        })
    }
}
