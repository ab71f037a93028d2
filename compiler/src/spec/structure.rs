//! Data movement: functions that rearrange entries without arithmetic.

use super::ast::Place;
use super::builtin::{Arguments, Builtin, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::{Lazy, Value};

type General = for<'a> fn(&mut Lower<'a>, &Arguments<'a>) -> Outcome<Value<'a>>;

const fn structural(
    name: &'static str,
    usage: &'static str,
    arguments: (usize, usize),
    options: &'static [&'static str],
    run: General,
) -> Builtin {
    Builtin {
        name,
        usage,
        arguments,
        options,
        run: Run::General(run),
    }
}

pub(super) const BUILTINS: &[Builtin] = &[
    structural("reshape", "reshape(a, [4, 3])", (2, 2), &[], reshape),
    structural("flatten", "flatten(a)", (1, 1), &[], |lower, given| {
        let a = operand(lower, given)?;
        let shape = vec![a.shape.iter().product()];
        let node = lower.node(a);
        let node = lower.graph.reshape(node, shape);
        Ok(Value::Tensor(lower.plain(node)))
    }),
    structural("transpose", "transpose(a, [1, 0])", (1, 2), &[], transpose),
    structural(
        "concat",
        "concat(a, b, axis = 0)",
        (1, usize::MAX),
        &["axis"],
        |lower, given| {
            let parts = operands(lower, given)?;
            if let Some(i) = parts.iter().position(|p| p.shape.is_empty()) {
                let message = "this is a single number (shape []) and has no axis to join along: use `stack`, or `reshape(…, [1])`";
                return Err(lower.fail(given.places[i], message));
            }
            let axis = axis_option(lower, given, &parts[0].shape)?;
            joined(lower, parts, axis, given).map(Value::Tensor)
        },
    ),
    structural(
        "stack",
        "stack(a, b, axis = 0)",
        (1, usize::MAX),
        &["axis"],
        |lower, given| {
            let parts = operands(lower, given)?;
            let axis = axis_option(lower, given, &[&[1], &parts[0].shape[..]].concat())?;
            let mut taller = Vec::new();
            for part in parts {
                let mut shape = part.shape.clone();
                shape.insert(axis.min(shape.len()), 1);
                let node = lower.node(part);
                let node = lower.graph.reshape(node, shape);
                taller.push(lower.plain(node));
            }
            joined(lower, taller, axis, given).map(Value::Tensor)
        },
    ),
    structural(
        "gather",
        "gather(a, [0, 2], axis = 0)",
        (2, 2),
        &["axis"],
        |lower, given| {
            let a = operand(lower, given)?;
            let axis = axis_option(lower, given, &a.shape)?;
            let indices = lower.list(&given.values[1], given.places[1], "the entries to take")?;
            lower
                .gathered(a, axis, &indices, given.places[1])
                .map(Value::Tensor)
        },
    ),
    structural("pairs", "pairs(a)", (1, 1), &[], pairs),
    structural(
        "size",
        "size(a, axis = 0)",
        (1, 1),
        &["axis"],
        |lower, given| {
            let a = operand(lower, given)?;
            let size = match given.option("axis") {
                Some((value, place)) => a.shape[lower.axis(value, place, &a.shape)?],
                None => a.shape.iter().product(),
            };
            Ok(Value::Number(size as f64))
        },
    ),
];

fn operand<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Lazy> {
    lower.tensor(&given.values[0], given.places[0])
}

fn operands<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Vec<Lazy>> {
    let parts: Vec<_> = given
        .values
        .iter()
        .zip(&given.places)
        .map(|(v, &p)| lower.tensor(v, p))
        .collect();
    parts.into_iter().collect()
}

fn axis_option<'a>(
    lower: &mut Lower<'a>,
    given: &Arguments<'a>,
    shape: &[usize],
) -> Outcome<usize> {
    let first = (Value::Number(0.0), given.places[0]);
    let (value, place) = given.option("axis").unwrap_or((&first.0, first.1));
    lower.axis(value, place, shape)
}

/// The same entries in row-major order. One size may be −1; it is computed from the others.
fn reshape<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let a = operand(lower, given);
    let items = lower.list(&given.values[1], given.places[1], "a shape")?;
    let free = |v: &Value| matches!(v, Value::Number(n) if *n == -1.0);
    let mut shape = Vec::new();
    for item in items.iter() {
        shape.push(if free(item) {
            1
        } else {
            lower.size(item, given.places[1], "a size")?
        });
    }
    let a = a?;
    // The check precedes the product of the sizes, which could overflow.
    lower.check_entries(&shape, given.place)?;
    let (known, count): (usize, usize) = (shape.iter().product(), a.shape.iter().product());
    let open: Vec<usize> = (0..items.len()).filter(|&i| free(&items[i])).collect();
    if let [i] = open[..]
        && count % known == 0
    {
        shape[i] = count / known;
    }
    if shape.iter().product::<usize>() != count || open.len() > 1 {
        let message = format!(
            "{:?} has {count} entries, which do not fill {}",
            a.shape,
            list_text(&items)
        );
        return Err(lower.fail(given.place, message));
    }
    lower.check_entries(&shape, given.place)?;
    let node = lower.node(a);
    let node = lower.graph.reshape(node, shape);
    Ok(Value::Tensor(lower.plain(node)))
}

