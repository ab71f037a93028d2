//! How a batch is cut: samples into panels, panels into tiles, tiles into partial accumulators.
//!
//! A partial accumulator is the unit of work of a thread: it holds the sums over some tiles. Partial accumulators are
//! added up in their order. Must hold: the cut depends on the batch size, the program and the machine's cores only,
//! never on the number of threads, so that the bits of a result do not either.

use std::ops::{Range, RangeInclusive};

use scorematch_kernels::panel::LANES;

use crate::program::{Layout, Tangents};

/// Tiles that a batch with as many panels is cut into at least: one for each core, as far as these bounds go. Fewer are
/// faster, since sums over samples take more panels at a time.
const FEWEST_TILES: RangeInclusive<usize> = 2..=16;
/// Partial accumulators of a large batch. More than a large machine has cores would only have to be added up.
const MOST_PARTIALS: usize = 32;
/// Partial accumulators that a batch keeps however large they are.
const KEPT_PARTIALS: usize = 4;
/// Memory for accumulators above which a batch has only [`KEPT_PARTIALS`].
const PARTIAL_BYTES: usize = 64 << 20;

/// Directions of a part at least: fewer are no more work than the values that every part copies.
const PART_DIRECTIONS: usize = 4;
/// Parts of a tile at most. More than a few only add accumulators.
pub(super) const MOST_DIRECTION_SPLITS: usize = 8;

/// The cut of one batch for one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiling {
    /// Samples of the batch, B.
    pub(super) samples: usize,
    /// Panels of a tile (the last may have fewer).
    pub(super) tile_panels: usize,
    /// Tiles of a partial accumulator (the last may have fewer).
    pub(super) tiles_per_partial: usize,
    /// Partial accumulators of the batch: of a lone tile one for each part of its directions.
    pub(super) partials: usize,
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
        let most = (PARTIAL_BYTES / touched.max(1)).clamp(KEPT_PARTIALS, MOST_PARTIALS);
        let tiles_per_partial = tiles.div_ceil(most);
        let partials = tiles.div_ceil(tiles_per_partial);
        let parts = match layout.tangents {
            Tangents::Exact(count) if tiles == 1 && layout.acc > 0 => {
                (count / PART_DIRECTIONS).clamp(1, cores.min(MOST_DIRECTION_SPLITS))
            }
            _ => 1,
        };
        Tiling {
            samples,
            tile_panels,
            tiles_per_partial,
            partials: partials.max(parts),
        }
    }

    /// Whether the batch is a lone tile whose directions are cut into parts, one a partial accumulator.
    pub(super) fn splits_directions(&self) -> bool {
        self.partials > 1 && self.samples <= self.tile_samples()
    }

    /// Samples of a tile.
    pub(super) fn tile_samples(&self) -> usize {
        self.tile_panels * LANES
    }

    /// The samples of a partial accumulator.
    pub(super) fn samples_of(&self, slot: usize) -> Range<usize> {
        let samples = self.tiles_per_partial * self.tile_samples();
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
    fn partials_cover_the_batch_in_order() {
        for samples in [1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 1000, 4099, 100_003] {
            for (touched, cores) in [(0, 1), (4, 3), (1 << 20, 16), (1 << 30, 100)] {
                let tiling = Tiling::new(samples, &LAYOUT, touched, cores);
                let mut next = 0;
                for slot in 0..tiling.partials {
                    let range = tiling.samples_of(slot);
                    assert_eq!(range.start, next);
                    assert!(range.end > next, "slot {slot} of {tiling:?} is empty");
                    next = range.end;
                }
                assert_eq!(next, samples);
                assert!(tiling.partials <= MOST_PARTIALS);
            }
        }
    }

    #[test]
    fn a_usual_batch_has_a_tile_for_every_core() {
        for (cores, panels, partials) in [(1, 4, 2), (2, 4, 2), (3, 3, 3), (6, 2, 4), (64, 1, 8)] {
            let tiling = Tiling::new(128, &LAYOUT, 40_000, cores);
            assert_eq!(
                (
                    tiling.tile_panels,
                    tiling.tiles_per_partial,
                    tiling.partials
                ),
                (panels, 1, partials)
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
                if tiling.splits_directions() {
                    tiling.partials
                } else {
                    1
                },
                tiling.partials,
            )
        };
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 2), (2, 2));
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 16), (2, 2));
        assert_eq!(
            parts(Tangents::Exact(1000), 1, 1, 64),
            (MOST_DIRECTION_SPLITS, MOST_DIRECTION_SPLITS)
        );
        assert_eq!(parts(Tangents::Exact(10), 1, 17, 2), (1, 2));
        assert_eq!(parts(Tangents::Exact(10), 1, 16, 1), (1, 1));
        assert_eq!(parts(Tangents::Exact(3), 1, 16, 2), (1, 1));
        // A sample's value does not depend on its batch.
        assert_eq!(parts(Tangents::Exact(10), 0, 16, 2), (1, 1));
    }

    #[test]
    fn large_accumulators_have_few_slots() {
        assert_eq!(
            Tiling::new(100_000, &LAYOUT, 1 << 30, 8).partials,
            KEPT_PARTIALS
        );
    }
}
