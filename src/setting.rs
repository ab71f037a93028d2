//! Checks of single settings: each gives an error that names the setting, its value and its range.

use crate::error::{Error, Result};

/// That a setting is finite and above 0.
pub(crate) fn positive(setting: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    let expected = "it must be finite and greater than 0".to_owned();
    Err(Error::InvalidSetting {
        setting,
        found: value.to_string(),
        expected,
    })
}

/// That a setting lies in `[low, high)`; an infinite `high` asks for any finite value from `low`
/// on.
pub(crate) fn within(setting: &'static str, value: f64, low: f64, high: f64) -> Result<()> {
    if value >= low && value < high {
        return Ok(());
    }
    let expected = match high {
        f64::INFINITY => format!("it must be finite and not below {low}"),
        high => format!("it must be at least {low} and below {high}"),
    };
    Err(Error::InvalidSetting {
        setting,
        found: value.to_string(),
        expected,
    })
}

/// That a count is not below `least`.
pub(crate) fn at_least(least: u64, setting: &'static str, value: u64) -> Result<()> {
    if value >= least {
        return Ok(());
    }
    let expected = format!("it must be at least {least}");
    Err(Error::InvalidSetting {
        setting,
        found: value.to_string(),
        expected,
    })
}
