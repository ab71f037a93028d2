//! The progress bar: steps, loss, held-out loss, learning rate, remaining time. It draws nothing if stderr is not a
//! terminal.

use std::fmt::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{HeldOut, StepInfo};

/// The shortest time between two changes of the message; steps are usually shorter.
const EVERY: Duration = Duration::from_millis(100);

/// A bar on stderr, which may be hidden.
pub(super) struct Progress {
    bar: ProgressBar,
    told: Option<Instant>,
    held_out: String,
}

impl Progress {
    pub(super) fn start(shown: bool, steps: u64, name: &str) -> Self {
        // A draw target on stderr is hidden if stderr is not a terminal.
        let target = if shown {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template(
            "{prefix} {bar:24} {pos}/{len} {msg}, {speed}, {eta} left",
        )
        .expect("the template is a constant")
        .with_key("speed", |state: &ProgressState, text: &mut dyn Write| {
            // An error in drawing the bar must not end the run.
            let _ = write!(text, "{:.0} steps/s", state.per_sec());
        });
        let bar = ProgressBar::with_draw_target(Some(steps), target)
            .with_style(style)
            .with_prefix(name.to_owned());
        Self {
            bar,
            told: None,
            held_out: String::new(),
        }
    }

    pub(super) fn step(&mut self, info: &StepInfo) {
        if self.bar.is_hidden() || self.told.is_some_and(|told| told.elapsed() < EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        self.bar.set_position(info.step + 1);
        self.bar.set_message(format!(
            "loss {:.4}{}, learning rate {:.2e}",
            info.loss, self.held_out, info.learning_rate
        ));
    }

    pub(super) fn judged(&mut self, held_out: &HeldOut) {
        if !self.bar.is_hidden() {
            self.held_out = format!(", held-out {:.4}", held_out.loss);
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
