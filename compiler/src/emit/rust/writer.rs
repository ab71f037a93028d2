//! Text with indentation.

/// Lines of Rust, indented by their nesting.
#[derive(Default)]
pub(in crate::emit) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// One line.
    pub(in crate::emit) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.depth));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// `head {`, what `body` writes, `}`.
    pub(in crate::emit) fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Writer)) {
        self.block_with(head, "}", body);
    }

    /// `head {`, what `body` writes, `tail`.
    pub(in crate::emit) fn block_with(
        &mut self,
        head: impl AsRef<str>,
        tail: &str,
        body: impl FnOnce(&mut Writer),
    ) {
        let head = head.as_ref();
        self.line(if head.is_empty() {
            "{".to_string()
        } else {
            format!("{head} {{")
        });
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line(tail);
    }

    /// `head {` and what follows one level deeper, until [`Writer::close`].
    pub(in crate::emit) fn open(&mut self, head: impl AsRef<str>) {
        self.line(format!("{} {{", head.as_ref()));
        self.depth += 1;
    }

    /// `}`, one level back.
    pub(in crate::emit) fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    /// Nested `for` loops around what `body` writes.
    pub(in crate::emit) fn nest(
        &mut self,
        loops: &[(String, String)],
        body: impl FnOnce(&mut Writer),
    ) {
        for (name, range) in loops {
            self.line(format!("for {name} in {range} {{"));
            self.depth += 1;
        }
        body(self);
        for _ in loops {
            self.depth -= 1;
            self.line("}");
        }
    }

    pub(in crate::emit) fn finish(self) -> String {
        self.text
    }
}
