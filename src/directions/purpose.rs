//! The one way in which random keys are derived from a user's seed: a purpose and an index give a seed of their own.

use super::philox::philox;

/// What random numbers are for. Every purpose has seeds of its own, whatever the user's seed and the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Which rows are held out.
    Split,
    /// The order of the rows of an epoch, the index.
    Order,
    /// The noise that is added to training rows.
    Jitter,
    /// Projection directions of a training loss, and the noise of denoising score matching.
    Directions,
    /// The noise under which held-out rows are evaluated.
    HeldOut,
    /// Which training rows are evaluated beside held-out rows.
    TrainingRows,
    /// Proposals of Markov chains.
    Proposal,
    /// Whether proposals are accepted.
    Acceptance,
    /// The order of the rows in a window of blocks; the index is the number of the window.
    Window,
}

impl Purpose {
    /// The seed of this purpose and index under a user's seed: Philox of (index, purpose) with the seed as key. Its last
    /// counter word is 1, which that of a step's key is not, so that both may stand on one seed.
    pub(crate) fn seed(self, seed: u64, index: u64) -> u64 {
        let counter = [index as u32, (index >> 32) as u32, self as u32, 1];
        let words = philox(
            counter.map(|word| [word]),
            [seed as u32, (seed >> 32) as u32],
        );
        u64::from(words[0][0]) | u64::from(words[1][0]) << 32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::directions::philox::step_key;

    const ALL: [Purpose; 9] = [
        Purpose::Split,
        Purpose::Order,
        Purpose::Jitter,
        Purpose::Directions,
        Purpose::HeldOut,
        Purpose::TrainingRows,
        Purpose::Proposal,
        Purpose::Acceptance,
        Purpose::Window,
    ];

    /// Neighbours, numbers that differ in one bit, and the constants by which seeds are often told apart.
    fn seeds() -> HashSet<u64> {
        let mut seeds: HashSet<u64> = (0..16).chain((0..64).map(|bit| 1 << bit)).collect();
        let gamma = 0x9e37_79b9_7f4a_7c15_u64;
        seeds.extend((1..8).flat_map(|k| [gamma.wrapping_mul(k), k.wrapping_neg()]));
        seeds.extend((0..8).map(|k| (1 << 63) + k));
        seeds
    }

    #[test]
    fn no_two_of_seed_purpose_and_index_share_a_seed_or_a_step_key() {
        let (mut found, mut count) = (HashSet::new(), 0);
        for seed in seeds() {
            for purpose in ALL {
                for index in (0..8).chain([1 << 32, u64::MAX]) {
                    found.insert(purpose.seed(seed, index));
                    count += 1;
                }
            }
        }
        assert_eq!(found.len(), count);
        let (mut keys, mut count) = (HashSet::new(), 0);
        for seed in seeds() {
            for purpose in ALL {
                for step in 0..8 {
                    keys.insert(step_key(purpose.seed(seed, 0), step));
                    count += 1;
                }
            }
            keys.extend((0..8).map(|step| step_key(seed, step)));
            count += 8;
        }
        assert_eq!(keys.len(), count);
    }
}
