//! How far a build is, on standard error: a bar on a terminal, else a line at its start and one at its end.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

pub(super) struct Progress {
    title: String,
    start: Instant,
    /// Where standard error is a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `is_first` says that the libraries are to be built too.
    pub(super) fn start(spec: &Path, is_first: bool) -> Progress {
        let title = spec.display().to_string();
        let duration = if is_first {
            "first time: a minute or two; later specs take seconds"
        } else {
            "some seconds; once for each spec"
        };
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_message(format!("compiling {title}"));
            bar.set_prefix(duration);
            bar.set_style(style("{spinner} {msg} ({prefix}) {elapsed}"));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        let progress = Progress {
            title,
            start: Instant::now(),
            bar,
        };
        if progress.bar.is_none() {
            line(&format!("compiling {} ({duration})", progress.title));
        }
        progress
    }

    /// The build has so many crates.
    pub(super) fn total(&self, crates: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(0);
            bar.set_length(crates as u64);
            bar.set_style(style(
                "{spinner} {msg}: {pos} of {len} crates ({prefix}) {elapsed}",
            ));
        }
    }

    /// One of them is built, or was before.
    pub(super) fn crate_done(&self) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// A line of its own.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => line(text),
        }
    }

    /// The program is built.
    pub(super) fn done(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let seconds = self.start.elapsed().as_secs_f64();
        line(&format!("compiled {} in {seconds:.1} s", self.title));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are those above; one that cannot be read would show the default.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A closed standard error costs these lines and nothing else.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
