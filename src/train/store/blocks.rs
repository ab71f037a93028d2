//! The blocks of a file that are in memory.

use scorematch_kernels::simd::Real;

use super::RowFile;
use crate::error::Result;

/// A file, and some blocks of its rows.
#[derive(Debug)]
pub(in crate::train) struct LoadedBlocks<T> {
    file: RowFile<T>,
    /// Rows of a block; the last one may have fewer.
    block: usize,
    /// For each block, the slot that holds it.
    slot_of: Vec<Option<usize>>,
    /// For each slot, the block that it holds.
    block_in: Vec<Option<usize>>,
    slots: Vec<Vec<T>>,
    /// For each slot, whether its block is needed; kept to reuse its memory.
    needed: Vec<bool>,
    /// The blocks that are needed and not there; kept to reuse its memory.
    missing: Vec<usize>,
    bytes: Vec<u8>,
}

impl<T: Real> LoadedBlocks<T> {
    pub(super) fn new(file: RowFile<T>, block: usize) -> Self {
        let blocks = file.rows().div_ceil(block);
        LoadedBlocks {
            file,
            block,
            slot_of: vec![None; blocks],
            block_in: Vec::new(),
            slots: Vec::new(),
            needed: Vec::new(),
            missing: Vec::new(),
            bytes: Vec::new(),
        }
    }

    pub(super) fn file(&self) -> &RowFile<T> {
        &self.file
    }

    /// Brings the blocks of these rows into memory. Slots of other blocks are used again.
    pub(super) fn prepare(&mut self, rows: &[usize]) -> Result<()> {
        self.needed.clear();
        self.needed.resize(self.slots.len(), false);
        self.missing.clear();
        for row in rows {
            let block = row / self.block;
            match self.slot_of[block] {
                Some(slot) => self.needed[slot] = true,
                None => self.missing.push(block),
            }
        }
        // In the order of the file.
        self.missing.sort_unstable();
        self.missing.dedup();
        let mut free = 0;
        for k in 0..self.missing.len() {
            let block = self.missing[k];
            while free < self.slots.len() && self.needed[free] {
                free += 1;
            }
            if free == self.slots.len() {
                self.slots.push(Vec::new());
                self.block_in.push(None);
                self.needed.push(false);
            }
            if let Some(old) = self.block_in[free].take() {
                self.slot_of[old] = None;
            }
            let first = block * self.block;
            let count = self.block.min(self.file.rows() - first);
            let values = &mut self.slots[free];
            values.resize(count * self.file.dim(), T::zero());
            self.file.read(first, values, &mut self.bytes)?;
            (self.block_in[free], self.slot_of[block]) = (Some(block), Some(free));
            self.needed[free] = true;
        }
        Ok(())
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        let dim = self.file.dim();
        let slot = self.slot_of[row / self.block].expect("the rows of a batch are ready");
        &self.slots[slot][row % self.block * dim..][..dim]
    }
}
