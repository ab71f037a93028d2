//! Numbers that may not be finite, in formats such as JSON that have none: as text there (`"NaN"`, `"inf"`), as they are
//! elsewhere. For `#[serde(with = "crate::number")]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// As a number, or as text if it is not finite and the format is one to read.
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() && !value.is_finite() {
        return value.to_string().serialize(serializer);
    }
    value.serialize(serializer)
}

/// Reads what [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    if !deserializer.is_human_readable() {
        return f64::deserialize(deserializer);
    }
    match Written::deserialize(deserializer)? {
        Written::Number(value) => Ok(value),
        Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Number(#[serde(with = "crate::number")] f64);

    #[test]
    fn every_number_comes_back_from_json() {
        for value in [
            0.1,
            -0.0,
            5e-324,
            f64::MAX,
            3.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            let text = serde_json::to_string(&Number(value)).unwrap();
            let Number(found) = serde_json::from_str(&text).unwrap();
            assert!(
                found.to_bits() == value.to_bits() || (found.is_nan() && value.is_nan()),
                "{text}"
            );
        }
        assert!(serde_json::from_str::<Number>("\"many\"").is_err());
        assert!(serde_json::from_str::<Number>("null").is_err());
    }
}
