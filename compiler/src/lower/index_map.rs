//! Index maps of gathers and scatters: as ranges where they are such, else as lists.

/// Indices along one axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IndexMap {
    /// For each range r < pieces, the entries e < count + r·count_step of start + r·start_step + e·step.
    ///
    /// Both sides of all pairs i < j of n rows are such maps, and so is any slice with a stride.
    Ranges {
        /// Number of ranges.
        pieces: usize,
        /// The first index of the first range.
        start: usize,
        /// From the first index of one range to that of the next.
        start_step: isize,
        /// Entries of the first range.
        count: usize,
        /// From the entries of one range to those of the next.
        count_step: isize,
        /// From one index of a range to the next.
        step: isize,
    },
    /// Any indices.
    List(Vec<usize>),
}

impl IndexMap {
    /// The map with these indices.
    pub fn new(indices: &[usize]) -> IndexMap {
        ranges(indices).unwrap_or_else(|| IndexMap::List(indices.to_vec()))
    }

    /// The indices in order.
    pub fn indices(&self) -> Vec<usize> {
        match *self {
            IndexMap::List(ref indices) => indices.clone(),
            IndexMap::Ranges {
                pieces,
                start,
                start_step,
                count,
                count_step,
                step,
            } => (0..pieces)
                .flat_map(|r| {
                    let first = on(start, start_step, r);
                    (0..on(count, count_step, r)).map(move |e| on(first, step, e))
                })
                .collect(),
        }
    }

    /// The number of indices.
    #[allow(clippy::len_without_is_empty, reason = "a map has an index")]
    pub fn len(&self) -> usize {
        match self {
            IndexMap::List(indices) => indices.len(),
            IndexMap::Ranges { .. } => self.indices().len(),
        }
    }
}

/// `base + n·step`, which the ranges of a map keep from being negative.
fn on(base: usize, step: isize, n: usize) -> usize {
    base.saturating_add_signed(step * n as isize)
}

/// Indices as ranges with one step, if their starts and lengths are arithmetic progressions.
fn ranges(indices: &[usize]) -> Option<IndexMap> {
    let between = |a: usize, b: usize| b as isize - a as isize;
    let step = match indices {
        [a, b, ..] => between(*a, *b),
        _ => 0,
    };
    let pieces: Vec<&[usize]> = indices.chunk_by(|a, b| between(*a, *b) == step).collect();
    let first = pieces.first()?;
    let (start_step, count_step) = match pieces.get(1) {
        Some(second) => (
            between(first[0], second[0]),
            between(first.len(), second.len()),
        ),
        None => (0, 0),
    };
    let alike = pieces.windows(2).all(|pair| {
        between(pair[0][0], pair[1][0]) == start_step
            && between(pair[0].len(), pair[1].len()) == count_step
    });
    alike.then_some(IndexMap::Ranges {
        pieces: pieces.len(),
        start: first[0],
        start_step,
        count: first.len(),
        count_step,
        step,
    })
}

#[cfg(test)]
mod tests {
    use super::IndexMap;

    fn is_ranges(indices: &[usize]) -> bool {
        let map = IndexMap::new(indices);
        assert_eq!(map.indices(), indices, "{map:?}");
        assert_eq!(map.len(), indices.len());
        matches!(map, IndexMap::Ranges { .. })
    }

    #[test]
    fn regular_indices_are_ranges() {
        for n in 2..7 {
            let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
            let (first, second): (Vec<usize>, Vec<usize>) = pairs.unzip();
            assert!(is_ranges(&first), "{first:?}");
            assert!(is_ranges(&second), "{second:?}");
        }
        for indices in [
            &[4][..],
            &[2, 2, 2],
            &[0, 3, 6],
            &[5, 4, 3, 2],
            &[0, 1, 2, 0, 1, 2],
            &[3, 2, 1, 0, 4, 3, 2, 1],
        ] {
            assert!(is_ranges(indices), "{indices:?}");
        }
    }

    #[test]
    fn other_indices_are_lists() {
        for indices in [&[0, 1, 3, 5, 6, 9][..], &[0, 2, 1, 3, 3], &[1, 0, 2, 0]] {
            assert!(!is_ranges(indices), "{indices:?}");
        }
    }
}
