//! Construction of graphs, which interns equal nodes and folds identities.
//!
//! Shapes must agree: the spec checker reports mismatches before these functions are called.

use super::graph::{Axes, Graph, Init, Input, Label, NodeId, Op, Param};
use super::scalar::{Expr, Func, Pool};
use rustc_hash::FxHashMap as HashMap;

impl Graph {
    /// Declares a parameter and returns its node.
    pub fn param(&mut self, name: &str, shape: Vec<usize>, init: Init) -> NodeId {
        self.params.push(Param {
            name: name.to_string(),
            shape: shape.clone(),
            init,
        });
        self.push(Op::Param(self.params.len() - 1), shape, Axes::SHARED)
    }

    /// A value from outside.
    pub fn input(&mut self, input: Input) -> NodeId {
        let (shape, axes) = match input {
            Input::X | Input::V => (self.x_shape.clone(), Axes::SAMPLE),
            Input::Directions => (self.x_shape.clone(), Axes::TANGENT),
            Input::Omega => (vec![], Axes::SAMPLE),
            Input::Weight | Input::Sigma => (vec![], Axes::SHARED),
        };
        self.push(Op::Input(input), shape, axes)
    }

    /// A constant scalar.
    pub fn constant(&mut self, value: f64) -> NodeId {
        self.push(Op::Const(vec![value.to_bits()]), vec![], Axes::SHARED)
    }

    /// A constant array in row-major order.
    pub fn constant_array(&mut self, values: &[f64], shape: Vec<usize>) -> NodeId {
        self.push(
            Op::Const(values.iter().map(|v| v.to_bits()).collect()),
            shape,
            Axes::SHARED,
        )
    }

    /// Elementwise formula; the shape is the NumPy broadcast of the arguments'.
    pub fn map(
        &mut self,
        args: &[NodeId],
        formula: impl FnOnce(&mut Pool, &[Expr]) -> Expr,
    ) -> NodeId {
        let shape = args.iter().fold(vec![], |s, &a| {
            broadcast(&s, self.shape(a)).expect("the checker saw to broadcasting")
        });
        let inputs: Vec<Expr> = (0..args.len()).map(|i| self.scalars.arg(i)).collect();
        let expr = formula(&mut self.scalars, &inputs);
        self.map_expr(expr, args.to_vec(), shape)
    }

    /// Elementwise expression with a given result shape; arguments that the expression lacks are dropped.
    pub fn map_expr(&mut self, expr: Expr, args: Vec<NodeId>, shape: Vec<usize>) -> NodeId {
        // Constants move into the expression, equal arguments are merged and unused ones removed, so that equal maps
        // are equal nodes. Simplification may remove further arguments, so unused ones are looked for again.
        let mut constants: HashMap<usize, Expr> = HashMap::default();
        for i in self.scalars.arguments(expr) {
            if let Op::Const(bits) = &self.node(args[i]).op
                && bits.iter().all(|b| *b == bits[0])
            {
                constants.insert(i, self.scalars.constant(f64::from_bits(bits[0])));
            }
        }
        let expr = self.scalars.substitute_some(expr, &constants);
        let used = self.scalars.arguments(expr);
        let mut kept: Vec<NodeId> = Vec::new();
        let mut positions: HashMap<NodeId, usize> = HashMap::default();
        let mut renamed: HashMap<usize, Expr> = HashMap::default();
        for &i in &used {
            let position = *positions.entry(args[i]).or_insert_with(|| {
                kept.push(args[i]);
                kept.len() - 1
            });
            renamed.insert(i, self.scalars.arg(position));
        }
        let expr = self.scalars.substitute_some(expr, &renamed);
        if self.scalars.arguments(expr).len() < kept.len() {
            return self.map_expr(expr, kept, shape);
        }
        if let Some(i) = self.scalars.as_arg(expr)
            && self.shape(kept[i]) == shape
        {
            return kept[i];
        }
        if shape.is_empty()
            && let Some(value) = self.scalars.as_constant(expr)
        {
            return self.constant(value);
        }
        let axes = kept
            .iter()
            .fold(Axes::SHARED, |a, &k| a.union(self.axes(k)));
        self.push(Op::Map { expr, args: kept }, shape, axes)
    }

