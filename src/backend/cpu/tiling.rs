//! How a batch is cut: samples into panels, panels into tiles, tiles into slots.
//!
//! A slot is the unit of work of a thread and owns one accumulator; slots are added up in their order.
//! Must hold: the cut depends on the batch size, the program and the machine's cores only, never on the number of
//! threads, so that the bits of a result do not either.

use std::ops::{Range, RangeInclusive};

use scorematch_kernels::panel::LANES;

use crate::program::{Layout, Tangents};

/// Tiles that a batch with as many panels is cut into at least: one for each core, as far as these bounds go. Fewer are
/// faster, since sums over samples take more panels at a time.
const FEWEST_TILES: RangeInclusive<usize> = 2..=16;
/// Slots of a large batch. More than the cores of a large machine would only add accumulators.
const MOST_SLOTS: usize = 32;
/// Slots that a batch keeps however large their accumulators are.
const KEPT_SLOTS: usize = 4;
/// Memory for accumulators above which a batch has only [`KEPT_SLOTS`].
const SLOT_BYTES: usize = 64 << 20;

/// Directions of a part at least: fewer are no more work than the values that every part copies.
const PART_DIRECTIONS: usize = 4;
/// Parts of a tile at most. More than a few only add accumulators.
pub(super) const MOST_PARTS: usize = 8;

/// The cut of one batch for one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    /// Samples of the batch, B.
    pub(super) samples: usize,
    /// Panels of a tile (the last may have fewer).
    pub(super) tile_panels: usize,
    /// Tiles of a slot (the last may have fewer).
    pub(super) slot_tiles: usize,
    /// Slots of the batch: of a lone tile one for each part of its directions.
    pub(super) slots: usize,
}

impl Tiling {
    /// The cut of `samples` samples, on a machine of so many cores, for a program whose tiles touch `touched` bytes of
    /// accumulators.
    pub(super) fn new(samples: usize, layout: &Layout, touched: usize, cores: usize) -> Self {
        let panels = samples.div_ceil(LANES);
        let fewest = cores.clamp(*FEWEST_TILES.start(), *FEWEST_TILES.end());
        // As many for every core, as far as that goes.
        let tiles = panels.div_ceil(layout.panels).next_multiple_of(fewest);
        let tile_panels = panels.div_ceil(tiles).max(1);
        let tiles = panels.div_ceil(tile_panels);
        let most = (SLOT_BYTES / touched.max(1)).clamp(KEPT_SLOTS, MOST_SLOTS);
        let slot_tiles = tiles.div_ceil(most);
        let slots = tiles.div_ceil(slot_tiles);
        let parts = match layout.tangents {
            Tangents::Exact(count) if tiles == 1 && layout.acc > 0 => {
                (count / PART_DIRECTIONS).clamp(1, cores.min(MOST_PARTS))
            }
            _ => 1,
        };
        Tiling {
            samples,
            tile_panels,
            slot_tiles,
            slots: slots.max(parts),
        }
    }

    /// Whether the batch is a lone tile whose directions are cut into parts, one a slot.
    pub(super) fn is_in_parts(&self) -> bool {
        self.slots > 1 && self.samples <= self.tile_samples()
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
    use crate::program::Uses;

    const LAYOUT: Layout = Layout {
        shared: 0,
        scratch_rows: 0,
        stream_reads: &[],
        stream_sums: &[],
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
            for (touched, cores) in [(0, 1), (4, 3), (1 << 20, 16), (1 << 30, 100)] {
                let tiling = Tiling::new(samples, &LAYOUT, touched, cores);
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
    fn a_usual_batch_has_a_tile_for_every_core() {
        for (cores, panels, slots) in [(1, 4, 2), (2, 4, 2), (3, 3, 3), (6, 2, 4), (64, 1, 8)] {
            let tiling = Tiling::new(128, &LAYOUT, 40_000, cores);
            assert_eq!(
                (tiling.tile_panels, tiling.slot_tiles, tiling.slots),
                (panels, 1, slots)
            );
        }
    }

    #[test]
    fn a_lone_tile_of_a_loss_has_its_directions_in_parts() {
        let parts = |tangents, acc, samples, cores| {
            let layout = Layout {
                tangents,
                acc,
                ..LAYOUT
            };
            let tiling = Tiling::new(samples, &layout, 4 * acc, cores);
            (
                if tiling.is_in_parts() {
                    tiling.slots
                } else {
                    1
                },
                tiling.slots,
            )
        };
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 2), (2, 2));
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 16), (2, 2));
        assert_eq!(
            parts(Tangents::Exact(1000), 1, 1, 64),
            (MOST_PARTS, MOST_PARTS)
        );
        assert_eq!(parts(Tangents::Exact(10), 1, 17, 2), (1, 2));
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 1), (1, 1));
        assert_eq!(parts(Tangents::Exact(3), 1, 16, 2), (1, 1));
        // A sample's value does not depend on its batch.
        assert_eq!(parts(Tangents::Exact(10), 0, 16, 2), (1, 1));
    }

    #[test]
    fn large_accumulators_have_few_slots() {
        assert_eq!(Tiling::new(100_000, &LAYOUT, 1 << 30, 8).slots, KEPT_SLOTS);
    }
}
