//! Changes of a text: words and lines deleted, repeated, exchanged and replaced, numbers changed, brackets nested, characters
//! that no spec has.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// The random numbers of one spec.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What words are replaced by, or what is put between them.
const WORDS: [&str; 96] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "0.5",
    "1e308",
    "1e39",
    "1e-320",
    "1e999",
    "0.0",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775808",
    "340282366920938463463374607431768211456",
    "1_000",
    "0x10",
    "1f32",
    "1u8",
    "1e",
    "07",
    "x",
    "D",
    "M",
    "_",
    "self",
    "r#fn",
    "ä",
    "𝔼",
    "x\u{301}",
    "\u{202e}",
    "\u{0}",
    "'a",
    "'x'",
    "b'x'",
    "\"",
    "\"a b\"",
    "\"{i}\"",
    "r\"x\"",
    "/*",
    "//",
    "#",
    "#[doc = \"x\"]",
    "?",
    "!",
    "@",
    "$",
    "..",
    "..=",
    "...",
    "=>",
    "->",
    "::",
    "&",
    "&&",
    "|",
    "=",
    "==",
    "+=",
    "-",
    "*",
    "/",
    "%",
    "^",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "()",
    "[]",
    "{}",
    ",",
    ";",
    ":",
    ".",
    "let",
    "let mut",
    "fn",
    "net",
    "const",
    "param",
    "for i in 0..3 {",
    "as",
    "pub",
    "return",
    "if",
    "match",
    "true",
    "inf",
    "NaN",
    "PI",
];

/// Functions and parts of specs, of which each is put in place of a word.
const PARTS: [&str; 40] = [
    "sum(x)",
    "sum(x, axis = 0)",
    "sum(x, axis = -1, keep = true)",
    "mean(x)",
    "norm_sq(x)",
    "dot(x, x)",
    "dot(w, x)",
    "dense(x, 3)",
    "dense(x, 0)",
    "dense(x, 1000000000)",
    "mlp(x, [3, 3], silu)",
    "mlp(x, [], tanh)",
    "concat(x, x)",
    "concat()",
    "stack(x, x)",
    "reshape(x, [-1])",
    "reshape(x, [1, 2])",
    "transpose(x)",
    "pairs(x)",
    "logsumexp(x)",
    "softmax(x)",
    "softplus(x)",
    "pow(x, 3)",
    "pow(x, -0.5)",
    "pow(0, 0)",
    "exp(exp(exp(x)))",
    "sqrt(x - x)",
    "x / (x - x)",
    "x[0]",
    "x[..]",
    "x[1..1]",
    "x[[0, 0]]",
    "x[9999999999999999999]",
    "x[-1]",
    "size(x)",
    "abs(x)",
    "relu(x)",
    "solve(x, x)",
    "param w: [2] = normal(0.1);",
    "let (a, b) = x;",
];

/// Words of one kind, of which each may stand where another does.
const KINDS: [&[&str]; 5] = [
    &[
        "exp",
        "log",
        "log1p",
        "sqrt",
        "tanh",
        "sin",
        "cos",
        "sq",
        "abs",
        "relu",
        "silu",
        "gelu",
        "softplus",
        "sigmoid",
        "norm_sq",
        "sum",
        "mean",
        "logsumexp",
        "softmax",
        "transpose",
    ],
    &["+", "-", "*", "/"],
    &["dot", "concat", "stack", "pow", "dense", "blend"],
    &["normal", "uniform", "constant", "zeros", "ones", "eye"],
    &["let", "const", "param", "net", "fn"],
];

/// One of the specs with up to four changes.
pub(crate) fn changed(specs: &[String], random: &mut Random) -> String {
    let mut text = specs[random.below(specs.len())].clone();
    let (changes, gentle) = match random.below(3) {
        0 => (1 + random.below(4), 1),
        _ => (1 + random.below(2), 3),
    };
    for _ in 0..changes {
        text = match random.below(4) < gentle {
            true => changed_gently(&text, random),
            false => change(&text, specs, random),
        };
        // Lines that are repeated would double the text each time.
        if text.len() > 1 << 16 {
            text = text.chars().take(1 << 14).collect();
        }
    }
    text
}

/// A change that many specs survive: another number, or another word of the same kind.
fn changed_gently(text: &str, random: &mut Random) -> String {
    let mut places = Vec::new();
    for (start, end) in words(text) {
        let word = &text[start..end];
        let kind = KINDS.into_iter().find(|kind| kind.contains(&word));
        if word.starts_with(|c: char| c.is_ascii_digit()) || kind.is_some() {
            places.push((start, end, kind));
        }
    }
    let Some(&(start, end, kind)) = places.get(random.below(places.len())) else {
        return text.to_owned();
    };
    let new = match kind {
        Some(kind) => random.of(kind).to_owned(),
        None => changed_number(&text[start..end], random),
    };
    format!("{}{new}{}", &text[..start], &text[end..])
}

