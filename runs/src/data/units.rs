//! The units of training: fitted to training rows in float64, and applied to rows before they are cast.

use anyhow::Result;
use ndarray::{Array2, ArrayView2};
use scorematch::Real;
use scorematch::data::{ConstantColumns, Standardization, Standardizer, check_finite};

use crate::settings::{DataSettings, Units};

/// Fits the units that the settings ask for; `None` for those of the data.
pub(super) fn fit_units(
    data: &DataSettings,
    names: &[String],
    rows: ArrayView2<'_, f64>,
) -> Result<Option<Standardization>> {
    let standardizer = |robust| {
        Standardizer::new()
            .robust(robust)
            .names(names)
            .constant(ConstantColumns::Unscaled)
    };
    Ok(match data.units {
        Units::Data => None,
        Units::Deviation => Some(standardizer(false).fit(rows)?),
        Units::Robust => Some(standardizer(true).fit(rows)?),
    })
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

/// Rows in these units, converted in float64. They take the place of the rows, so that no further copy is made.
pub(crate) fn in_units<T: Real>(
    what: &str,
    units: Option<&Standardization>,
    mut rows: Array2<f64>,
) -> Result<Array2<T>> {
    check_finite(what, rows.view())?;
    if let Some(units) = units {
        for mut row in rows.rows_mut() {
            let columns = units.mean().iter().zip(units.std());
            for (x, (mean, std)) in row.iter_mut().zip(columns) {
                *x = (*x - mean) / std;
            }
        }
    }
    let rows = rows.mapv(T::of);
    check_finite(&format!("{what} in the units of training"), rows.view())?;
    Ok(rows)
}
