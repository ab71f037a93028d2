//! The layout of a file of numbers: its encoding, its separator, and where quotes open and close.

use std::borrow::Cow;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

use crate::data::tables::Separator;
use crate::data::tables::cell::Cell;

/// The separator is detected from at most this many lines and [`SAMPLE_BYTES`] bytes.
const SAMPLE_LINES: usize = 64;
const SAMPLE_BYTES: usize = 1 << 16;

impl Separator {
    /// All separators. Among equal scores the first one is chosen: a decimal comma is more likely than a semicolon in a
    /// cell.
    const ALL: [Separator; 5] = [
        Separator::Semicolon,
        Separator::Tab,
        Separator::Bar,
        Separator::Comma,
        Separator::Blank,
    ];

    fn byte(self) -> u8 {
        match self {
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
            Separator::Bar => b'|',
            Separator::Comma => b',',
            Separator::Blank => b' ',
        }
    }

    /// The separator with the highest score on the first lines. The score is the share of all cells that are numbers on
    /// lines with the most common number of cells, or 0 if this share is below a half. Among equal shares, the number
    /// of such lines decides. A comma if no separator divides a line.
    pub(super) fn of(text: &[u8]) -> Separator {
        let mut best = (Separator::Comma, (0.0, 0));
        for separator in Self::ALL {
            let score = separator.score(sample(text));
            if score > best.1 {
                best = (separator, score);
            }
        }
        best.0
    }

    fn score(self, text: &[u8]) -> (f64, usize) {
        let text = self.single(text);
        let mut reader = self.reader(&text[..]);
        let mut record = ByteRecord::new();
        let mut lines = Vec::new();
        while lines.len() < SAMPLE_LINES && matches!(reader.read_byte_record(&mut record), Ok(true))
        {
            let is_number = |cell: &&[u8]| {
                let cell = std::str::from_utf8(cell).unwrap_or("?");
                matches!(Cell::of(cell, self), Cell::Number(..))
            };
            lines.push((record.len(), record.iter().filter(is_number).count()));
        }
        let alike = |width: usize| lines.iter().filter(|line| line.0 == width).count();
        let width = lines
            .iter()
            .map(|line| line.0)
            .filter(|&width| width > 1)
            .max_by_key(|&width| alike(width));
        let Some(width) = width else {
            return (0.0, 0);
        };
        let numbers: usize = lines
            .iter()
            .filter(|line| line.0 == width)
            .map(|line| line.1)
            .sum();
        let cells: usize = lines.iter().map(|line| line.0).sum();
        // A small share can come from numbers within the text of a header, so it does not count.
        let share = numbers as f64 / cells as f64;
        (if share < 0.5 { 0.0 } else { share }, alike(width))
    }

    /// A reader of the records of `text`, which must be a result of [`Separator::single`].
    pub(super) fn reader<R: Read>(self, text: R) -> Reader<R> {
        ReaderBuilder::new()
            .delimiter(self.byte())
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text)
    }

    /// The text with exactly one separator byte between cells: runs of blanks and tabs become one blank, and those at
    /// the start and end of a line are removed. The number of lines does not change.
    pub(super) fn single(self, text: &[u8]) -> Cow<'_, [u8]> {
        if self != Separator::Blank {
            return Cow::Borrowed(text);
        }
        let mut out = Vec::with_capacity(text.len());
        let (mut quotes, mut pending) = (Quotes::CellStart, false);
        for &byte in text {
            let within = quotes == Quotes::Within;
            if !within && (byte == b' ' || byte == b'\t') {
                pending |= !matches!(out.last(), None | Some(b'\n' | b'\r'));
                continue;
            }
            if pending && (within || !matches!(byte, b'\n' | b'\r')) {
                out.push(b' ');
                quotes = quotes.next(b' ', b' ');
            }
            pending = false;
            out.push(byte);
            quotes = quotes.next(byte, b' ');
        }
        Cow::Owned(out)
    }

    /// The position of a quote that opens a cell and is not closed.
    pub(super) fn open_quote(self, text: &[u8]) -> Option<usize> {
        let (mut quotes, mut opened) = (Quotes::CellStart, 0);
        for (place, &byte) in text.iter().enumerate() {
            let next = quotes.next(byte, self.byte());
            if quotes == Quotes::CellStart && next == Quotes::Within {
                opened = place;
            }
            quotes = next;
        }
        (quotes == Quotes::Within).then_some(opened)
    }
}

/// The state of the quote scanner. It follows the rules of the `csv` reader: a quote opens only at the start of a cell,
/// and two quotes within quotes are one quote of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    CellStart,
    Outside,
    Within,
    /// After a quote within quotes, which closes the cell or is the first of two.
    Closing,
}

impl Quotes {
    fn next(self, byte: u8, separator: u8) -> Quotes {
        let ends = byte == separator || byte == b'\n' || byte == b'\r';
        match (self, byte) {
            (Quotes::CellStart | Quotes::Closing, b'"') => Quotes::Within,
            (Quotes::Within, b'"') => Quotes::Closing,
            (Quotes::Within, _) => Quotes::Within,
            (Quotes::CellStart | Quotes::Outside | Quotes::Closing, _) if ends => Quotes::CellStart,
            (Quotes::CellStart | Quotes::Outside | Quotes::Closing, _) => Quotes::Outside,
        }
    }
}

/// Whole lines from the start of a text, at most [`SAMPLE_BYTES`] bytes.
fn sample(text: &[u8]) -> &[u8] {
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    let head = &text[..SAMPLE_BYTES];
    match head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(end) => &head[..end],
        None => head,
    }
}

/// The text in UTF-8 without a byte order mark, from UTF-8 or from UTF-16 with a byte order mark. Other bytes are
/// returned unchanged; the reader reports them if a cell that it reads contains them. `None` for invalid UTF-16 and for
/// text that appears to be UTF-16 without a mark.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let units = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return Some(Cow::Borrowed(rest)),
        [0xff, 0xfe, rest @ ..] => pairs(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => pairs(rest, u16::from_be_bytes)?,
        // In UTF-16 without a mark, digits and separators contain a zero byte.
        [0, ..] | [_, 0, ..] => return None,
        _ => return Some(Cow::Borrowed(bytes)),
    };
    Some(Cow::Owned(String::from_utf16(&units).ok()?.into_bytes()))
}

fn pairs(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Vec<u16>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|&pair| unit(pair)).collect())
}

/// A counter of lines from the start of a text: `\n`, `\r\n` and `\r` each end a line.
pub(super) struct Lines {
    counted: usize,
    line: u64,
}

impl Lines {
    pub(super) fn new() -> Self {
        Lines {
            counted: 0,
            line: 1,
        }
    }

    /// The line, from 1, of the byte at `place` of `text`, which is the same in all calls. `place` must not be smaller than
    /// in an earlier call.
    pub(super) fn at(&mut self, text: &[u8], place: usize) -> u64 {
        for at in self.counted..place {
            let ends = match text[at] {
                b'\n' => true,
                b'\r' => text.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends);
        }
        self.counted = self.counted.max(place);
        self.line
    }
}
