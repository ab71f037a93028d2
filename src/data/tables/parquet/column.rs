//! The columns of a file: what each holds, by its type in the file, and how its values become numbers.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::Type;

use crate::data::tables::choice::Kind;
use crate::half::from_f16;

/// How the values of a column become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Integers with a sign, floating-point numbers and booleans, as they stand.
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Integers to be divided by 10ⁿ.
    Decimal(i32),
    /// Two bytes each.
    Float16,
}

/// A column of a file.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) numbers: Numbers,
    /// The position of the first of its leaves among all leaves, the columns of a row group.
    pub(super) leaf: usize,
    /// The type as it is told, unless it is float64.
    pub(super) told: Option<String>,
}

/// The fields of a schema.
pub(super) fn fields(schema: &Type) -> Vec<Field> {
    let mut leaf = 0;
    schema
        .get_fields()
        .iter()
        .map(|column| {
            let (kind, numbers, told) = of(column);
            let field = Field {
                name: column.name().to_owned(),
                kind,
                numbers,
                leaf,
                told,
            };
            leaf += leaves(column);
            field
        })
        .collect()
}

/// The number of leaves of a type.
fn leaves(column: &Type) -> usize {
    if column.is_primitive() {
        return 1;
    }
    column.get_fields().iter().map(|field| leaves(field)).sum()
}

fn of(column: &Type) -> (Kind, Numbers, Option<String>) {
    let info = column.get_basic_info();
    let Type::PrimitiveType {
        physical_type,
        type_length,
        scale,
        ..
    } = column
    else {
        return (Kind::Nested, Numbers::Plain, None);
    };
    if info.has_repetition() && info.repetition() == Repetition::REPEATED {
        return (Kind::Nested, Numbers::Plain, None);
    }
    if is_index(column.name()) {
        return (Kind::Index, Numbers::Plain, None);
    }
    let other = |kind| (kind, Numbers::Plain, None);
    let number = |numbers, told: &str| (Kind::Number, numbers, Some(told.to_owned()));
    // The older annotation says the same where the newer one is absent.
    let converted = info.converted_type();
    match info.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => {
            return decimal_of(*physical_type, *type_length, decimal.scale);
        }
        None if converted == ConvertedType::DECIMAL => {
            return decimal_of(*physical_type, *type_length, *scale);
        }
        Some(LogicalType::Unknown) => return other(Kind::Empty),
        Some(LogicalType::Date | LogicalType::Time(..) | LogicalType::Timestamp(..)) => {
            return other(Kind::Date);
        }
        Some(LogicalType::Float16)
            if *physical_type == Physical::FIXED_LEN_BYTE_ARRAY && *type_length == 2 =>
        {
            return number(Numbers::Float16, "float16");
        }
        _ => {}
    }
    if matches!(
        converted,
        ConvertedType::DATE
            | ConvertedType::TIME_MILLIS
            | ConvertedType::TIME_MICROS
            | ConvertedType::TIMESTAMP_MILLIS
            | ConvertedType::TIMESTAMP_MICROS
            | ConvertedType::INTERVAL
    ) {
        return other(Kind::Date);
    }
    let (bits, is_signed) = integer(info.logical_type_ref(), converted, *physical_type);
    match physical_type {
        Physical::BOOLEAN => number(Numbers::Plain, "bool"),
        Physical::INT32 | Physical::INT64 if is_signed => {
            number(Numbers::Plain, &format!("int{bits}"))
        }
        Physical::INT32 | Physical::INT64 => number(Numbers::Unsigned, &format!("uint{bits}")),
        Physical::FLOAT => number(Numbers::Plain, "float32"),
        Physical::DOUBLE => (Kind::Number, Numbers::Plain, None),
        Physical::INT96 => other(Kind::Date),
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => other(Kind::Text),
    }
}

/// Whether pandas wrote a column as the index of rows, which is no data.
fn is_index(name: &str) -> bool {
    let number = name
        .strip_prefix("__index_level_")
        .and_then(|rest| rest.strip_suffix("__"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Bits of an integer, and whether it has a sign.
fn integer(
    logical: Option<&LogicalType>,
    converted: ConvertedType,
    physical: Physical,
) -> (u8, bool) {
    if let Some(LogicalType::Integer(integer)) = logical {
        return (integer.bit_width.unsigned_abs(), integer.is_signed);
    }
    match converted {
        ConvertedType::UINT_8 => (8, false),
        ConvertedType::UINT_16 => (16, false),
        ConvertedType::UINT_32 => (32, false),
        ConvertedType::UINT_64 => (64, false),
        ConvertedType::INT_8 => (8, true),
        ConvertedType::INT_16 => (16, true),
        _ if physical == Physical::INT32 => (32, true),
        _ => (64, true),
    }
}

fn decimal_of(physical: Physical, length: i32, scale: i32) -> (Kind, Numbers, Option<String>) {
    // Decimals of more than 38 digits do not fit the integers of any machine.
    if physical == Physical::FIXED_LEN_BYTE_ARRAY && length > 16 {
        return (Kind::Text, Numbers::Plain, None);
    }
    let told = format!("decimals of {scale} places");
    (Kind::Number, Numbers::Decimal(scale), Some(told))
}

/// The number nearest to an integer divided by 10ⁿ.
pub(super) fn decimal(value: i128, scale: i32) -> f64 {
    const EXACT: u128 = 1 << 53;
    // Powers of ten up to 10²² are exact, so that the quotient is rounded once.
    if value.unsigned_abs() <= EXACT && (0..=22).contains(&scale) {
        return value as f64 / 10_f64.powi(scale);
    }
    format!("{value}e{}", -i64::from(scale))
        .parse()
        .unwrap_or(f64::NAN)
}

/// The integer whose bytes, the highest first, these are; `None` if it has more than 16.
pub(super) fn big_endian(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.first().is_some_and(|&byte| byte >= 128);
    let mut all = [if is_negative { 0xff } else { 0 }; 16];
    let start = all.len().checked_sub(bytes.len())?;
    all[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(all))
}

/// The number whose two bytes these are; NaN for another number of bytes.
pub(super) fn float16(bytes: &[u8]) -> f64 {
    match bytes {
        &[low, high] => f64::from(from_f16(u16::from_le_bytes([low, high]))),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_once() {
        assert_eq!(decimal(12345, 2), 123.45);
        assert_eq!(decimal(-1, 22), -1e-22);
        assert_eq!(
            decimal(99_999_999_999_999_999_999_999_999_999_999_999_999, 10),
            9_999_999_999_999_999_999_999_999_999.999_999_999_9
        );
        assert_eq!(decimal(7, -3), 7000.0);
        assert_eq!(big_endian(&[0xff, 0x00]), Some(-256));
        assert_eq!(big_endian(&[0x7f]), Some(127));
        assert_eq!(big_endian(&[]), Some(0));
        assert_eq!(big_endian(&[0; 17]), None);
    }

    #[test]
    fn the_index_of_pandas() {
        assert!(is_index("__index_level_0__") && is_index("__index_level_12__"));
        assert!(!is_index("index") && !is_index("__index_level_x__"));
    }
}
