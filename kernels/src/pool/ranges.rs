//! An array that several threads write, a range each.

use std::marker::PhantomData;

/// An array cut into ranges that threads work on at the same time.
pub(super) struct Ranges<'a, T> {
    start: *mut T,
    len: usize,
    /// Of a range; the last may be shorter.
    size: usize,
    array: PhantomData<&'a mut [T]>,
}

// SAFETY: one thread at a time borrows a range, as `Ranges::range` asks, and its elements may be sent to threads.
unsafe impl<T: Send> Sync for Ranges<'_, T> {}

impl<'a, T> Ranges<'a, T> {
    /// # Panics
    /// A range has no elements.
    pub(super) fn of(array: &'a mut [T], size: usize) -> Self {
        assert!(size > 0, "ranges of an array have elements");
        Ranges {
            start: array.as_mut_ptr(),
            len: array.len(),
            size,
            array: PhantomData,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.len.div_ceil(self.size)
    }

    /// Range `i`; empty behind the last.
    ///
    /// # Safety
    /// While it is used, no other thread asks for the same one.
    #[expect(
        clippy::mut_from_ref,
        reason = "each range has one user, as the caller promises"
    )]
    pub(super) unsafe fn range(&self, i: usize) -> &mut [T] {
        // A wrapped product would be the start of another range.
        let from = i.saturating_mul(self.size).min(self.len);
        let size = self.size.min(self.len - from);
        // SAFETY: the range lies in the array, which is borrowed for as long as `self`; ranges do not meet, and this
        // one has no other user, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), size) }
    }
}
