//! Indexing `x[…]`: entries and ranges of axes.

use super::ast::{Expr, Index, Place, Range};
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::value::{List, Value};

impl<'a> Lower<'a> {
    /// Applies one index per axis, from the first axis on. The remaining axes are kept.
    pub(super) fn indexed(
        &mut self,
        of: Value<'a>,
        of_place: Place,
        axes: &'a [Index],
        place: Place,
    ) -> Outcome<Value<'a>> {
        if let Value::List(items) | Value::Tuple(items) = &of {
            return self.item(items, axes, place);
        }
        let mut result = self.tensor(&of, of_place)?;
        let shape = result.shape.clone();
        if axes.is_empty() || axes.len() > shape.len() {
            let message = match shape.len() {
                0 => "a single number (shape []) has no entries to index".to_string(),
                n => format!(
                    "{} indices for shape {shape:?}: give 1 to {n}, one for each axis from the first on",
                    axes.len()
                ),
            };
            return Err(self.fail(place, message));
        }
        // Axes indexed by one number are removed at the end, so that axis numbers do not change before.
        let mut kept = Vec::new();
        for (axis, index) in axes.iter().enumerate() {
            let length = shape[axis];
            match index {
                Index::At(at) => match self.expression(at)? {
                    Value::List(items) => {
                        result = self.gathered(result, axis, &items, at.place)?;
                        kept.push(items.len());
                    }
                    one => {
                        let start = self.entry(&one, at.place, length)?;
                        let node = self.node(result);
                        let node = self.graph.slice(node, axis, start, 1);
                        result = self.plain(node);
                    }
                },
                Index::Range(range, range_place) => {
                    let (start, end) = self.range(range, *range_place, length)?;
                    let node = self.node(result);
                    let node = self.graph.slice(node, axis, start, end - start);
                    result = self.plain(node);
                    kept.push(end - start);
                }
            }
        }
        kept.extend(&shape[axes.len()..]);
        let node = self.node(result);
        let node = self.graph.reshape(node, kept);
        Ok(Value::Tensor(self.plain(node)))
    }

    /// An item, or a range of items, of a list or a tuple.
    fn item(&mut self, items: &[Value<'a>], axes: &'a [Index], place: Place) -> Outcome<Value<'a>> {
        match axes {
            [Index::At(at)] => {
                let index = self.expression(at)?;
                let position = self.entry(&index, at.place, items.len())?;
                Ok(items[position].clone())
            }
            [Index::Range(range, range_place)] => {
                let (start, end) = self.range(range, *range_place, items.len())?;
                self.spend(end - start, place)?;
                Ok(Value::List(List::new(items[start..end].to_vec())))
            }
            _ => Err(self.fail(
                place,
                "a list has one index; write `w[i][j]` for lists of lists",
            )),
        }
    }

    /// The first entry of a range, and the entry after its last.
    fn range(&mut self, range: &'a Range, place: Place, length: usize) -> Outcome<(usize, usize)> {
        let Range::Between {
            from,
            to,
            inclusive,
        } = range
        else {
            return Err(Reported);
        };
        let whole = length as i64;
        let mut end = |bound: &'a Option<Expr>, default: i64| -> Outcome<i64> {
            let Some(bound) = bound else {
                return Ok(default);
            };
            let value = self.expression(bound)?;
            let n = self.integer(&value, bound.place, "the end of a range")?;
            Ok(if n < 0 { n + whole } else { n })
        };
        let (start, stop) = (end(from, 0), end(to, whole));
        let (start, stop) = (
            start?,
            stop?.saturating_add(i64::from(*inclusive && to.is_some())),
        );
        if start < 0 || stop > whole {
            let message = format!("{start}..{stop} is out of range: the axis has {length} entries");
            return Err(self.fail(place, message));
        }
        if start >= stop {
            let message = format!("{start}..{stop} is empty: a range has at least one entry");
            return Err(self.fail(place, message));
        }
        Ok((start as usize, stop as usize))
    }
}
