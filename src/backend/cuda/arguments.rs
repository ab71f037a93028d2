//! What kernels are launched with: the structures that Rust and CUDA C both declare. Fields have the names, the order and
//! the types of the CUDA structures; the assertions below and those beside the CUDA structures state the same numbers.

use std::mem::{align_of, offset_of};

use cudarc::driver::{DeviceRepr, ValidAsZeroBits};

use crate::error::DeviceError;

/// The arguments of a program: `Arguments` of `kernels/cuda/tile.cuh`. Addresses on the device, 0 for none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arguments {
    pub(super) params: u64,
    pub(super) x: u64,
    pub(super) v: u64,
    pub(super) directions: u64,
    pub(super) shared: u64,
    pub(super) acc: u64,
    pub(super) partials: u64,
    pub(super) out: u64,
    pub(super) deferred: u64,
    pub(super) workspace: u64,
    pub(super) arrived: u64,
    pub(super) batch: i32,
    pub(super) count: i32,
    pub(super) whole: i32,
    pub(super) weight: f32,
    pub(super) sigma: f32,
}

/// The arguments of one step, which the host chooses: `Step` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    /// Where the batch starts in the order that comes with the steps.
    pub(super) start: i32,
    /// Its samples.
    pub(super) batch: i32,
    /// Their place in the whole batch: the number of the first sample, and the number of all samples.
    pub(super) first: i32,
    pub(super) whole: i32,
    /// Keys of the step's random numbers.
    pub(super) jitter_key: [u32; 2],
    pub(super) loss_key: [u32; 2],
    /// Adam: learning rate / (1 − β₁ᵗ); gradient descent: the learning rate.
    pub(super) learning_rate: f32,
    /// Adam: 1/√(1 − β₂ᵗ).
    pub(super) root: f32,
    /// Adam: 1 − learning rate·decay.
    pub(super) keep: f32,
}

impl Step {
    /// The share of a step that GPU `rank` of `ranks` has; none where there are fewer samples than GPUs.
    pub(super) fn share(self, rank: usize, ranks: usize) -> Step {
        // Two numbers of 32 bits multiply to one of 64, and the quotient is no greater than the first.
        let cut = |k: usize| (self.whole as u64 * k as u64 / ranks as u64) as i32;
        Step {
            start: self.start + cut(rank),
            batch: cut(rank + 1) - cut(rank),
            first: cut(rank),
            ..self
        }
    }
}

/// The record of one step: `Record` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    pub(super) loss: f32,
    /// ‖∇loss‖ before clipping.
    pub(super) norm: f32,
    /// The largest size of a loss so far, negative for none.
    pub(super) largest: f32,
    /// Whether this step was not sound, and made no update.
    pub(super) halted: i32,
}

/// A training run: `Training` of `kernels/cuda/train.cuh`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Training {
    pub(super) data: u64,
    pub(super) order: u64,
    pub(super) steps: u64,
    pub(super) records: u64,
    pub(super) x: u64,
    pub(super) v: u64,
    pub(super) directions: u64,
    pub(super) reflections: u64,
    pub(super) params: u64,
    pub(super) last_finite: u64,
    pub(super) first: u64,
    pub(super) second: u64,
    pub(super) mean: u64,
    pub(super) parts: u64,
    pub(super) count: i32,
    pub(super) kind: i32,
    pub(super) noise: i32,
    pub(super) jitter: f32,
    pub(super) rule: Rule,
    pub(super) clip: f32,
    pub(super) averaging: f32,
}

/// The rule of the updates: `rule` to `epsilon` of `Training`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rule {
    /// Adam with or without decay (0), gradient descent (1), the same in Nesterov's form (2).
    pub(super) kind: i32,
    /// β₁, or the momentum.
    pub(super) beta1: f32,
    pub(super) rest1: f32,
    pub(super) beta2: f32,
    pub(super) rest2: f32,
    pub(super) epsilon: f32,
}

