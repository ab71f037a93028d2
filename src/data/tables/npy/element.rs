//! The elements of an array: their type and order of bytes, and the numbers that their bytes are.

use crate::data::tables::source::Seen;
use crate::half::from_f16;

/// A type of real numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
}

/// The type of all elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    kind: Type,
    is_big_endian: bool,
}

impl Element {
    /// The element that a descriptor such as `<f8` stands for; an error says what it is otherwise, and the cure.
    pub(super) fn of(descriptor: &str) -> Result<Element, (String, &'static str)> {
        const CAST: &str = "save `array.astype(numpy.float64)`";
        let wrong = |what: &str, cure| {
            Err((
                format!("the array has elements of type {descriptor:?}, {what}"),
                cure,
            ))
        };
        let (order, rest) = match descriptor.as_bytes() {
            [b'<' | b'>' | b'|' | b'=', rest @ ..] => (descriptor.as_bytes()[0], rest),
            rest => (b'=', rest),
        };
        let kind = match rest {
            b"b1" | b"?" => Type::Bool,
            b"i1" | b"b" => Type::I8,
            b"i2" => Type::I16,
            b"i4" => Type::I32,
            b"i8" => Type::I64,
            b"u1" | b"B" => Type::U8,
            b"u2" => Type::U16,
            b"u4" => Type::U32,
            b"u8" => Type::U64,
            b"f2" => Type::F16,
            b"f4" => Type::F32,
            b"f8" => Type::F64,
            [b'f', ..] => return wrong("which has no counterpart on all machines", CAST),
            [b'c', ..] => {
                return wrong(
                    "complex numbers",
                    "save real and imaginary part as columns of their own",
                );
            }
            [b'M' | b'm', ..] => {
                return wrong(
                    "dates or times",
                    "save numbers, as of seconds from a start: `(t - t[0]) / numpy.timedelta64(1, 's')`",
                );
            }
            [b'U' | b'S' | b'a' | b'T', ..] => return wrong("text", CAST),
            [b'O', ..] => return wrong("Python objects", CAST),
            [b'V', ..] => return wrong("bytes without a type", CAST),
            _ => return wrong("which is unknown", CAST),
        };
        let is_big_endian = order == b'>' || (order == b'=' && cfg!(target_endian = "big"));
        Ok(Element {
            kind,
            is_big_endian,
        })
    }

    /// Bytes of an element.
    pub(super) fn size(self) -> usize {
        match self.kind {
            Type::Bool | Type::I8 | Type::U8 => 1,
            Type::I16 | Type::U16 | Type::F16 => 2,
            Type::I32 | Type::U32 | Type::F32 => 4,
            Type::I64 | Type::U64 | Type::F64 => 8,
        }
    }

    /// What is to be said about the type: nothing of float64.
    pub(super) fn note(self) -> Option<String> {
        let name = match self.kind {
            Type::Bool => return Some("read booleans as 0 or 1".to_owned()),
            Type::F64 => return None,
            Type::I8 => "int8",
            Type::I16 => "int16",
            Type::I32 => "int32",
            Type::I64 => "int64",
            Type::U8 => "uint8",
            Type::U16 => "uint16",
            Type::U32 => "uint32",
            Type::U64 => "uint64",
            Type::F16 => "float16",
            Type::F32 => "float32",
        };
        Some(format!("converted {name} to float64"))
    }

    /// Gives `take` the numbers that `bytes` are, in their order. `round` gets the position of each integer that float64
    /// does not hold.
    pub(super) fn decode(
        self,
        bytes: &[u8],
        mut take: impl FnMut(usize, f64),
        mut round: impl FnMut(usize),
    ) {
        macro_rules! decode {
            ($type:ty, $value:expr) => {{
                let (elements, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                if self.is_big_endian {
                    for (place, element) in elements.iter().enumerate() {
                        take(place, $value(place, <$type>::from_be_bytes(*element)));
                    }
                } else {
                    for (place, element) in elements.iter().enumerate() {
                        take(place, $value(place, <$type>::from_le_bytes(*element)));
                    }
                }
            }};
        }
        match self.kind {
            Type::Bool => decode!(u8, |_, x| f64::from(u8::from(x != 0))),
            Type::I8 => decode!(i8, |_, x| f64::from(x)),
            Type::I16 => decode!(i16, |_, x| f64::from(x)),
            Type::I32 => decode!(i32, |_, x| f64::from(x)),
            Type::I64 => decode!(i64, |place, x: i64| {
                let value = x as f64;
                if value as i128 != i128::from(x) {
                    round(place);
                }
                value
            }),
            Type::U8 => decode!(u8, |_, x| f64::from(x)),
            Type::U16 => decode!(u16, |_, x| f64::from(x)),
            Type::U32 => decode!(u32, |_, x| f64::from(x)),
            Type::U64 => decode!(u64, |place, x: u64| {
                let value = x as f64;
                if value as u128 != u128::from(x) {
                    round(place);
                }
                value
            }),
            Type::F16 => decode!(u16, |_, x| f64::from(from_f16(x))),
            Type::F32 => decode!(f32, |_, x| f64::from(x)),
            Type::F64 => decode!(f64, |_, x| x),
        }
    }

    /// As [`Element::decode`] of the elements of one column, one row after the other from the row with number `first`.
    pub(super) fn decode_column(
        self,
        bytes: &[u8],
        column: usize,
        first: u64,
        seen: &mut Seen,
        take: impl FnMut(usize, f64),
    ) {
        self.decode(bytes, take, |place| {
            seen.round(first + place as u64, column)
        });
    }
}
