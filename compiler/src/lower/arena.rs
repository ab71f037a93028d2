//! First-fit allocation of feature ranges.

/// Allocated features, and the ranges that were freed.
#[derive(Default)]
pub(super) struct Arena {
    /// Features that all ranges together have needed.
    pub(super) size: usize,
    /// Free ranges (start, length), sorted, never adjacent.
    free: Vec<(usize, usize)>,
}

impl Arena {
    /// The start of the first free range of `len` features, or of a new one at the end.
    pub(super) fn take(&mut self, len: usize) -> usize {
        if let Some(i) = self.free.iter().position(|f| f.1 >= len) {
            let (start, space) = self.free[i];
            if space == len {
                self.free.remove(i);
            } else {
                self.free[i] = (start + len, space - len);
            }
            return start;
        }
        let start = match self.free.last() {
            Some(&(start, space)) if start + space == self.size => {
                self.free.pop();
                start
            }
            _ => self.size,
        };
        self.size = start + len;
        start
    }

    /// Frees the `len` features from `start` on.
    pub(super) fn give_back(&mut self, start: usize, len: usize) {
        let i = self.free.partition_point(|f| f.0 < start);
        self.free.insert(i, (start, len));
        if i + 1 < self.free.len() && start + len == self.free[i + 1].0 {
            self.free[i].1 += self.free.remove(i + 1).1;
        }
        if i > 0 && self.free[i - 1].0 + self.free[i - 1].1 == start {
            self.free[i - 1].1 += self.free.remove(i).1;
        }
    }
}
