//! What blocks of registers of products and outer products have in common: how rows are cut into them, and how their
//! text is written so that all sums stay in registers and little else is done between two multiply-adds.

/// Rows of a block at most, as many as `each_row` has.
pub(super) const MOST_ROWS: usize = 12;

/// Rows that are reached from one pointer.
pub(super) const NEAR: usize = 3;

/// Pointers to every `NEAR`-th of the rows of a block.
pub(super) type RowPointers<T> = [*const T; MOST_ROWS / NEAR];

/// How many strips have how many rows, of `rows` rows in as few strips of up to `most` as can be, as even as they can be:
/// 128 rows are 18 strips of 6 and 4 of 5, never a slow one of 2.
pub(super) fn even_strips(rows: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let strips = rows.div_ceil(most).max(1);
    let (larger, least) = (rows % strips, rows / strips);
    [(larger, least + 1), (strips - larger, least)]
        .into_iter()
        .filter(|&(count, rows)| count * rows > 0)
}

/// `body` for every row `r` below `R`, one after another in the text: where the optimiser finds a loop too long to unroll,
/// that has all sums moved to memory.
macro_rules! each_row {
    ($R:expr, $r:ident => $body:expr) => {
        $crate::panel::block::each_row!($R, $r => $body, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    ($R:expr, $r:ident => $body:expr, $($row:literal)*) => {
        $(if $row < $R {
            let $r = $row;
            $body
        })*
    };
}
pub(super) use each_row;

/// The first row of a block, and every `NEAR`-th after it, `row` scalars apart.
#[inline(always)]
pub(super) fn row_pointers<T>(first: *const T, row: usize) -> RowPointers<T> {
    // Those past the last row are not read; the stride of a lone row may be any number.
    std::array::from_fn(|b| hidden(first.wrapping_add((b * NEAR).wrapping_mul(row))))
}

/// The pointer, hidden from the optimiser: that would keep a pointer to every row, reach each from the one before, a chain
/// of additions that is longer than the multiply-adds take, and add to each of them in every step.
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