fn change(text: &str, specs: &[String], random: &mut Random) -> String {
    if random.below(12) == 0 {
        return changed_lines(text, random);
    }
    if random.below(12) == 0 {
        return changed_character(text, random);
    }
    let words = words(text);
    if words.is_empty() {
        return random.of(&WORDS).to_owned();
    }
    let at = random.below(words.len());
    let (start, end) = words[at];
    let word = &text[start..end];
    let others = words[random.below(words.len())];
    let put = |new: &str| format!("{}{new}{}", &text[..start], &text[end..]);
    match random.below(12) {
        0 => put(""),
        1 => put(&format!("{word} {word}")),
        2 => put(&text[others.0..others.1]),
        3 => exchanged(text, (start, end), others),
        4 => put(random.of(&WORDS)),
        5 => put(&format!("{word} {}", random.of(&WORDS))),
        6 => put(random.of(&PARTS)),
        7 => put(&format!("{} {word}", random.of(&PARTS))),
        8 => {
            let other = &specs[random.below(specs.len())];
            let theirs = self::words(other);
            let Some(&(start, end)) = theirs.get(random.below(theirs.len())) else {
                return put("");
            };
            put(&other[start..end])
        }
        9 => nested(word, random, put),
        // Numbers are what sizes are made of.
        _ => {
            let numbers: Vec<_> = words
                .iter()
                .filter(|(start, _)| text[*start..].starts_with(|c: char| c.is_ascii_digit()))
                .collect();
            let Some(&&(start, end)) = numbers.get(random.below(numbers.len())) else {
                return put(random.of(&WORDS[..22]));
            };
            let number = changed_number(&text[start..end], random);
            format!("{}{number}{}", &text[..start], &text[end..])
        }
    }
}

/// The places of words and marks.
fn words(text: &str) -> Vec<(usize, usize)> {
    let wordy = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let end = match wordy(first) {
            true => start + rest.find(|c: char| !wordy(c)).unwrap_or(rest.len()),
            false => start + first.len_utf8(),
        };
        if !first.is_whitespace() {
            words.push((start, end));
        }
        start = end;
    }
    words
}

fn exchanged(text: &str, one: (usize, usize), other: (usize, usize)) -> String {
    let (first, second) = (one.min(other), one.max(other));
    if first == second {
        return text.to_owned();
    }
    [
        &text[..first.0],
        &text[second.0..second.1],
        &text[first.1..second.0],
        &text[first.0..first.1],
        &text[second.1..],
    ]
    .concat()
}

fn nested(word: &str, random: &mut Random, put: impl Fn(&str) -> String) -> String {
    let depth = [1, 3, 20, 100, 3000][random.below(5)];
    let (open, close) = [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("sum(", ")"),
        ("-", ""),
        ("tanh(", " + 1)"),
        ("(", ""),
    ][random.below(7)];
    put(&format!(
        "{}{word}{}",
        open.repeat(depth),
        close.repeat(depth)
    ))
}

fn changed_number(number: &str, random: &mut Random) -> String {
    let value: u64 = number.parse().unwrap_or(7);
    match random.below(12) {
        8 => "1".to_owned(),
        9 | 10 => (1 + random.below(9)).to_string(),
        11 => format!("{value}.0"),
        0 => value.wrapping_add(1).to_string(),
        1 => value.wrapping_sub(1).to_string(),
        2 => value.wrapping_mul(10).to_string(),
        3 => value.wrapping_mul(1 << 20).to_string(),
        4 => format!("{number}.5"),
        5 => format!("{number}e{}", random.below(400)),
        6 => format!("{number}{number}"),
        _ => random.of(&WORDS[..22]).to_owned(),
    }
}

fn changed_lines(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = random.below(lines.len());
    let line = lines.get(at).copied().unwrap_or("\n");
    match random.below(4) {
        0 if !lines.is_empty() => drop(lines.remove(at)),
        1 => lines.insert(at, line),
        2 => (0..[2, 40, 700][random.below(3)]).for_each(|_| lines.insert(at, line)),
        _ => {
            let other = random.below(lines.len());
            if !lines.is_empty() {
                lines.swap(at, other);
            }
        }
    }
    lines.concat()
}

fn changed_character(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len());
    match random.below(4) {
        0 if !characters.is_empty() => drop(characters.remove(at)),
        1 => characters.truncate(at),
        2 => characters.insert(
            at,
            char::from_u32(random.below(0x3000) as u32).unwrap_or('\u{fffd}'),
        ),
        _ => characters.insert(at, char::from(random.below(128) as u8)),
    }
    characters.into_iter().collect()
}
