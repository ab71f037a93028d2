//! Spec text of a recipe: values with known shapes, statements that make new ones, and an energy that uses them all.
//!
//! Arguments of logarithms, roots and quotients are kept inside their domains and of kinked functions off the kinks,
//! so that every energy is smooth around every point. Values are scaled back when they are estimated to grow, so that
//! finite differences have digits left.

use super::recipe::{Entry, Recipe};
use super::statements;
use std::fmt::Write as _;

/// A value with a name.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    /// Whether it depends on x.
    pub(crate) sample: bool,
    /// About how large its entries are.
    pub(crate) size: f64,
    used: bool,
}

impl Value {
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub(crate) fn last(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }
}

/// A network that later statements may call again.
#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) name: String,
    /// Lengths of the last axis of what it takes and makes.
    pub(crate) inputs: usize,
    pub(crate) units: usize,
}

/// Entries a value may have: enough for every rank, few enough for an interpreter.
pub(crate) const MOST: usize = 24;

/// A value is scaled back from here on.
const LARGE: f64 = 2.0;

#[derive(Default)]
pub(crate) struct Writer {
    lines: Vec<String>,
    pub(crate) values: Vec<Value>,
    /// Matrices and networks that may serve again.
    pub(crate) matrices: Vec<Value>,
    pub(crate) nets: Vec<Net>,
    names: usize,
}

impl Writer {
    pub(crate) fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    pub(crate) fn fresh(&mut self, letter: &str) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    /// A value, which is thereby used: every other time the latest, so that energies grow deep and not only wide.
    pub(crate) fn take(&mut self, n: u16) -> Value {
        let back = if n.is_multiple_of(2) {
            0
        } else {
            usize::from(n / 2) % self.values.len()
        };
        let at = self.values.len() - 1 - back;
        self.values[at].used = true;
        self.values[at].clone()
    }

    /// A parameter that the statement at hand uses.
    pub(crate) fn param(&mut self, shape: Vec<usize>) -> Value {
        let name = self.fresh("p");
        self.line(format!("param {name}: {shape:?};"));
        Value {
            name,
            shape,
            sample: false,
            size: 0.6,
            used: true,
        }
    }

    /// A parameter among the values.
    pub(crate) fn declare(&mut self, shape: Vec<usize>) {
        let mut value = self.param(shape);
        value.used = false;
        self.values.push(value);
    }

    /// `let` a new value.
    pub(crate) fn bind(&mut self, expression: &str, shape: Vec<usize>, of: &[&Value], size: f64) {
        let name = self.fresh("v");
        if size > LARGE {
            self.line(format!(
                "let {name} = {:.3} * ({expression});",
                LARGE / size
            ));
        } else {
            self.line(format!("let {name} = {expression};"));
        }
        self.values.push(Value {
            name,
            shape,
            sample: of.iter().any(|v| v.sample),
            size: size.min(LARGE),
            used: false,
        });
    }

    /// A value of one entry made of any.
    pub(crate) fn number(v: &Value) -> String {
        if v.shape.is_empty() {
            v.name.clone()
        } else {
            format!("mean({})", v.name)
        }
    }

    /// The energy: what nothing used yet. Shared values weigh a value that depends on x, or stand alone.
    fn energy(&self, ending: u16) -> String {
        let unused = |sample: bool| {
            self.values
                .iter()
                .filter(move |v| !v.used && v.sample == sample)
        };
        let mut terms: Vec<String> = unused(true)
            .enumerate()
            .map(|(i, v)| match (usize::from(ending) + i) % 4 {
                0 | 1 => Writer::number(v),
                2 => format!("0.5 * norm_sq({})", v.name),
                _ if v.shape.is_empty() => format!("sin({})", v.name),
                _ => format!("logsumexp({})", v.name),
            })
            .collect();
        let weighed = terms.first().cloned().unwrap_or_default();
        for (i, v) in unused(false).enumerate() {
            terms.push(match (usize::from(ending / 4) + i) % 3 {
                0 => Writer::number(v),
                _ => format!("{} * ({weighed})", Writer::number(v)),
            });
        }
        terms.join(" + ")
    }
}

/// The text of a model called `Random`.
pub(crate) fn spec(recipe: &Recipe) -> String {
    let mut w = Writer::default();
    let x = Value {
        name: "x".to_string(),
        shape: recipe.x.clone(),
        sample: true,
        size: 0.6,
        used: false,
    };
    let mut quadratic = String::new();
    match recipe.entry {
        Entry::Free => w.values.push(x),
        Entry::Narrow {
            rows,
            second,
            quadratic: beside,
        } => {
            let flat = match x.shape.len() {
                1 => "x",
                _ => "flatten(x)",
            };
            w.bind(
                &format!("tanh(dense({flat}, {rows}))"),
                vec![rows],
                &[&x],
                0.6,
            );
            if second {
                let map = w.param(vec![1, x.len()]);
                w.bind(&format!("dot({}, {flat})", map.name), vec![1], &[&x], 0.6);
            }
            if beside {
                let stiffness = w.param(vec![]);
                quadratic = format!(" + 0.5 * exp({}) * norm_sq(x)", stiffness.name);
            }
        }
    }
    for step in &recipe.steps {
        statements::write(&mut w, *step);
    }
    let energy = w.energy(recipe.ending);
    let mut text = format!("pub Random(x: {:?}) {{\n", recipe.x);
    for line in &w.lines {
        writeln!(text, "    {line}").expect("strings take everything");
    }
    writeln!(text, "    {energy}{quadratic}\n}}").expect("strings take everything");
    text
}
