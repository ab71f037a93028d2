//! How a batch is cut: samples into panels, panels into tiles, tiles into slots.
//!
//! A slot is the unit of work of a thread and owns one accumulator; slots are added up in their order.
//! Must hold: the cut depends on the batch size and the program only, never on the number of threads, so
//! that the bits of a result do not either.

use std::ops::Range;

use crate::panel::LANES;
use crate::program::Layout;

/// A batch has at least this many tiles, where it has as many panels.
const FEWEST_TILES: usize = 4;
/// Slots of a large batch. More than the cores of a large machine would only add accumulators.
const MOST_SLOTS: usize = 32;
/// Slots that a batch keeps however large their accumulators are.
const KEPT_SLOTS: usize = 4;
/// Memory for accumulators above which a batch has only [`KEPT_SLOTS`].
const SLOT_BYTES: usize = 64 << 20;

/// The cut of one batch for one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    /// Samples of the batch, B.
    pub(super) samples: usize,
    /// Panels of a tile (the last may have fewer).
    pub(super) tile_panels: usize,
    /// Tiles of a slot (the last may have fewer).
    pub(super) slot_tiles: usize,
    /// Slots of the batch.
    pub(super) slots: usize,
}

impl Tiling {
    /// The cut of `samples` samples for a program whose tiles touch `touched` bytes of accumulators.
    pub(super) fn new(samples: usize, layout: &Layout, touched: usize) -> Self {
        let panels = samples.div_ceil(LANES);
        let tile_panels = (panels / FEWEST_TILES).clamp(1, layout.panels);
        let tiles = panels.div_ceil(tile_panels);
        let most = (SLOT_BYTES / touched.max(1)).clamp(KEPT_SLOTS, MOST_SLOTS);
        let slot_tiles = tiles.div_ceil(most);
        Tiling {
            samples,
            tile_panels,
            slot_tiles,
            slots: tiles.div_ceil(slot_tiles),
        }
    }

    /// Samples of a tile.
    pub(super) fn tile_samples(&self) -> usize {
        self.tile_panels * LANES
    }

    /// The samples of a slot.
    pub(super) fn slot(&self, slot: usize) -> Range<usize> {
        let samples = self.slot_tiles * self.tile_samples();
        (slot * samples).min(self.samples)..((slot + 1) * samples).min(self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Tangents, Uses};

    const LAYOUT: Layout = Layout {
        shared: 0,
        scratch_rows: 0,
        acc: 0,
        panels: 4,
        chunk: 1,
        tangents: Tangents::None,
        out_rows: 0,
        uses: Uses {
            v: false,
            omega: false,
        },
        deferred: &[],
    };

    #[test]
    fn slots_cover_the_batch_in_order() {
        for samples in [1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 4099, 100_003] {
            for touched in [0, 4, 1 << 20, 1 << 30] {
                let tiling = Tiling::new(samples, &LAYOUT, touched);
                let mut next = 0;
                for slot in 0..tiling.slots {
                    let range = tiling.slot(slot);
                    assert_eq!(range.start, next);
                    assert!(range.end > next, "slot {slot} of {tiling:?} is empty");
                    next = range.end;
                }
                assert_eq!(next, samples);
                assert!(tiling.slots <= MOST_SLOTS);
            }
        }
    }

    #[test]
    fn a_usual_batch_has_four_tiles() {
        let tiling = Tiling::new(128, &LAYOUT, 40_000);
        assert_eq!(
            (tiling.tile_panels, tiling.slot_tiles, tiling.slots),
            (2, 1, 4)
        );
    }

    #[test]
    fn large_accumulators_have_few_slots() {
        assert_eq!(Tiling::new(100_000, &LAYOUT, 1 << 30).slots, KEPT_SLOTS);
    }
}
