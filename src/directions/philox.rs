//! The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as
//! easy as 1, 2, 3", SC 2011): 128 random bits as a function of a 128-bit counter and a 64-bit key.
//!
//! No state: a draw needs nothing but its own number, so threads and batches in any order give the same bits.

/// Multipliers of the two halves of a round (table 2 of the paper).
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What a round adds to the key: the golden ratio and √3 − 1.
const KEY_STEP: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// Rounds: the paper's recommendation.
const ROUNDS: usize = 10;

/// The random words of `N` counters under one key; `counter[i][lane]` is word i of a counter.
#[inline(always)]
pub(super) fn philox<const N: usize>(
    mut counter: [[u32; N]; 4],
    mut key: [u32; 2],
) -> [[u32; N]; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key[0] = key[0].wrapping_add(KEY_STEP[0]);
            key[1] = key[1].wrapping_add(KEY_STEP[1]);
        }
        let mut next = [[0; N]; 4];
        for lane in 0..N {
            let even = u64::from(MULTIPLIERS[0]) * u64::from(counter[0][lane]);
            let odd = u64::from(MULTIPLIERS[1]) * u64::from(counter[2][lane]);
            next[0][lane] = (odd >> 32) as u32 ^ counter[1][lane] ^ key[0];
            next[1][lane] = odd as u32;
            next[2][lane] = (even >> 32) as u32 ^ counter[3][lane] ^ key[1];
            next[3][lane] = even as u32;
        }
        counter = next;
    }
    counter
}

/// The key of all draws of one step: Philox of the step under the seed.
pub(crate) fn step_key(seed: u64, step: u64) -> [u32; 2] {
    let words = philox(
        [[step as u32], [(step >> 32) as u32], [0], [0]],
        [seed as u32, (seed >> 32) as u32],
    );
    [words[0][0], words[1][0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the authors' library Random123 (`kat_vectors`, `philox4x32 10`).
    #[test]
    fn known_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(
                philox(counter.map(|word| [word]), key).map(|word| word[0]),
                expected
            );
            assert_eq!(
                philox(counter.map(|word| [word; 16]), key),
                expected.map(|word| [word; 16])
            );
        }
    }

    #[test]
    fn seeds_and_steps_give_their_own_keys() {
        let keys = [(0, 0), (0, 1), (1, 0), (0, 1 << 32), (1 << 32, 0)]
            .map(|(seed, step)| step_key(seed, step));
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key));
        }
    }
}
