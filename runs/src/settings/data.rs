//! What a run takes from a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use scorematch::data::{Columns, Header};
use scorematch::train::Shuffle;
use serde::{Deserialize, Serialize};

use super::Settings;

/// The data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSettings {
    /// The file.
    pub file: PathBuf,
    /// Its columns.
    pub columns: Columns,
    /// Whether its first line names the columns.
    pub header: Header,
    /// The sheet of a workbook with several.
    pub sheet: Option<String>,
    /// The array of an npz file with several.
    pub array: Option<String>,
    /// Whether rows with missing values are left out; otherwise they are an error.
    pub drop_missing: bool,
    /// Whether columns that hold one value are kept; otherwise they are left out.
    pub keep_constant: bool,
    /// A file of held-out rows.
    pub valid: Option<PathBuf>,
    /// The fraction of the rows that is held out, if no file is named; 0 for none.
    pub valid_fraction: f64,
    /// The units of training.
    pub units: Units,
    /// Whether rows are read in blocks while the run goes on, from a copy in its folder.
    pub stream: Stream,
}

/// Whether rows are in memory or read while the run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// They are read if they would take more than half of the memory that is free
    #[default]
    Auto,
    /// They are read
    Always,
    /// They are in memory
    Never,
}

/// The units of training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Zero mean and unit standard deviation in each column
    #[default]
    Deviation,
    /// Median and quartiles, which outliers do not move
    Robust,
    /// Those of the data
    Data,
}

impl Default for DataSettings {
    fn default() -> Self {
        DataSettings {
            file: PathBuf::new(),
            columns: Columns::All,
            header: Header::Auto,
            sheet: None,
            array: None,
            drop_missing: false,
            keep_constant: false,
            valid: None,
            valid_fraction: 0.1,
            units: Units::Deviation,
            stream: Stream::Auto,
        }
    }
}

/// How a table is read from a file.
#[derive(Args, Clone, Debug, Default)]
pub struct DataFlags {
    /// Columns by name or number, as a,b or 2,3; all numeric columns if it is not given
    #[arg(long, value_name = "A,B", help_heading = "Data")]
    pub columns: Option<Columns>,
    /// Whether the first line of the file names the columns
    #[arg(long, value_enum, help_heading = "Data")]
    pub header: Option<FirstLine>,
    /// The sheet of a workbook
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    pub sheet: Option<String>,
    /// The array of an npz file
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    pub array: Option<String>,
    /// Leave out rows with missing values, which are an error otherwise
    #[arg(long, help_heading = "Data")]
    pub drop_missing: bool,
    /// Keep columns that hold one value, which are left out otherwise
    #[arg(long, help_heading = "Data")]
    pub keep_constant: bool,
    /// The units of training
    #[arg(long, value_enum, help_heading = "Data")]
    pub units: Option<Units>,
    /// Train in units of zero mean and unit deviation; the same as --units deviation, which is the default
    #[arg(long, conflicts_with = "units", help_heading = "Data")]
    pub standardize: bool,
    /// The fraction of the rows that is held out to judge the model; 0 for none
    #[arg(long, value_name = "PART", help_heading = "Data")]
    pub valid_fraction: Option<f64>,
    /// A file of held-out rows with the same columns
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "valid_fraction",
        help_heading = "Data"
    )]
    pub valid: Option<PathBuf>,
    /// Read the rows in blocks while the run goes on, from a copy in its folder, for data larger than memory
    #[arg(long, value_enum, help_heading = "Data")]
    pub stream: Option<Stream>,
    /// How rows are shuffled: all together (rows), or blocks of rows, so many blocks at a time (blocks:4096:64)
    #[arg(long, value_parser = shuffle, value_name = "HOW", help_heading = "Data")]
    pub shuffle: Option<Shuffle>,
}

/// How rows are shuffled, as text: `rows`, or `blocks:ROWS:WINDOW`.
fn shuffle(text: &str) -> Result<Shuffle, String> {
    let blocks = |text: &str| {
        let (rows, window) = text.strip_prefix("blocks:")?.split_once(':')?;
        Some(Shuffle::Blocks {
            rows: rows.parse().ok()?,
            window: window.parse().ok()?,
        })
    };
    match text {
        "rows" => Ok(Shuffle::Rows),
        text => blocks(text).ok_or_else(|| "write rows, or blocks:4096:64".to_owned()),
    }
}

/// Whether the first line names the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FirstLine {
    /// It does if a cell of it is text and none is a number
    Auto,
    /// It does
    Yes,
    /// It does not
    No,
}

impl FirstLine {
    fn header(self) -> Header {
        match self {
            FirstLine::Auto => Header::Auto,
            FirstLine::Yes => Header::Present,
            FirstLine::No => Header::Absent,
        }
    }
}

impl DataFlags {
    /// Puts the flags that are given over settings.
    pub fn apply(&self, settings: &mut Settings) {
        let DataFlags {
            columns,
            header,
            sheet,
            array,
            drop_missing,
            keep_constant,
            units,
            standardize,
            valid_fraction,
            valid,
            stream,
            shuffle,
        } = self;
        if let Some(shuffle) = shuffle {
            settings.train.shuffle = *shuffle;
        }
        let settings = &mut settings.data;
        if let Some(stream) = stream {
            settings.stream = *stream;
        }
        if let Some(columns) = columns {
            settings.columns = columns.clone();
        }
        if let Some(header) = header {
            settings.header = header.header();
        }
        if sheet.is_some() {
            settings.sheet.clone_from(sheet);
        }
        if array.is_some() {
            settings.array.clone_from(array);
        }
        settings.drop_missing |= drop_missing;
        settings.keep_constant |= keep_constant;
        if let Some(units) = units {
            settings.units = *units;
        }
        if *standardize {
            settings.units = Units::Deviation;
        }
        if let Some(fraction) = valid_fraction {
            (settings.valid_fraction, settings.valid) = (*fraction, None);
        }
        if valid.is_some() {
            settings.valid.clone_from(valid);
        }
    }
}
