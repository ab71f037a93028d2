//! The indices of a contraction.

/// An index of a contraction: its size and its stride in each operand, 0 where the operand lacks it.
///
/// An index with a stride of 0 in `c` is summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Values of the index.
    pub size: usize,
    /// Stride in the first operand.
    pub a: usize,
    /// Stride in the second operand.
    pub b: usize,
    /// Stride in the result.
    pub c: usize,
}

/// An index of size 1.
pub(super) const UNIT: Label = Label {
    size: 1,
    a: 0,
    b: 0,
    c: 0,
};

/// Labels, with pairs merged that every operand walks as one index, and without labels of size 1.
#[derive(Clone, Copy)]
pub(super) struct Merged<const N: usize> {
    pub(super) all: [Label; N],
    pub(super) len: usize,
}

impl<const N: usize> Merged<N> {
    pub(super) fn of(labels: [Label; N]) -> Self {
        let mut merged = Merged {
            all: [UNIT; N],
            len: 0,
        };
        for label in labels {
            // The strides of a label reach elements of slices, so that no end is too large a number.
            let inside = |l: &Label, of: &Label| {
                let is_end = |stride: usize, of: usize| l.size.checked_mul(stride) == Some(of);
                is_end(l.a, of.a) && is_end(l.b, of.b) && is_end(l.c, of.c)
            };
            let values = |l: &Label, of: &Label| {
                l.size
                    .checked_mul(of.size)
                    .expect("a contraction's labels have fewer values than can be counted")
            };
            let known = &mut merged.all[..merged.len];
            if label.size == 1 {
                continue;
            } else if let Some(other) = known.iter_mut().find(|other| inside(&label, other)) {
                *other = Label {
                    size: values(&label, other),
                    ..label
                };
            } else if let Some(other) = known.iter_mut().find(|other| inside(other, &label)) {
                other.size = values(&label, other);
            } else {
                merged.put(label);
            }
        }
        merged
    }

    pub(super) fn labels(&self) -> &[Label] {
        &self.all[..self.len]
    }

    /// Adds a label that was taken from these `N` labels; a label of size 1 is left out.
    pub(super) fn put(&mut self, label: Label) {
        if label.size != 1 {
            self.all[self.len] = label;
            self.len += 1;
        }
    }

    /// Removes label `i`.
    pub(super) fn remove(&mut self, i: usize) -> Label {
        self.len -= 1;
        self.all.swap(i, self.len);
        self.all[self.len]
    }

    /// Removes the largest label of a kind and returns it; an index of size 1 if there is none.
    pub(super) fn take(&mut self, kind: impl Fn(&Label) -> bool) -> Label {
        let largest = (0..self.len)
            .filter(|&i| kind(&self.all[i]))
            .max_by_key(|&i| self.all[i].size);
        largest.map_or(UNIT, |i| self.remove(i))
    }
}

/// Calls `f` with the three offsets at every value of the labels.
pub(super) fn walk(labels: &[Label], at: Label, f: &mut impl FnMut(Label)) {
    match labels {
        [] => f(at),
        [first, rest @ ..] => {
            for i in 0..first.size {
                let (a, b, c) = (at.a + i * first.a, at.b + i * first.b, at.c + i * first.c);
                walk(rest, Label { a, b, c, ..at }, f);
            }
        }
    }
}
