//! Layers: built-in functions that declare parameters.

use super::ast::Place;
use super::builtin::{Arguments, Builtin, Run};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::{InitRule, Lazy, Value};
use crate::ir::Label;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "dense",
        usage: "dense(x, 64)",
        arguments: (2, 2),
        options: &["bias"],
        run: Run::General(|lower, given| {
            let h = lower.tensor(&given.values[0], given.places[0]);
            let units = lower.size(&given.values[1], given.places[1], "the number of units");
            let bias = match given.option("bias") {
                Some((value, place)) => lower.bool(value, place, "bias")?,
                None => true,
            };
            let (h, units) = (h?, units?);
            let name = match given.alias {
                Some(text) => lower.interpolated(text)?,
                None => lower.parameters.next_dense(),
            };
            let name = lower.parameters.full(&name);
            let place = given.alias.map_or(given.place, |a| a.place);
            lower
                .dense(h, units, bias, &name, (place, given.places[0]))
                .map(Value::Tensor)
        }),
    },
    Builtin {
        name: "mlp",
        usage: "mlp(x, [64, 64], silu)",
        arguments: (3, 3),
        options: &["out"],
        run: Run::General(mlp),
    },
];

/// Dense layers of the given widths, each followed by the activation, then a dense layer of `out` units (1 by default).
/// The layers are numbered as in a PyTorch Sequential, in which activations count.
fn mlp<'a>(lower: &mut Lower<'a>, given: &Arguments<'a>) -> Outcome<Value<'a>> {
    let h = lower.tensor(&given.values[0], given.places[0]);
    let widths = lower
        .list(
            &given.values[1],
            given.places[1],
            "the widths of the hidden layers",
        )
        .and_then(|items| {
            let sizes: Vec<_> = items
                .iter()
                .map(|w| lower.size(w, given.places[1], "a width"))
                .collect();
            sizes.into_iter().collect::<Outcome<Vec<usize>>>()
        });
    let activation = match &given.values[2] {
        Value::Function(f) => Ok(f.clone()),
        other => {
            let message = format!(
                "expected the name of an activation such as `silu`, found {}",
                other.describe()
            );
            Err(lower.fail(given.places[2], message))
        }
    };
    let out = match given.option("out") {
        Some((value, place)) => lower.size(value, place, "the number of outputs"),
        None => Ok(1),
    };
    let (mut h, widths, activation, out) = (h?, widths?, activation?, out?);
    let (prefix, place) = match given.alias {
        Some(text) => {
            let local = lower.interpolated(text)?;
            (lower.parameters.full(&local), text.place)
        }
        None => (lower.parameters.next_mlp(), given.place),
    };
    for (i, &width) in widths.iter().enumerate() {
        let z = lower.dense(
            h,
            width,
            true,
            &format!("{prefix}.{}", 2 * i),
            (place, given.places[0]),
        )?;
        let shape = z.shape.clone();
        h = lower.apply(&activation, z, given.places[2])?;
        if h.shape != shape {
            let message = format!(
                "an activation keeps the shape; this one makes {:?} of {shape:?}",
                h.shape
            );
            return Err(lower.fail(given.places[2], message));
        }
    }
    let last = format!("{prefix}.{}", 2 * widths.len());
    lower
        .dense(h, out, true, &last, (place, given.places[0]))
        .map(Value::Tensor)
}

impl Lower<'_> {
    /// y = W h + b on the last axis, where W [units, in] and b [units] are named `name.weight` and `name.bias`.
    ///
    /// Both are initialised uniformly in ±1/√in, as in a PyTorch Linear.
    fn dense(
        &mut self,
        h: Lazy,
        units: usize,
        bias: bool,
        name: &str,
        (place, input): (Place, Place),
    ) -> Outcome<Lazy> {
        let Some(&inputs) = h.shape.last() else {
            let message = "dense acts on the last axis, and this is a single number (shape []): make it `reshape(…, [1])`";
            return Err(self.fail(input, message));
        };
        let mut shape = h.shape.clone();
        *shape.last_mut().expect("there is a last axis") = units;
        self.check_entries(&shape, place)?;
        self.graph_affordable(place)?;
        let weight = self.declare(
            format!("{name}.weight"),
            vec![units, inputs],
            InitRule::FanIn,
            place,
        )?;
        let bound = InitRule::Fixed(crate::ir::Init::Uniform(1.0 / (inputs as f64).sqrt()));
        let bias = bias
            .then(|| self.declare(format!("{name}.bias"), vec![units], bound, place))
            .transpose()?;
        let h = self.node(h);
        let rest: Vec<Label> = (1..shape.len()).map(|i| b'A' + i as u8).collect();
        let labels = |last: u8| [&rest[..], &[last]].concat();
        let z = self.graph.contract(
            vec![(weight, b"oi".to_vec()), (h, labels(b'i'))],
            labels(b'o'),
            None,
        );
        let z = match bias {
            Some(bias) => self.graph.add(z, bias),
            None => z,
        };
        Ok(self.plain(z))
    }
}
