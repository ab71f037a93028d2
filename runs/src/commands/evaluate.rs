//! `eval`: rows of a file in; energy, score and Laplacian of each out, and the rows that the model finds least likely with the
//! columns that make them so.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use scorematch::Real;
use scorematch::data::{RowNumber, write_table};

use crate::data::{Account, of_run, read_reference, read_table};
use crate::folder::{read_json, settings_of};
use crate::model::Models;
use crate::output::check_table;
use crate::scorer::Scorer;
use crate::settings::DataSettings;
use crate::standard_output::say;
use crate::table::Table;

/// Which rows, and what of them.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The folder of the run
    pub run: PathBuf,
    /// The rows; a file with the columns that the run was trained on
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// Write a table with a line for each row: csv, npy or parquet
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What the table holds
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["energy", "score", "laplacian"])]
    pub quantities: Vec<Quantity>,
    /// How many of the least likely rows are shown
    #[arg(long, value_name = "ROWS", default_value_t = 10)]
    pub top: usize,
    /// Leave out rows with missing values, which are an error otherwise
    #[arg(long)]
    pub drop_missing: bool,
    /// Threads; 0 for all cores
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// A quantity of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quantity {
    /// E(x) = −ln p(x) up to a constant
    Energy,
    /// −∂E/∂xⱼ of each column
    Score,
    /// The exact Laplacian Σⱼ ∂²E/∂xⱼ²
    Laplacian,
    /// The line or row of the file, as the ranking names it
    Row,
}

/// Values of a column that are tried in place of its own.
const TRIED: usize = 41;
/// Columns that are named for a row.
const NAMED: usize = 3;

pub(super) fn run<T: Real>(options: &Options, models: &Models<T>) -> Result<()> {
    let settings = settings_of(&options.run)?;
    let account: Account = read_json(&options.run, "data.json")?;
    if let Some(file) = &options.out {
        check_table(file)?;
    }
    let scorer = Scorer::load(&options.run, models.get(&settings.model)?, options.threads)?;
    let wanted = DataSettings {
        columns: of_run(&account, &settings.data),
        drop_missing: options.drop_missing || settings.data.drop_missing,
        keep_constant: true,
        ..settings.data
    };
    let table = read_table(&wanted, &options.data)?;
    for note in table.notes() {
        say(format_args!("note: {note}"));
    }
    ensure!(
        table.names.len() == account.columns.len(),
        "{} has {} columns, and the run was trained on {}: {}",
        options.data.display(),
        table.names.len(),
        account.columns.len(),
        account.columns.join(", ")
    );
    let rows = table.values.view();
    let energy = scorer.energy(rows)?;
    if let Some(file) = &options.out {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for quantity in &options.quantities {
            match quantity {
                Quantity::Energy => {
                    names.push("energy".to_owned());
                    values.push(energy.clone().insert_axis(Axis(1)));
                }
                Quantity::Score => {
                    names.extend(account.columns.iter().map(|name| format!("score_{name}")));
                    values.push(scorer.score(rows)?);
                }
                Quantity::Row => {
                    names.push("row".to_owned());
                    let numbers = (0..rows.nrows()).map(|row| number(&table, row).get() as f64);
                    values.push(numbers.collect::<Array1<f64>>().insert_axis(Axis(1)));
                }
                Quantity::Laplacian => {
                    names.push("laplacian".to_owned());
                    values.push(scorer.laplacian(rows)?.insert_axis(Axis(1)));
                }
            }
        }
        if values.is_empty() {
            bail!("--quantities names none: row, energy, score, laplacian");
        }
        let views: Vec<_> = values
            .iter()
            .map(|part: &Array2<f64>| part.view())
            .collect();
        let values = ndarray::concatenate(Axis(1), &views)?;
        write_table(file, &names, &values)?;
        say(format_args!("wrote {}", file.display()));
        let last = rows.nrows().saturating_sub(1);
        let left_out = number(&table, last).get() - number(&table, 0).get() != last as u64;
        if left_out && !options.quantities.contains(&Quantity::Row) {
            say(
                "note: it has no rows for those that were left out; --quantities row,energy adds the line of each",
            );
        }
    }
    let reference = read_reference(&options.run)?;
    let usual = scorer.energy(reference.view())?;
    let mut order: Vec<usize> = (0..energy.len()).collect();
    order.sort_by(|&a, &b| energy[b].total_cmp(&energy[a]));
    order.truncate(options.top);
    let mut ranking = Table::new([
        "row",
        "energy",
        "likelier training rows",
        "columns that make it so",
    ]);
    for &row in &order {
        let likelier = usual.iter().filter(|usual| **usual < energy[row]).count();
        let part = 100.0 * likelier as f64 / usual.len().max(1) as f64;
        let reasons = reasons(
            &scorer,
            rows.row(row),
            energy[row],
            reference.view(),
            &account,
        )?;
        ranking.row([
            match number(&table, row) {
                RowNumber::Line(line) => format!("line {line}"),
                other => format!("row {}", other.get()),
            },
            format!("{:.3}", energy[row]),
            format!("{part:.1} %"),
            reasons,
        ]);
    }
    let mean = energy.mean().unwrap_or(f64::NAN);
    say(format_args!(
        "{} rows of {}: mean energy {mean:.4}, in data units, −ln p up to a constant that is one for all rows{}",
        energy.len(),
        options.data.display(),
        if order.is_empty() { "" } else { "\n" }
    ));
    if !order.is_empty() {
        say(format_args!("{ranking}"));
        say(format_args!(
            "\nlikelier training rows: of {} training rows, the part with a lower energy\n\
             columns that make it so: a value, and how much lower the energy would be at the best value of the column, \
             the others kept",
            usual.len()
        ));
    }
    Ok(())
}

/// The line or the row of the file that a row of the table stands in.
fn number(table: &scorematch::data::Table, row: usize) -> RowNumber {
    let place = table.place(row, 0).map(|place| place.row);
    place.unwrap_or(RowNumber::Row(row as u64 + 1))
}

/// The columns that make a row unlikely: by how much its energy falls if the value of one column is replaced by the best of
/// that column's values in the training rows, the others kept. This is ln p(x'ⱼ | others) − ln p(xⱼ | others).
fn reasons<T: Real>(
    scorer: &Scorer<T>,
    row: ArrayView1<'_, f64>,
    energy: f64,
    reference: ArrayView2<'_, f64>,
    account: &Account,
) -> Result<String> {
    let mut falls = Vec::new();
    for (column, name) in account.columns.iter().enumerate() {
        let mut sorted: Vec<f64> = reference.column(column).to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let tried = TRIED.min(sorted.len());
        let quantile = |k: usize| sorted[k * last / tried.saturating_sub(1).max(1)];
        let mut changed = Array2::from_shape_fn((tried, row.len()), |(_, j)| row[j]);
        for k in 0..tried {
            changed[[k, column]] = quantile(k);
        }
        let energies = scorer.energy(changed.view())?;
        let least = (0..tried).min_by(|&a, &b| energies[a].total_cmp(&energies[b]));
        if let Some(least) = least {
            falls.push((energy - energies[least], name, row[column], quantile(least)));
        }
    }
    falls.sort_by(|a, b| b.0.total_cmp(&a.0));
    let told = falls.iter().take(NAMED).filter(|fall| fall.0 > 0.0);
    let told: Vec<String> = told
        .map(|(fall, name, value, better)| {
            format!(
                "{name} = {} (−{fall:.1} at {})",
                short(*value),
                short(*better)
            )
        })
        .collect();
    Ok(told.join(", "))
}

/// A number in about four digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}
