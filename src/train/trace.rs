//! Losses and times of the steps of a run, in bounded memory. Takes the loss of every step; produces one entry per step
//! of a short run, and one entry per block of consecutive steps of a long run.

use std::ops::Range;

use super::Report;

/// The largest number of entries; even, so that all entries can be joined in pairs.
pub(super) const MOST_ENTRIES: usize = 8192;

impl Report {
    /// Number of steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The loss of the last step's batch before the update.
    #[must_use]
    pub fn last_loss(&self) -> Option<f64> {
        self.last_step.map(|step| step.loss)
    }

    /// The mean loss of the batches of these steps. It is computed from whole entries of [`Report::losses`], each
    /// weighted by the number of these steps that it covers. `None` if none of these steps was made.
    #[must_use]
    pub fn mean_loss(&self, steps: Range<u64>) -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        let first = steps.start / self.stride;
        for (k, loss) in (first..).zip(self.losses.iter().skip(first as usize)) {
            let block = k * self.stride..((k + 1) * self.stride).min(self.steps);
            let shared = steps
                .end
                .min(block.end)
                .saturating_sub(steps.start.max(block.start));
            if shared == 0 {
                break;
            }
            sum += shared as f64 * loss;
            weight += shared as f64;
        }
        (weight > 0.0).then(|| sum / weight)
    }

    /// Records the loss of the next step, which ended at [`Report::seconds`].
    pub(super) fn note(&mut self, loss: f64) {
        let within = (self.steps % self.stride) as f64;
        self.steps += 1;
        if within > 0.0
            && let (Some(mean), Some(end)) = (self.losses.last_mut(), self.step_ends.last_mut())
        {
            *mean = *mean * (within / (within + 1.0)) + loss / (within + 1.0);
            *end = self.seconds;
            return;
        }
        if self.losses.len() == MOST_ENTRIES {
            self.join_pairs();
        }
        self.losses.push(loss);
        self.step_ends.push(self.seconds);
    }

    /// Joins the entries in pairs. All entries must be complete.
    fn join_pairs(&mut self) {
        let half = self.losses.len() / 2;
        for k in 0..half {
            self.losses[k] = 0.5 * self.losses[2 * k] + 0.5 * self.losses[2 * k + 1];
            self.step_ends[k] = self.step_ends[2 * k + 1];
        }
        self.losses.truncate(half);
        self.step_ends.truncate(half);
        self.stride *= 2;
    }

    /// The median over entries of the mean time per step.
    pub(super) fn median_step(&self) -> f64 {
        let starts = std::iter::once(0.0).chain(self.step_ends.iter().copied());
        let each = |(k, (end, start)): (usize, (&f64, f64))| {
            let steps = self.stride.min(self.steps - k as u64 * self.stride);
            (end - start) / steps as f64
        };
        let mut seconds: Vec<f64> = self
            .step_ends
            .iter()
            .zip(starts)
            .enumerate()
            .map(each)
            .collect();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(0.0)
    }
}
