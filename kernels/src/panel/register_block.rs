//! Register blocks of GEMMs and rank-k updates: how rows are cut into them, and how their loops are written so that all
//! sums stay in registers and little else runs between two multiply-adds.

/// Rows of a block at most, as many as `each_row` has.
pub(super) const MOST_ROWS: usize = 12;

/// Rows that are reached from one pointer.
pub(super) const NEAR: usize = 3;

/// Pointers to every `NEAR`-th of the rows of a block.
pub(super) type RowPointers<T> = [*const T; MOST_ROWS / NEAR];

/// Cuts `rows` rows into as few row blocks of up to `most` as possible, as even as possible: how many blocks have how
/// many rows. 128 rows are 18 blocks of 6 and 4 of 5, never a slow one of 2.
pub(super) fn even_row_blocks(rows: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let row_blocks = rows.div_ceil(most).max(1);
    let (larger, least) = (rows % row_blocks, rows / row_blocks);
    [(larger, least + 1), (row_blocks - larger, least)]
        .into_iter()
        .filter(|&(count, rows)| count * rows > 0)
}

/// Repeats `body` in the text for every row `r` below `R`. A loop that the optimiser does not unroll because of its
/// length would keep all sums in memory.
macro_rules! each_row {
    ($R:expr, $r:ident => $body:expr) => {
        $crate::panel::register_block::each_row!($R, $r => $body, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    ($R:expr, $r:ident => $body:expr, $($row:literal)*) => {
        $(if const { $row < $R } {
            let $r = $row;
            $body
        })*
    };
}
pub(super) use each_row;

/// The first row of a block, and every `NEAR`-th after it, `row` scalars apart.
#[inline(always)]
pub(super) fn row_pointers<T>(first: *const T, row: usize) -> RowPointers<T> {
    // Pointers past the last row are not read; the stride of a single row may be any number.
    std::array::from_fn(|b| hidden(first.wrapping_add((b * NEAR).wrapping_mul(row))))
}

/// The pointer, hidden from the optimiser. Otherwise the optimiser keeps a pointer to every row, computes each from the
/// one before, a chain of additions that takes longer than the multiply-adds, and increments all of them in every step.
#[inline(always)]
#[allow(
    clippy::pointers_in_nomem_asm_block,
    reason = "nothing is done through the pointer"
)]
pub(super) fn hidden<T>(pointer: *const T) -> *const T {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        let mut pointer = pointer;
        // SAFETY: no instruction.
        unsafe {
            std::arch::asm!("/* {0} */", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    pointer
}