    /// f(a) elementwise
    pub fn call(&mut self, f: Func, a: NodeId) -> NodeId {
        self.map(&[a], |s, v| s.call(f, v[0]))
    }

    /// a + b, broadcast
    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.map(&[a, b], |s, v| s.add(v[0], v[1]))
    }

    /// a − b, broadcast
    pub fn sub(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.map(&[a, b], |s, v| s.sub(v[0], v[1]))
    }

    /// a · b elementwise, broadcast
    pub fn mul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.map(&[a, b], |s, v| s.mul(v[0], v[1]))
    }

    /// a / b elementwise, broadcast
    pub fn div(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.map(&[a, b], |s, v| s.div(v[0], v[1]))
    }

    /// c · a
    pub fn scale(&mut self, c: f64, a: NodeId) -> NodeId {
        self.map(&[a], |s, v| s.scale(c, v[0]))
    }

    /// Contraction in einsum notation with one or two operands, for instance `"oi,i->o"`; letters are axes.
    pub fn einsum(&mut self, spec: &str, operands: &[NodeId]) -> NodeId {
        let (left, out) = spec.split_once("->").expect("an einsum spec has an arrow");
        let operands = left
            .split(',')
            .zip(operands)
            .map(|(labels, &id)| (id, labels.bytes().collect()))
            .collect();
        self.contract(operands, out.bytes().collect(), None)
    }

    /// Contraction by labels; `axes` may leave out axes of the operands, which are then summed over.
    pub fn contract(
        &mut self,
        operands: Vec<(NodeId, Vec<Label>)>,
        out: Vec<Label>,
        axes: Option<Axes>,
    ) -> NodeId {
        let full = operands
            .iter()
            .fold(Axes::SHARED, |a, o| a.union(self.axes(o.0)));
        let axes = axes.unwrap_or(full);
        let shape = out
            .iter()
            .map(|l| {
                operands
                    .iter()
                    .find_map(|(id, labels)| {
                        labels
                            .iter()
                            .position(|m| m == l)
                            .map(|i| self.shape(*id)[i])
                    })
                    .expect("a result label is an operand's label")
            })
            .collect();
        if let [(id, labels)] = operands.as_slice()
            && *labels == out
            && axes == full
        {
            return *id;
        }
        // Labels are named by first appearance, so that equal contractions are equal nodes.
        let mut names: Vec<Label> = Vec::new();
        let mut rename = |labels: &[Label]| -> Vec<Label> {
            labels
                .iter()
                .map(|l| {
                    let i = names.iter().position(|n| n == l).unwrap_or_else(|| {
                        names.push(*l);
                        names.len() - 1
                    });
                    b'a' + i as u8
                })
                .collect()
        };
        let operands: Vec<_> = operands
            .iter()
            .map(|(id, labels)| (*id, rename(labels)))
            .collect();
        let out = rename(&out);
        self.push(Op::Contract { operands, out }, shape, axes)
    }

    /// Sum over the given feature axes.
    pub fn sum(&mut self, a: NodeId, over: &[usize]) -> NodeId {
        let labels: Vec<Label> = (0..self.shape(a).len()).map(|i| b'a' + i as u8).collect();
        let out = labels
            .iter()
            .enumerate()
            .filter(|(i, _)| !over.contains(i))
            .map(|(_, &l)| l)
            .collect();
        self.contract(vec![(a, labels)], out, None)
    }

    /// Sum over every feature.
    pub fn sum_all(&mut self, a: NodeId) -> NodeId {
        let over: Vec<usize> = (0..self.shape(a).len()).collect();
        self.sum(a, &over)
    }

    /// The same elements under another shape.
    pub fn reshape(&mut self, a: NodeId, shape: Vec<usize>) -> NodeId {
        if self.shape(a) == shape {
            return a;
        }
        let of = match self.node(a).op {
            Op::Reshape(inner) => inner,
            _ => a,
        };
        if self.shape(of) == shape {
            return of;
        }
        let axes = self.axes(a);
        self.push(Op::Reshape(of), shape, axes)
    }

    /// `len` entries of an axis from `start`.
    pub fn slice(&mut self, a: NodeId, axis: usize, start: usize, len: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        if start == 0 && len == shape[axis] {
            return a;
        }
        shape[axis] = len;
        let axes = self.axes(a);
        self.push(Op::Slice { of: a, axis, start }, shape, axes)
    }

    /// Zeros around `a` along an axis, up to `len` entries.
    pub fn pad(&mut self, a: NodeId, axis: usize, before: usize, len: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        if before == 0 && len == shape[axis] {
            return a;
        }
        shape[axis] = len;
        let axes = self.axes(a);
        self.push(
            Op::Pad {
                of: a,
                axis,
                before,
            },
            shape,
            axes,
        )
    }

    /// Operands one after another along an axis.
    pub fn concat(&mut self, parts: &[NodeId], axis: usize) -> NodeId {
        if let [only] = parts {
            return *only;
        }
        let mut shape = self.shape(parts[0]).to_vec();
        shape[axis] = parts.iter().map(|&p| self.shape(p)[axis]).sum();
        let axes = parts
            .iter()
            .fold(Axes::SHARED, |a, &p| a.union(self.axes(p)));
        self.push(
            Op::Concat {
                parts: parts.to_vec(),
                axis,
            },
            shape,
            axes,
        )
    }

    /// Entries `indices` of an axis.
    pub fn gather(&mut self, a: NodeId, axis: usize, indices: &[usize]) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape[axis] = indices.len();
        let axes = self.axes(a);
        self.push(
            Op::Gather {
                of: a,
                axis,
                indices: indices.to_vec(),
            },
            shape,
            axes,
        )
    }

    /// Entries added into `len` zeros at `indices` of an axis.
    pub fn scatter(&mut self, a: NodeId, axis: usize, indices: &[usize], len: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape[axis] = len;
        let axes = self.axes(a);
        self.push(
            Op::Scatter {
                of: a,
                axis,
                indices: indices.to_vec(),
            },
            shape,
            axes,
        )
    }

    /// The entry of `values` where `of` is largest along `axis`, kept with length 1: log Σ eᵃ is stable as
    /// m + log Σ e^(a − m) with m = `at_max(a, a, axis)`. See [`Op::AtMax`] for what derivatives make of it.
    pub fn at_max(&mut self, of: NodeId, values: NodeId, axis: usize) -> NodeId {
        let mut shape = self.shape(of).to_vec();
        if shape[axis] == 1 {
            return values;
        }
        shape[axis] = 1;
        let axes = self.axes(of).union(self.axes(values));
        self.push(Op::AtMax { of, values, axis }, shape, axes)
    }

    /// Axes permuted.
    pub fn transpose(&mut self, a: NodeId, order: &[usize]) -> NodeId {
        let labels: Vec<Label> = (0..order.len()).map(|i| b'a' + i as u8).collect();
        let out = order.iter().map(|&i| labels[i]).collect();
        self.contract(vec![(a, labels)], out, None)
    }

    /// The unit vectors of x's space as directions.
    pub fn unit_directions(&mut self) -> NodeId {
        self.push(Op::UnitDirections, self.x_shape.clone(), Axes::TANGENT)
    }

    /// Shared [.., r] as r directions of [..].
    pub fn expand_columns(&mut self, a: NodeId) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape.pop();
        self.push(Op::ExpandColumns(a), shape, Axes::TANGENT)
    }

    /// Directions of [..], summed over samples, as a shared [.., count].
    pub fn reduce_to_columns(&mut self, a: NodeId, count: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape.push(count);
        self.push(Op::ReduceToColumns(a), shape, Axes::SHARED)
    }
}

/// The NumPy broadcast of two shapes, if there is one.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    (0..rank)
        .map(|i| {
            let at = |s: &[usize]| (i + s.len()).checked_sub(rank).map_or(1, |k| s[k]);
            match (at(a), at(b)) {
                (m, n) if m == n => Some(m),
                (1, n) => Some(n),
                (m, 1) => Some(m),
                _ => None,
            }
        })
        .collect()
}
