//! Values during the check of a spec, and the fusion of elementwise formulas.
//!
//! An elementwise result is stored as a [`Lazy`] formula over graph nodes until an operation that is not elementwise
//! uses it. For example, `z * sigmoid(1.702 * z)` is one `Map`. An operand that is the same for all samples or smaller
//! than the result first becomes a node, so that no loop over samples repeats its computation.

use super::ast::Place;
use super::builtin::Builtin;
use super::diagnostic::Outcome;
use super::function::UserFunction;
use super::lower::Lower;
use crate::ir::{Axes, Expr, NodeId, Pool, broadcast};
use std::rc::Rc;

/// The largest number of subexpressions of a formula to which a nonlinear function is applied directly.
const LONGEST_FORMULA: usize = 24;

/// The value of an expression in a spec.
#[derive(Clone)]
pub(super) enum Value<'a> {
    /// A number that is known at compile time, such as a size, an index or an axis.
    Number(f64),
    Bool(bool),
    /// An array that is the same for all samples, or one array per sample.
    Tensor(Lazy),
    List(List<'a>),
    Tuple(List<'a>),
    Function(Function<'a>),
    /// An initialiser of a parameter.
    Init(InitRule),
}

/// The items of a list or tuple. Clones share the items, so the cost of a list of lists is that of its own items.
#[derive(Clone)]
pub(super) struct List<'a> {
    items: Rc<[Value<'a>]>,
    entries: usize,
    depth: usize,
}

impl<'a> List<'a> {
    pub(super) fn new(items: Vec<Value<'a>>) -> List<'a> {
        let (mut entries, mut depth) = (0usize, 1);
        for item in &items {
            let (inside, below) = match item {
                Value::List(inner) | Value::Tuple(inner) => (inner.entries, inner.depth),
                _ => (1, 0),
            };
            entries = entries.saturating_add(inside);
            depth = depth.max(below + 1);
        }
        List {
            items: items.into(),
            entries,
            depth,
        }
    }

    /// The number of values at all nesting depths.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// The nesting depth of the list; 1 for a list without lists.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

impl<'a> std::ops::Deref for List<'a> {
    type Target = [Value<'a>];

    fn deref(&self) -> &[Value<'a>] {
        &self.items
    }
}

#[derive(Clone)]
pub(super) enum Function<'a> {
    Builtin(&'static Builtin),
    User(Rc<UserFunction<'a>>),
}

/// An initialiser, which may depend on the shape.
#[derive(Clone, Copy, Debug)]
pub(super) enum InitRule {
    Fixed(crate::ir::Init),
    /// Uniform between ±1/√(length of the last axis).
    FanIn,
}

impl Value<'_> {
    /// A description of the value for error messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Value::Number(n) => format!("the number {n}"),
            Value::Bool(b) => format!("`{b}`"),
            Value::Tensor(t) => format!("an array of shape {:?}", t.shape),
            Value::List(_) => "a list".to_string(),
            Value::Tuple(parts) => format!("a tuple of {} values", parts.len()),
            Value::Function(Function::Builtin(b)) => format!("the function `{}`", b.name),
            Value::Function(Function::User(f)) => format!("the function `{}`", f.syntax.name.text),
            Value::Init(_) => "an initialiser, which stands only after `param … =` (as a value a number serves, since it broadcasts)".to_string(),
        }
    }
}

/// An elementwise formula over nodes that is not yet a node.
#[derive(Clone, Debug)]
pub(super) struct Lazy {
    expr: Expr,
    args: Vec<NodeId>,
    pub(super) shape: Vec<usize>,
    pub(super) axes: Axes,
}

impl Lower<'_> {
    pub(super) fn plain(&mut self, node: NodeId) -> Lazy {
        let (shape, axes) = (self.graph.shape(node).to_vec(), self.graph.axes(node));
        Lazy {
            expr: self.graph.scalars.arg(0),
            args: vec![node],
            shape,
            axes,
        }
    }

    pub(super) fn number(&mut self, value: f64) -> Lazy {
        Lazy {
            expr: self.graph.scalars.constant(value),
            args: vec![],
            shape: vec![],
            axes: Axes::SHARED,
        }
    }

    /// The value of a formula that is one number for all samples.
    pub(super) fn as_number(&self, lazy: &Lazy) -> Option<f64> {
        self.graph
            .scalars
            .as_constant(lazy.expr)
            .filter(|_| lazy.shape.is_empty())
    }

    /// Converts the formula to a node.
    pub(super) fn node(&mut self, lazy: Lazy) -> NodeId {
        self.graph.map_expr(lazy.expr, lazy.args, lazy.shape)
    }

    /// A formula that consists of the node of this formula, so that further formulas do not repeat it.
    pub(super) fn settled(&mut self, lazy: Lazy) -> Lazy {
        let node = self.node(lazy);
        self.plain(node)
    }

    /// A formula with at most one argument that depends on the sample, and of limited length: a nonlinear function can
    /// be applied to it at the least cost.
    ///
    /// The curvature of f(a + b) is a sum over pairs of arguments that depend on x; that of f(u) with u = a + b is not.
    /// Moreover, the third derivative of a long formula is much longer than those of its parts.
    pub(super) fn single(&mut self, lazy: Lazy) -> Lazy {
        let varies = |a: &&NodeId| self.graph.axes(**a).sample;
        let short = || self.graph.scalars.subexpressions(&[lazy.expr]).len() <= LONGEST_FORMULA;
        if lazy.args.iter().filter(varies).count() < 2 && short() {
            lazy
        } else {
            self.settled(lazy)
        }
    }

    /// f(a) for a nonlinear f.
    pub(super) fn nonlinear(&mut self, a: Lazy, f: impl FnOnce(&mut Pool, Expr) -> Expr) -> Lazy {
        let mut a = self.single(a);
        a.expr = f(&mut self.graph.scalars, a.expr);
        a
    }

    /// c·a
    pub(super) fn scaled(&mut self, c: f64, mut a: Lazy) -> Lazy {
        a.expr = self.graph.scalars.scale(c, a.expr);
        a
    }

    /// a + c·b, with broadcasting.
    pub(super) fn plus(&mut self, a: Lazy, c: f64, b: Lazy) -> Lazy {
        self.combined(a, b, |s, a, b| s.linear(&[(1.0, a), (c, b)]))
    }

    /// a · b elementwise, with broadcasting.
    pub(super) fn times(&mut self, a: Lazy, b: Lazy) -> Lazy {
        let number = |s: &Lower, l: &Lazy| s.graph.scalars.as_constant(l.expr).is_some();
        let linear = number(self, &a) || number(self, &b);
        let (a, b) = if linear {
            (a, b)
        } else {
            (self.single(a), self.single(b))
        };
        self.combined(a, b, |s, a, b| s.mul(a, b))
    }

    /// 1 / a
    pub(super) fn inverse(&mut self, a: Lazy) -> Lazy {
        self.nonlinear(a, |s, a| s.powi(a, -1))
    }

    fn combined(
        &mut self,
        a: Lazy,
        b: Lazy,
        f: impl FnOnce(&mut Pool, Expr, Expr) -> Expr,
    ) -> Lazy {
        let shape = broadcast(&a.shape, &b.shape).expect("callers check shapes");
        let axes = a.axes.union(b.axes);
        let mut args: Vec<NodeId> = Vec::new();
        let mut exprs = Vec::new();
        for part in [a, b] {
            let constant = self.graph.scalars.as_constant(part.expr).is_some();
            let smaller = part.shape != shape || part.axes != axes;
            let part = if smaller && !constant {
                self.settled(part)
            } else {
                part
            };
            let positions: Vec<Expr> = part
                .args
                .iter()
                .map(|&arg| {
                    let at = args.iter().position(|&a| a == arg).unwrap_or_else(|| {
                        args.push(arg);
                        args.len() - 1
                    });
                    self.graph.scalars.arg(at)
                })
                .collect();
            exprs.push(self.graph.scalars.substitute(part.expr, &positions));
        }
        let expr = f(&mut self.graph.scalars, exprs[0], exprs[1]);
        Lazy {
            expr,
            args,
            shape,
            axes,
        }
    }
}

/// Conversions of a value to the kind that the expression at `place` requires.
impl<'a> Lower<'a> {
    pub(super) fn tensor(&mut self, value: &Value<'a>, place: Place) -> Outcome<Lazy> {
        match value {
            Value::Tensor(lazy) => Ok(lazy.clone()),
            Value::Number(n) => Ok(self.number(*n)),
            Value::List(list) => {
                let entries = list.entries();
                self.spend(entries, place)?;
                let (mut numbers, shape) = (Vec::new(), self.list_shape(value, place)?);
                self.check_entries(&shape, place)?;
                flatten(value, &mut numbers);
                if let Some(&large) = numbers.iter().find(|n| !crate::ir::in_range(**n)) {
                    return Err(self.out_of_range(large, place));
                }
                let node = self.tabled(entries, place, |g| g.constant_array(&numbers, shape))?;
                Ok(self.plain(node))
            }
            other => Err(self.fail(
                place,
                format!("expected an array or a number, found {}", other.describe()),
            )),
        }
    }

    /// The shape of nested lists of numbers.
    fn list_shape(&mut self, value: &Value<'a>, place: Place) -> Outcome<Vec<usize>> {
        match value {
            Value::Number(_) => Ok(vec![]),
            Value::List(items) if items.is_empty() => {
                Err(self.fail(place, "an empty list holds no numbers".to_string()))
            }
            Value::List(items) => {
                let first = self.list_shape(&items[0], place)?;
                for item in &items[1..] {
                    let other = self.list_shape(item, place)?;
                    if other != first {
                        let message = format!(
                            "the rows of this list differ in shape: {first:?} and {other:?}"
                        );
                        return Err(self.fail(place, message));
                    }
                }
                let mut shape = vec![items.len()];
                shape.extend(first);
                Ok(shape)
            }
            other => {
                let message = format!(
                    "a list holds numbers, found {}; join arrays with `concat` or `stack`",
                    other.describe()
                );
                Err(self.fail(place, message))
            }
        }
    }

    pub(super) fn integer(&mut self, value: &Value<'a>, place: Place, what: &str) -> Outcome<i64> {
        match value {
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Ok(*n as i64),
            Value::Number(n) => {
                Err(self.fail(place, format!("{what} must be an integer, found {n}")))
            }
            Value::Tensor(_) => {
                let message = format!(
                    "{what} must be known when the spec is compiled, found {}; declare it with `const`",
                    value.describe()
                );
                Err(self.fail(place, message))
            }
            other => Err(self.fail(
                place,
                format!("{what} must be an integer, found {}", other.describe()),
            )),
        }
    }

    /// A number that is known at compile time.
    pub(super) fn real(&mut self, value: &Value<'a>, place: Place, what: &str) -> Outcome<f64> {
        match value {
            Value::Number(n) => Ok(*n),
            other => {
                let message = format!(
                    "{what} must be a number known when the spec is compiled, found {}",
                    other.describe()
                );
                Err(self.fail(place, message))
            }
        }
    }

    pub(super) fn bool(&mut self, value: &Value<'a>, place: Place, what: &str) -> Outcome<bool> {
        match value {
            Value::Bool(b) => Ok(*b),
            other => Err(self.fail(
                place,
                format!("`{what}` is `true` or `false`, found {}", other.describe()),
            )),
        }
    }

    pub(super) fn size(&mut self, value: &Value<'a>, place: Place, what: &str) -> Outcome<usize> {
        match self.integer(value, place, what)? {
            0 => Err(self.fail(
                place,
                format!(
                    "{what} is zero: nothing would be left to compute with; sizes are at least 1"
                ),
            )),
            n if n < 0 => Err(self.fail(place, format!("{what} is {n}; sizes are at least 1"))),
            n => Ok(n as usize),
        }
    }

    /// The items of a list.
    pub(super) fn list(
        &mut self,
        value: &Value<'a>,
        place: Place,
        what: &str,
    ) -> Outcome<List<'a>> {
        match value {
            Value::List(items) => Ok(items.clone()),
            other => Err(self.fail(
                place,
                format!(
                    "{what} must be a list such as `[3, 2]`, found {}",
                    other.describe()
                ),
            )),
        }
    }
}

fn flatten(value: &Value<'_>, numbers: &mut Vec<f64>) {
    match value {
        Value::Number(n) => numbers.push(*n),
        Value::List(items) => items.iter().for_each(|i| flatten(i, numbers)),
        _ => {}
    }
}