fn list_text(items: &[Value<'_>]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|i| i.describe().replace("the number ", ""))
        .collect();
    format!("[{}]", items.join(", "))
}

/// The array with its axes in the given order, or in reverse order.
fn transpose<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let a = operand(lower, given)?;
    let rank = a.shape.len();
    let order = match given.values.get(1) {
        None => (0..rank).rev().collect(),
        Some(value) => {
            let place = given.places[1];
            let items = lower.list(value, place, "the order of axes")?;
            let order: Vec<Outcome<usize>> = items
                .iter()
                .map(|i| lower.axis(i, place, &a.shape))
                .collect();
            let order: Vec<usize> = order.into_iter().collect::<Outcome<_>>()?;
            if (0..rank).any(|i| !order.contains(&i)) || order.len() != rank {
                let message = format!(
                    "an order names each of the {rank} axes of {:?} once, found {order:?}",
                    a.shape
                );
                return Err(lower.fail(place, message));
            }
            order
        }
    };
    let node = lower.node(a);
    let node = lower.graph.transpose(node, &order);
    Ok(Value::Tensor(lower.plain(node)))
}

fn joined<'a>(
    lower: &mut Lower<'a>,
    parts: Vec<Lazy>,
    axis: usize,
    given: &Arguments<'a>,
) -> Outcome<Lazy> {
    let without = |shape: &[usize]| -> Vec<usize> {
        shape
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != axis)
            .map(|(_, &n)| n)
            .collect()
    };
    let first = parts[0].shape.clone();
    for (part, &place) in parts.iter().zip(&given.places) {
        if part.shape.len() != first.len() || without(&part.shape) != without(&first) {
            let message = format!(
                "shapes {first:?} and {:?} cannot be joined along axis {axis}: every other axis must have the same size",
                part.shape
            );
            return Err(lower.fail(place, message));
        }
    }
    let nodes: Vec<_> = parts.into_iter().map(|p| lower.node(p)).collect();
    let node = lower.graph.concat(&nodes, axis);
    let result = lower.plain(node);
    lower.check_entries(&result.shape, given.place)?;
    Ok(result)
}

/// Row i and row j for all pairs i < j, as a tuple of two arrays.
fn pairs<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let a = operand(lower, given)?;
    let rows = a.shape.first().copied().unwrap_or(0);
    if rows < 2 {
        let message = format!(
            "`pairs` takes two or more rows, and this has shape {:?}",
            a.shape
        );
        return Err(lower.fail(given.places[0], message));
    }
    // An axis has at most 2^30 entries.
    let count = rows * (rows - 1) / 2;
    let shape = [&[count], &a.shape[1..]].concat();
    lower.check_entries(&shape, given.place)?;
    lower.table_fits(2 * count, given.place)?;
    let all = || (0..rows).flat_map(|i| (i + 1..rows).map(move |j| (i, j)));
    let (first, second): (Vec<usize>, Vec<usize>) = all().unzip();
    let node = lower.node(a);
    let mut sides = Vec::new();
    for indices in [first, second] {
        let side = lower.tabled(count, given.place, |g| g.gather(node, 0, &indices))?;
        sides.push(Value::Tensor(lower.plain(side)));
    }
    lower.listed(sides, given.place).map(Value::Tuple)
}

impl<'a> Lower<'a> {
    /// An axis of the shape; negative numbers count from the end.
    pub(super) fn axis(
        &mut self,
        value: &Value<'a>,
        place: Place,
        shape: &[usize],
    ) -> Outcome<usize> {
        let axis = self.integer(value, place, "an axis")?;
        let rank = shape.len() as i64;
        if rank == 0 {
            return Err(self.fail(place, "a single number (shape []) has no axes"));
        }
        if axis >= rank || axis < -rank {
            let message = format!(
                "axis {axis} is out of range: {shape:?} has axes 0 to {}",
                rank - 1
            );
            return Err(self.fail(place, message));
        }
        Ok(axis.rem_euclid(rank) as usize)
    }

    /// An entry of an axis of this length; negative numbers count from the end.
    pub(super) fn entry(
        &mut self,
        value: &Value<'a>,
        place: Place,
        length: usize,
    ) -> Outcome<usize> {
        let index = self.integer(value, place, "an index")?;
        let length = length as i64;
        if index >= length || index < -length {
            let message = format!(
                "index {index} is out of range: the axis has {length} entries, 0 to {}",
                length - 1
            );
            return Err(self.fail(place, message));
        }
        Ok(index.rem_euclid(length) as usize)
    }

    /// The given entries of one axis.
    pub(super) fn gathered(
        &mut self,
        a: Lazy,
        axis: usize,
        indices: &[Value<'a>],
        place: Place,
    ) -> Outcome<Lazy> {
        let length = a.shape[axis];
        self.table_fits(indices.len(), place)?;
        let indices: Vec<_> = indices
            .iter()
            .map(|i| self.entry(i, place, length))
            .collect();
        let indices: Vec<usize> = indices.into_iter().collect::<Outcome<_>>()?;
        if indices.is_empty() {
            return Err(self.fail(
                place,
                "no entries are taken: a list of indices has at least one",
            ));
        }
        let mut shape = a.shape.clone();
        shape[axis] = indices.len();
        self.check_entries(&shape, place)?;
        let node = self.node(a);
        let node = self.tabled(indices.len(), place, |g| g.gather(node, axis, &indices))?;
        Ok(self.plain(node))
    }
}
