//! The units of training: fitted to training rows in float64, and applied to rows before they are cast.

use anyhow::{Context, Result};
use ndarray::{Array2, ArrayView2, Axis};
use scorematch::Real;
use scorematch::data::{ConstantColumns, Standardization, Standardizer, check_finite};

use crate::settings::{DataSettings, Units};

/// Fits the units that the settings ask for; `None` for those of the data.
pub(super) fn fit_units(
    units: Units,
    names: &[String],
    rows: ArrayView2<'_, f64>,
) -> Result<Option<Standardization>> {
    let robust = match units {
        Units::Data => return Ok(None),
        Units::Deviation => false,
        Units::Robust => true,
    };
    let standardizer = Standardizer::new().robust(robust).names(names);
    Ok(Some(
        standardizer.constant(ConstantColumns::Unscaled).fit(rows)?,
    ))
}

/// A note for the columns that hold one value in every training row, which then have no deviation to be divided by.
pub(super) fn constant_in_training(
    names: &[String],
    rows: ArrayView2<'_, f64>,
    units: Units,
) -> Option<String> {
    if units == Units::Data {
        return None;
    }
    let columns = names.iter().zip(rows.columns());
    let constant = columns.filter(|(_, values)| values.iter().all(|value| *value == values[0]));
    constant_note(constant.map(|(name, values)| (&name[..], values[0])))
}

/// The note of these columns and their values.
pub(super) fn constant_note<'n>(columns: impl Iterator<Item = (&'n str, f64)>) -> Option<String> {
    let constant: Vec<String> = columns
        .map(|(name, value)| format!("{name} ({value})"))
        .collect();
    (!constant.is_empty()).then(|| {
        format!(
            "columns that hold one value in every training row are centred and not scaled: {}",
            constant.join(", ")
        )
    })
}

/// Rows that are converted at a time.
const BLOCK: usize = 4096;

/// Rows in these units, converted in float64 and cast afterwards. `what` names the rows in messages.
///
/// # Errors
/// A value is not finite, before or after.
pub(crate) fn in_units<T: Real>(
    what: &str,
    units: Option<&Standardization>,
    rows: ArrayView2<'_, f64>,
) -> Result<Array2<T>> {
    check_finite(what, rows)?;
    let mut converted = Array2::zeros(rows.raw_dim());
    let blocks = rows.axis_chunks_iter(Axis(0), BLOCK);
    for (block, mut to) in blocks.zip(converted.axis_chunks_iter_mut(Axis(0), BLOCK)) {
        match units {
            Some(units) => to.assign(&units.apply(block)?.mapv(T::of)),
            None => to.assign(&block.mapv(T::of)),
        }
    }
    let what = format!("{what} in the units of training");
    check_finite(&what, converted.view())?;
    Ok(converted)
}

/// Rows of a run that begins, in its units.
///
/// # Errors
/// As [`in_units`]; the message has the cure.
pub(super) fn in_run_units<T: Real>(
    data: &DataSettings,
    units: Option<&Standardization>,
    rows: ArrayView2<'_, f64>,
) -> Result<Array2<T>> {
    in_units("the data", units, rows).with_context(|| {
        format!(
            "{}: other units keep numbers in range (--units deviation, --units robust), or --precision f64",
            data.file.display()
        )
    })
}
