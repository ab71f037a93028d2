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
        found: in_digits(value),
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
        found: in_digits(value),
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

/// A number with an exponent where it would have too many zeros.
pub(crate) fn in_digits(value: f64) -> String {
    match value.abs() {
        0.0 | 1e-5..1e16 => value.to_string(),
        _ => format!("{value:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_digits;

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, -1.5, 1e-30, -1e300, f64::NAN, f64::NEG_INFINITY];
        let texts = numbers.map(in_digits);
        assert_eq!(texts, ["0", "-1.5", "1e-30", "-1e300", "NaN", "-inf"]);
    }
}