/// Asserts the size and the alignment of a structure, and where fields of it are.
macro_rules! layout {
    ($name:ident: $size:literal, $align:literal; $($field:ident at $offset:literal),*) => {
        const _: () = {
            assert!(size_of::<$name>() == $size && align_of::<$name>() == $align);
            $(assert!(offset_of!($name, $field) == $offset);)*
        };

        #[cfg(test)]
        impl $name {
            const SIZE: usize = $size;
            const FIELDS: &[(&str, usize)] = &[$((stringify!($field), $offset)),*];
        }
    };
}

layout!(Arguments: 112, 8; params at 0, x at 8, v at 16, directions at 24, shared at 32, acc at 40, partials at 48,
    out at 56, deferred at 64, workspace at 72, arrived at 80, batch at 88, count at 92, whole at 96, weight at 100,
    sigma at 104);
layout!(Step: 44, 4; start at 0, batch at 4, first at 8, whole at 12, jitter_key at 16, loss_key at 24, learning_rate at 32,
    root at 36, keep at 40);
layout!(Record: 16, 4; loss at 0, norm at 4, largest at 8, halted at 12);
layout!(Training: 160, 8; data at 0, order at 8, steps at 16, records at 24, x at 32, v at 40, directions at 48,
    reflections at 56, params at 64, last_finite at 72, first at 80, second at 88, mean at 96, parts at 104, count at 112, kind at 116,
    noise at 120, jitter at 124, rule at 128, clip at 152, averaging at 156);
layout!(Rule: 24, 4; kind at 0, beta1 at 4, rest1 at 8, beta2 at 12, rest2 at 16, epsilon at 20);

// SAFETY: the fields are those of the device's structure, in its order and with its alignment, as asserted above.
unsafe impl DeviceRepr for Arguments {}
// SAFETY: as above.
unsafe impl DeviceRepr for Step {}
// SAFETY: as above.
unsafe impl DeviceRepr for Record {}
// SAFETY: as above.
unsafe impl DeviceRepr for Training {}
// SAFETY: zeros are values of all fields.
unsafe impl ValidAsZeroBits for Step {}
// SAFETY: as above.
unsafe impl ValidAsZeroBits for Record {}

/// A number in the device's integer type.
pub(super) fn int(number: usize) -> Result<i32, DeviceError> {
    i32::try_from(number).map_err(|_| DeviceError::Driver {
        action: "count the samples or directions of a batch",
        message: format!("{number} is more than {}", i32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use scorematch_kernels::cuda as sources;

    use super::*;

    /// Each side asserts its own numbers; here they are the same.
    #[test]
    fn cuda_asserts_the_same_layout() {
        let text = sources::text(&sources::PROGRAM) + &sources::text(&sources::TRAINING);
        let has = |line: String| assert!(text.contains(&line), "{line}");
        for (name, size, fields) in [
            ("Arguments", Arguments::SIZE, Arguments::FIELDS),
            ("Step", Step::SIZE, Step::FIELDS),
            ("Record", Record::SIZE, Record::FIELDS),
            ("Training", Training::SIZE, Training::FIELDS),
        ] {
            has(format!("static_assert(sizeof({name}) == {size},"));
            for (field, offset) in fields {
                has(format!("FIELD_AT({name}, {field}, {offset});"));
            }
        }
        let rule = offset_of!(Training, rule);
        for (field, offset) in &Rule::FIELDS[1..] {
            has(format!("FIELD_AT(Training, {field}, {});", rule + offset));
        }
        assert_eq!(rule + Rule::SIZE, offset_of!(Training, clip));
    }

    #[test]
    fn shares_follow_each_other_and_cover_the_batch() {
        for batch in [0, 1, 2, 3, 7, 64, i32::MAX] {
            for ranks in 1..=5 {
                let step = Step {
                    start: 0,
                    batch,
                    whole: batch,
                    ..Step::default()
                };
                let mut next = 0;
                for rank in 0..ranks {
                    let share = step.share(rank, ranks);
                    assert_eq!((share.start, share.first, share.whole), (next, next, batch));
                    let most = (batch as usize).div_ceil(ranks);
                    assert!((0..=most).contains(&(share.batch as usize)));
                    next += share.batch;
                }
                assert_eq!(next, batch);
            }
        }
    }
}
