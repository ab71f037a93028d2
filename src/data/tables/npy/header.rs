//! The header of an npy file: a Python dictionary of element type, order of axes and shape. It is read here because the
//! libraries for it read whole arrays, without float16, and bring a grammar and its compiler.

use std::io::{self, Read};

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The type of the elements, such as `<f8`; `None` if they are records of several fields.
    pub(super) descriptor: Option<String>,
    /// Whether the first axis varies fastest.
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<u64>,
    /// Bytes before the first element.
    pub(super) length: u64,
}

/// The most bytes that a header may have. NumPy itself refuses 10 000 and more unless it is told to.
const LONGEST: usize = 1 << 20;

impl Header {
    /// Reads the header at the start of a file. Another content is an error that says what is wrong.
    pub(super) fn read(file: &mut impl Read) -> Result<Header, String> {
        let told = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ends within the header".to_owned(),
            _ => error.to_string(),
        };
        let mut start = [0; 8];
        file.read_exact(&mut start).map_err(told)?;
        if start[..6] != *b"\x93NUMPY" {
            return Err("it does not begin as an npy file".to_owned());
        }
        let (size, before) = match start[6] {
            1 => {
                let mut size = [0; 2];
                file.read_exact(&mut size).map_err(told)?;
                (usize::from(u16::from_le_bytes(size)), 10)
            }
            2 | 3 => {
                let mut size = [0; 4];
                file.read_exact(&mut size).map_err(told)?;
                (u32::from_le_bytes(size) as usize, 12)
            }
            version => return Err(format!("its version is {version}; 1, 2 and 3 are known")),
        };
        if size > LONGEST {
            return Err(format!("its header would have {size} bytes"));
        }
        let mut text = vec![0; size];
        file.read_exact(&mut text).map_err(told)?;
        let text = String::from_utf8_lossy(&text);
        Header::parse(&text, before + size as u64)
            .ok_or_else(|| "its header is no description of an array".to_owned())
    }

    /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, with the keys in any order.
    fn parse(text: &str, length: u64) -> Option<Header> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descriptor, mut is_fortran, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let key;
            (key, rest) = quoted(rest)?;
            rest = rest.trim_start().strip_prefix(':')?.trim_start();
            match key {
                "descr" if rest.starts_with(['\'', '"']) => {
                    let text;
                    (text, rest) = quoted(rest)?;
                    descriptor = Some(Some(text.to_owned()));
                }
                "descr" => {
                    // A list of fields; what follows the other keys is all that is needed.
                    rest = after_list(rest)?;
                    descriptor = Some(None);
                }
                "fortran_order" => {
                    let value = rest.starts_with("True");
                    rest = rest
                        .strip_prefix("True")
                        .or_else(|| rest.strip_prefix("False"))?;
                    is_fortran = Some(value);
                }
                "shape" => {
                    let numbers;
                    (numbers, rest) = rest.strip_prefix('(')?.split_once(')')?;
                    let numbers = numbers.split(',').map(str::trim);
                    // Python 2 writes long integers as `3L`.
                    let axis = |text: &str| text.trim_end_matches('L').parse().ok();
                    let axes = numbers.filter(|text| !text.is_empty()).map(axis);
                    shape = Some(axes.collect::<Option<Vec<u64>>>()?);
                }
                _ => return None,
            }
            rest = rest.trim_start();
            if let Some(next) = rest.strip_prefix(',') {
                rest = next.trim_start();
            } else if !rest.is_empty() {
                return None;
            }
        }
        Some(Header {
            descriptor: descriptor?,
            is_fortran: is_fortran?,
            shape: shape?,
            length,
        })
    }
}

/// A text in quotes, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|&c| c == '\'' || c == '"')?;
    text[1..].split_once(quote)
}

/// What follows a list with lists, tuples and texts in it.
fn after_list(text: &str) -> Option<&str> {
    let (mut depth, mut quote) = (0_usize, None);
    for (place, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(&text[place + 1..]);
                }
            }
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_in_any_order() {
        let expected = Header {
            descriptor: Some("<f8".to_owned()),
            is_fortran: false,
            shape: vec![3, 4],
            length: 128,
        };
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n",
            "{\"shape\":(3,4),\"fortran_order\":False,\"descr\":\"<f8\"}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 4L,)}",
        ] {
            assert_eq!(Header::parse(text, 128).as_ref(), Some(&expected), "{text}");
        }
        let fields = "{'descr': [('a]', '<f8'), ('b', '<i4', (2,))], 'fortran_order': True, 'shape': (5,), }";
        let header = Header::parse(fields, 0).unwrap();
        assert_eq!(
            (header.descriptor, header.is_fortran, header.shape),
            (None, true, vec![5])
        );
        for text in [
            "",
            "{}",
            "{'descr': '<f8', 'fortran_order': False}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, -4)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 99999999999999999999)}",
            "{'descr': '<f8' 'fortran_order': False, 'shape': ()}",
            "{'descr': [('a', '<f8'), 'fortran_order': False, 'shape': ()}",
        ] {
            assert_eq!(Header::parse(text, 0), None, "{text}");
        }
    }
}
