//! Changes of a file: of its bytes, of its lines, and of the values in it.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The random numbers of one input.
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number from 0 to below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }
}

/// What values are replaced by, in TOML and JSON; some are none in either.
const VALUES: [&str; 46] = [
    // Numbers.
    "0",
    "1",
    "2",
    "3",
    "-1",
    "0.5",
    "1.0",
    "-0.0",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "7",
    "1000",
    "1e-320",
    "1e-30",
    "1e30",
    "1e300",
    "1e308",
    "1e999",
    "4294967296",
    "1000000000000",
    "1000000000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "99999999999999999999999",
    "true",
    "false",
    "\"\"",
    "\"nan\"",
    "\"0\"",
    "\"ä\\u0000\"",
    "\"esm\"",
    "\"ssm:1000\"",
    "\"ssm_vr:3\"",
    "\"dsm:0.1\"",
    "\"dsm:nan\"",
    "[]",
    "[1, 2]",
    "{}",
    "{ steps = 3 }",
    "{\"steps\": 3}",
    "1979-05-27",
    "null",
    "NaN",
];

/// How many of them are numbers.
const NUMBERS: usize = 27;

/// Lines of settings that the sound ones lack.
const LINES: [&str; 22] = [
    "[train]",
    "[data]",
    "[train.optimizer.sgd]",
    "[train.length]",
    "[train.schedule]",
    "[[train]]",
    "clip = 1.0",
    "ema = 0.5",
    "patience = 1",
    "held_out_draws = 1",
    "held_out_noise = 0.5",
    "min_improvement = 2.0",
    "report_every = 1",
    "evaluate_every = 1",
    "held_out_estimator = \"mean\"",
    "held_out_estimator = { trimmed = 0.1 }",
    "held_out_estimator = { median_of_means = 4 }",
    "columns = \"all\"",
    "columns = { named = [\"a\"] }",
    "observe_every = 1",
    "units = \"data\"",
    "a.b.c.d = 1",
];

/// A file with up to three changes.
pub(super) fn changed(sound: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..1 + random.below(3) {
        bytes = match std::str::from_utf8(&bytes) {
            Ok(text) if random.below(5) > 0 => changed_text(text, random).into_bytes(),
            _ => changed_bytes(bytes, random),
        };
    }
    bytes
}

fn changed_bytes(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    if bytes.is_empty() {
        return vec![random.below(256) as u8];
    }
    let at = random.below(bytes.len());
    match random.below(8) {
        0 => bytes[at] = random.below(256) as u8,
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = [0, 1, 127, 128, 255][random.below(5)],
        3 => drop(bytes.remove(at)),
        4 => bytes.insert(at, random.below(256) as u8),
        5 => bytes.truncate(at),
        6 => {
            let end = (at + 8).min(bytes.len());
            bytes[at..end].fill(0xff);
        }
        _ => {
            let part = bytes[at..(at + 100).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
    }
    bytes
}

fn changed_text(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return LINES[random.below(LINES.len())].to_owned();
    }
    let at = random.below(lines.len());
    let other = random.below(lines.len());
    match random.below(10) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[other].clone()),
        2 => lines.swap(at, other),
        3 => lines.insert(at, LINES[random.below(LINES.len())].to_owned()),
        4 => {
            let depth = [3, 200, 20_000][random.below(3)];
            let (open, close) = [("[", "]"), ("{a=", "}"), ("{\"a\":", "}")][random.below(3)];
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            lines[at] = with_value(&lines[at], &nested, random);
        }
        5 => {
            let theirs =
                value(&lines[other], random).map_or("1", |(start, end)| &lines[other][start..end]);
            lines[at] = with_value(&lines[at], theirs, random);
        }
        _ => lines[at] = with_value(&lines[at], VALUES[random.below(VALUES.len())], random),
    }
    lines.join("\n") + "\n"
}

/// Where a value of a line stands: behind `=` or `:`.
fn value(line: &str, random: &mut Random) -> Option<(usize, usize)> {
    let marks: Vec<usize> = line
        .match_indices(['=', ':'])
        .map(|(at, _)| at + 1)
        .collect();
    let start = *marks.get(random.below(marks.len()))?;
    let length = line[start..].find([',', '}']).unwrap_or(line.len() - start);
    Some((start, start + length))
}

/// A line with another value. Half of the numbers become other numbers, which get further than text does.
fn with_value(line: &str, new: &str, random: &mut Random) -> String {
    let numbers = &VALUES[..NUMBERS];
    match value(line, random) {
        Some((start, end))
            if line[start..end].trim().parse::<f64>().is_ok() && random.below(2) == 0 =>
        {
            let sound = line[start..end].trim();
            let new = match random.below(4) {
                0 => numbers[random.below(NUMBERS)].to_owned(),
                1 => format!("{sound}{}", random.below(1000)),
                2 if sound.contains(['.', 'e']) => format!("-{sound}"),
                2 => (random.below(200)).to_string(),
                _ if sound.contains(['.', 'e']) => format!("0.{}", random.below(100)),
                _ => format!("{}", 1 + random.below(5)),
            };
            format!("{} {new}{}", &line[..start], &line[end..])
        }
        Some((start, end)) => format!("{} {new}{}", &line[..start], &line[end..]),
        None => new.to_owned(),
    }
}
