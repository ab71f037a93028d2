//! Python text: indented lines, numbers, tuples, strings.

/// The width from which lists of numbers are broken.
const WIDTH: usize = 100;

/// Lines, indented by their nesting.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// `head` and what follows one level deeper, until [`Writer::close`].
    pub(super) fn open(&mut self, head: impl AsRef<str>) {
        self.line(head);
        self.depth += 1;
    }

    pub(super) fn close(&mut self) {
        self.depth -= 1;
    }

    /// `call([entries]options)`, over several lines where one would be too long.
    pub(super) fn entries(&mut self, call: &str, entries: &[String], options: &str) {
        let list = entries.join(", ");
        if 4 * self.depth + call.len() + list.len() + options.len() < WIDTH {
            self.line(format!("{call}([{list}]{options})"));
            return;
        }
        self.open(format!("{call}(["));
        let mut row = String::new();
        for entry in entries {
            if !row.is_empty() && 4 * self.depth + row.len() + entry.len() + 2 > WIDTH {
                self.line(row.trim_end());
                row.clear();
            }
            row.push_str(entry);
            row.push_str(", ");
        }
        self.line(row.trim_end());
        self.close();
        self.line(format!("]{options})"));
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A float literal with all digits.
pub(super) fn number(value: f64) -> String {
    format!("{value:?}")
}

pub(super) fn numbers(values: impl Iterator<Item = f64>) -> Vec<String> {
    values.map(number).collect()
}

/// `(3, 2)`, `(3,)` or `()`
pub(super) fn tuple(sizes: &[usize]) -> String {
    match sizes {
        [only] => format!("({only},)"),
        _ => format!("({})", list(sizes)),
    }
}

/// `3, 2`
pub(super) fn list(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    sizes.join(", ")
}

/// `[3, 2]`
pub(super) fn shape(sizes: &[usize]) -> String {
    format!("[{}]", list(sizes))
}

/// A string literal. Names of parameters have no quotes and no backslashes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
