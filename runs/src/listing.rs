//! Runs side by side: the summary of each in, a table out, with the settings in which the runs differ.

use std::collections::{BTreeMap, BTreeSet};

use crate::table::Table;

/// What a list says about a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The name of its folder.
    pub name: String,
    /// The name of its model.
    pub model: String,
    /// What its data are called.
    pub data: String,
    /// Number of rows of the data.
    pub rows: Option<usize>,
    /// What it minimises.
    pub objective: String,
    /// Number of updates so far.
    pub steps: u64,
    /// Number of updates that it is to have.
    pub planned: u64,
    /// In a word or two: finished, running, interrupted.
    pub status: String,
    /// Its best held-out loss and the standard error of that.
    pub best: Option<(f64, f64)>,
    /// The step of that.
    pub best_step: Option<u64>,
    /// Seconds of training so far.
    pub seconds: f64,
    /// When it began.
    pub started: String,
    /// Each setting by its full name, as text.
    pub settings: BTreeMap<String, String>,
}

/// What stands in a cell of which nothing is known.
const NOTHING: &str = "–";

/// A row for each run: runs of one data set together, those with the least held-out loss first, those without one last.
///
/// Settings are shown that not all of the runs share, unless another column has the same cells.
pub fn table(runs: &[Summary]) -> Table {
    let mut runs: Vec<&Summary> = runs.iter().collect();
    // A loss that is not a number is none.
    let loss = |run: &Summary| match run.best {
        Some((loss, _)) if !loss.is_nan() => loss,
        _ => f64::INFINITY,
    };
    runs.sort_by(|a, b| {
        (a.data.cmp(&b.data))
            .then(loss(a).total_cmp(&loss(b)))
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut columns: Vec<(String, Vec<String>)> = HEADS
        .iter()
        .map(|(head, cell)| {
            (
                (*head).to_owned(),
                runs.iter().map(|run| cell(run)).collect(),
            )
        })
        .collect();
    for (setting, values) in differences(&runs) {
        if columns.iter().all(|(_, cells)| *cells != values) {
            columns.push((setting, values));
        }
    }
    let mut table = Table::new(columns.iter().map(|(head, _)| head.as_str()));
    for row in 0..runs.len() {
        table.row(columns.iter().map(|(_, cells)| cells[row].clone()));
    }
    table
}

/// The columns that every list has.
const HEADS: [(&str, fn(&Summary) -> String); 11] = [
    ("run", |run| run.name.clone()),
    ("model", |run| run.model.clone()),
    ("data", |run| run.data.clone()),
    ("rows", |run| or_nothing(run.rows)),
    ("objective", |run| run.objective.clone()),
    ("steps", |run| format!("{}/{}", run.steps, run.planned)),
    ("status", |run| run.status.clone()),
    ("best held-out ± se", |run| {
        or_nothing(run.best.map(|(loss, se)| format!("{loss:.4} ± {se:.4}")))
    }),
    ("at step", |run| or_nothing(run.best_step)),
    ("time", |run| duration(run.seconds)),
    ("started", |run| run.started.clone()),
];

/// The settings that differ, in the order of their names, with the value of each run.
fn differences(runs: &[&Summary]) -> Vec<(String, Vec<String>)> {
    let names: BTreeSet<&String> = runs.iter().flat_map(|run| run.settings.keys()).collect();
    let values = |name: &String| -> Vec<String> {
        let value = |run: &&Summary| or_nothing(run.settings.get(name));
        runs.iter().map(value).collect()
    };
    names
        .into_iter()
        .map(|name| (name.clone(), values(name)))
        .filter(|(_, values)| values.iter().any(|value| *value != values[0]))
        .collect()
}

fn or_nothing(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

/// Seconds in the unit that fits: `0.42 s`, `3 min 05 s`, `2 h 10 min`.
pub fn duration(seconds: f64) -> String {
    if !(60.0..1e15).contains(&seconds) {
        let digits = if seconds < 10.0 { 2 } else { 1 };
        return format!("{seconds:.digits$} s");
    }
    let whole = seconds.round() as u64;
    let (minutes, rest) = (whole / 60, whole % 60);
    match minutes {
        0..60 => format!("{minutes} min {rest:02} s"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, best: Option<(f64, f64)>, settings: &[(&str, &str)]) -> Summary {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Summary {
            name: name.into(),
            model: "Mlp".into(),
            data: "faithful.csv".into(),
            rows: Some(272),
            objective: "ESM".into(),
            steps: 900,
            planned: 1000,
            status: "interrupted".into(),
            best,
            best_step: best.map(|_| 800),
            seconds: 1.5,
            started: "2025-05-01 10:00".into(),
            settings: settings.collect(),
        }
    }

    #[test]
    fn the_best_run_is_first_and_only_differences_are_shown() {
        let runs = [
            run("none", None, &[("batch", "64"), ("ema", "0.99")]),
            run(
                "worse",
                Some((-1.0, 0.01)),
                &[("batch", "64"), ("lr", "0.1")],
            ),
            run(
                "better",
                Some((-1.5, 0.01)),
                &[("batch", "64"), ("lr", "0.2")],
            ),
        ];
        let text = table(&runs).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with("started    ema    lr"), "{text}");
        assert!(
            lines[2].starts_with("better") && lines[2].ends_with("–   0.2"),
            "{text}"
        );
        assert!(
            lines[3].starts_with("worse") && lines[3].contains("-1.0000 ± 0.0100"),
            "{text}"
        );
        assert!(
            lines[4].starts_with("none") && lines[4].ends_with("0.99     –"),
            "{text}"
        );
    }

    #[test]
    fn a_setting_that_a_column_shows_is_not_repeated() {
        let mut runs = [
            run("a", None, &[("objective", "ESM")]),
            run("b", None, &[("objective", "SSM")]),
        ];
        runs[1].objective = "SSM".into();
        let text = table(&runs).to_string();
        assert_eq!(text.matches("objective").count(), 1, "{text}");
        assert_eq!(table(&[]).to_string().lines().count(), 2);
    }

    #[test]
    fn times_are_short() {
        let found = [0.4216, 12.34, 185.0, 7800.0].map(duration);
        assert_eq!(found, ["0.42 s", "12.3 s", "3 min 05 s", "2 h 10 min"]);
    }
}
