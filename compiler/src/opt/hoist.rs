//! Hoisting: takes subexpressions that vary over fewer axes out of elementwise formulas, and every transcendental call.
//!
//! φ′(z)·ż computes φ′(z) once per sample, not once per direction; e^(−2 log σ) once a step; and silu, its first,
//! second and third derivative read one stored sigmoid. The planner fuses a value that is used in one place only back
//! into its loop.

use super::rebuild::{rebuild, same};
use crate::ir::{Axes, Expr, Func, Graph, Node, NodeId, Op, Term, broadcast};
use rustc_hash::FxHashMap as HashMap;

/// The pass.
pub(super) fn hoist(g: &Graph) -> Graph {
    rebuild(g, |new, node| match node.op {
        Op::Map { expr, args } => {
            let mut split = Split {
                inputs: args,
                memo: HashMap::default(),
            };
            let expr = split.lower(new, expr, true);
            new.map_expr(expr, split.inputs, node.shape)
        }
        op => same(new, Node { op, ..node }),
    })
}

struct Split {
    /// The arguments of the map, followed by the nodes that were taken out.
    inputs: Vec<NodeId>,
    memo: HashMap<(Expr, bool), Expr>,
}

impl Split {
    /// The expression with its parts taken out; at the `root` a call stays where it is.
    fn lower(&mut self, g: &mut Graph, e: Expr, root: bool) -> Expr {
        if let Some(&done) = self.memo.get(&(e, root)) {
            return done;
        }
        let new = match g.scalars.term(e).clone() {
            Term::Arg(_) | Term::Const(_) => e,
            Term::Call(f @ (Func::Sigmoid | Func::SigmoidSlope | Func::MishGate), a) => {
                let of_gate = self.of_gate(g, f, a);
                if root || f != Func::MishGate {
                    of_gate
                } else {
                    self.take_out(g, of_gate)
                }
            }
            Term::Call(f, a) => {
                let a = self.lower(g, a, false);
                let call = g.scalars.call(f, a);
                if root || !f.is_transcendental() {
                    call
                } else {
                    self.take_out(g, call)
                }
            }
            Term::Power(base, p) => {
                let base = self.lower(g, base, false);
                let power = g.scalars.pow(base, f64::from_bits(p));
                if root { power } else { self.take_out(g, power) }
            }
            Term::Sum(k, terms) => {
                let parts: Vec<(f64, Expr)> = terms
                    .iter()
                    .map(|&(c, t)| (f64::from_bits(c), self.lower(g, t, false)))
                    .collect();
                let constant = g.scalars.constant(f64::from_bits(k));
                let whole = self.union(g, &parts.iter().map(|p| p.1).collect::<Vec<_>>());
                let (mut lesser, mut rest): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|p| self.axes(g, p.1) != whole);
                if lesser.len() > 1 {
                    lesser.push((1.0, constant));
                    let sum = g.scalars.linear(&lesser);
                    rest.push((1.0, self.lower_lesser(g, sum)));
                } else {
                    rest.extend(lesser);
                    rest.push((1.0, constant));
                }
                g.scalars.linear(&rest)
            }
            Term::Product(factors) => {
                let parts: Vec<(Expr, i32)> = factors
                    .iter()
                    .map(|&(base, n)| (self.lower(g, base, false), n))
                    .collect();
                let whole = self.union(g, &parts.iter().map(|p| p.0).collect::<Vec<_>>());
                let (lesser, rest): (Vec<_>, Vec<_>) =
                    parts.into_iter().partition(|p| self.axes(g, p.0) != whole);
                let product = |g: &mut Graph, parts: &[(Expr, i32)]| {
                    parts
                        .iter()
                        .fold(g.scalars.constant(1.0), |acc, &(base, n)| {
                            let power = g.scalars.powi(base, n);
                            g.scalars.mul(acc, power)
                        })
                };
                let mut result = product(g, &rest);
                if !lesser.is_empty() {
                    let mut small = product(g, &lesser);
                    if g.scalars.as_arg(small).is_none() {
                        small = self.lower_lesser(g, small);
                    }
                    result = g.scalars.mul(result, small);
                }
                result
            }
        };
        self.memo.insert((e, root), new);
        new
    }

    /// A function of a sigmoid by the gate of its argument, which all of them share and which is stored. u and −u have one
    /// gate but for its sign.
    fn of_gate(&mut self, g: &mut Graph, f: Func, a: Expr) -> Expr {
        let flipped = g.scalars.starts_negative(a);
        let base = if flipped { g.scalars.neg(a) } else { a };
        let base = self.lower(g, base, false);
        let call = g.scalars.call(Func::Gate, base);
        let mut gate = self.take_out(g, call);
        let s = &mut g.scalars;
        if flipped {
            gate = s.neg(gate);
        }
        match f {
            Func::SigmoidSlope => s.call(Func::GateSlope, gate),
            Func::MishGate => {
                let one = s.constant(1.0);
                let negative = s.neg(gate);
                let (above, below) = (
                    s.call(Func::GateSigmoid, gate),
                    s.call(Func::GateSigmoid, negative),
                );
                let square = s.powi(below, 2);
                let (numerator, denominator) = (s.add(one, below), s.add(one, square));
                let product = s.mul(above, numerator);
                s.div(product, denominator)
            }
            _ => s.call(Func::GateSigmoid, gate),
        }
    }

    /// A part with fewer axes: hoisted from itself first, then taken out.
    fn lower_lesser(&mut self, g: &mut Graph, e: Expr) -> Expr {
        let lowered = self.lower(g, e, true);
        let (c, body) = g.scalars.split_coefficient(lowered);
        let node = self.take_out(g, body);
        g.scalars.scale(c, node)
    }

    /// Makes a node of an expression and returns the argument that stands for it.
    fn take_out(&mut self, g: &mut Graph, e: Expr) -> Expr {
        if g.scalars.as_arg(e).is_some() || g.scalars.as_constant(e).is_some() {
            return e;
        }
        let shape = g
            .scalars
            .arguments(e)
            .iter()
            .fold(vec![], |s: Vec<usize>, &i| {
                broadcast(&s, g.shape(self.inputs[i])).expect("arguments of one map broadcast")
            });
        let node = g.map_expr(e, self.inputs.clone(), shape);
        self.inputs.push(node);
        g.scalars.arg(self.inputs.len() - 1)
    }

    fn axes(&self, g: &Graph, e: Expr) -> Axes {
        g.scalars
            .arguments(e)
            .iter()
            .fold(Axes::SHARED, |a, &i| a.union(g.axes(self.inputs[i])))
    }

    fn union(&self, g: &Graph, parts: &[Expr]) -> Axes {
        parts
            .iter()
            .fold(Axes::SHARED, |a, &p| a.union(self.axes(g, p)))
    }
}
