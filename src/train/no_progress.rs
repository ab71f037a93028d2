//! A progress bar that draws nothing, for builds without the feature `progress`.

use super::{HeldOut, StepInfo};

/// A progress bar that draws nothing.
pub(super) struct Progress;

impl Progress {
    pub(super) fn start(_: bool, _: u64, _: &str) -> Self {
        Progress
    }

    pub(super) fn step(&mut self, _: &StepInfo) {}

    pub(super) fn judged(&mut self, _: &HeldOut) {}

    pub(super) fn finish(&self) {}
}
