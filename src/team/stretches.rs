//! An array that several threads write, a stretch each.

use std::marker::PhantomData;

/// An array cut into stretches that threads work on at the same time.
pub(crate) struct Stretches<'a, T> {
    start: *mut T,
    len: usize,
    /// Of a stretch; the last may be shorter.
    size: usize,
    array: PhantomData<&'a mut [T]>,
}

// SAFETY: a stretch is lent to one thread at a time, as `Stretches::of` asks, and its elements may be sent to threads.
unsafe impl<T: Send> Sync for Stretches<'_, T> {}

impl<'a, T> Stretches<'a, T> {
    pub(crate) fn of(array: &'a mut [T], size: usize) -> Self {
        Stretches {
            start: array.as_mut_ptr(),
            len: array.len(),
            size,
            array: PhantomData,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.len.div_ceil(self.size)
    }

    /// Stretch `i`; empty behind the last.
    ///
    /// # Safety
    /// While it is used, nobody asks for the same one.
    #[expect(
        clippy::mut_from_ref,
        reason = "each stretch has one user, as the caller promises"
    )]
    pub(crate) unsafe fn stretch(&self, i: usize) -> &mut [T] {
        let from = (i * self.size).min(self.len);
        let size = self.size.min(self.len - from);
        // SAFETY: the stretch lies in the array, which is borrowed for as long as `self`; stretches do not meet, and
        // this one has no other user, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(from), size) }
    }
}
