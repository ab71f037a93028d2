//! The tensor graph: one language for energies, their derivatives and training steps.
//!
//! A node has a static feature shape and [`Axes`] that say whether it also varies over samples and over tangent
//! directions. Nodes only refer to earlier nodes, so index order is a topological order.

use super::scalar::{Expr, Func, Pool};
use std::collections::{BTreeMap, HashMap};

/// A node of a [`Graph`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a value varies over beside its feature shape. Neither: *shared*, computed once a step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Axes {
    /// One value per sample.
    pub sample: bool,
    /// One value per tangent direction.
    pub tangent: bool,
}

impl Axes {
    /// Batch-independent values: parameters and what is computed from them alone.
    pub const SHARED: Axes = Axes {
        sample: false,
        tangent: false,
    };
    /// One value per sample.
    pub const SAMPLE: Axes = Axes {
        sample: true,
        tangent: false,
    };
    /// One value per sample and direction.
    pub const TANGENT: Axes = Axes {
        sample: true,
        tangent: true,
    };

    /// What a value that combines the two varies over.
    pub fn union(self, other: Axes) -> Axes {
        Axes {
            sample: self.sample || other.sample,
            tangent: self.tangent || other.tangent,
        }
    }

    /// Whether `self` varies over nothing that `other` does not.
    pub fn within(self, other: Axes) -> bool {
        self.union(other) == other
    }
}

/// Values that enter from outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Input {
    /// The sample x.
    X,
    /// One vector per sample with x's shape: the direction of an Hvp, the noise of a denoising loss.
    V,
    /// Directions, one per sample and tangent, with x's shape.
    Directions,
    /// The sample's weight in a batch mean: 1/B, and 0 on padding.
    Omega,
    /// 1/M for M directions.
    Weight,
    /// Noise scale of a denoising loss.
    Sigma,
}

/// An axis label of a contraction.
pub type Label = u8;

/// Operations. Each transform is one exhaustive match over these.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// The parameter with that index in [`Graph::params`].
    Param(usize),
    /// A value from outside.
    Input(Input),
    /// A constant array, row-major float64 bits.
    Const(Vec<u64>),
    /// Products summed over the labels that `out` lacks, and over the axes that the node lacks.
    /// `operands` holds one or two (node, labels).
    Contract {
        /// Operands with a label for each of their feature axes.
        operands: Vec<(NodeId, Vec<Label>)>,
        /// Labels of the result.
        out: Vec<Label>,
    },
    /// An elementwise expression over inputs broadcast to the node's shape as in NumPy.
    Map {
        /// The formula; argument i is `args[i]`.
        expr: Expr,
        /// Inputs.
        args: Vec<NodeId>,
    },
    /// The same elements in row-major order under another shape.
    Reshape(NodeId),
    /// `len` entries of one axis from `start` on.
    Slice {
        /// Operand.
        of: NodeId,
        /// Axis.
        axis: usize,
        /// First entry.
        start: usize,
    },
    /// Zeros before and after along one axis: the transpose of a slice.
    Pad {
        /// Operand.
        of: NodeId,
        /// Axis.
        axis: usize,
        /// Zeros before.
        before: usize,
    },
    /// Operands one after another along an axis.
    Concat {
        /// Operands.
        parts: Vec<NodeId>,
        /// Axis.
        axis: usize,
    },
    /// Entries `indices` of one axis.
    Gather {
        /// Operand.
        of: NodeId,
        /// Axis.
        axis: usize,
        /// Which entries.
        indices: Vec<usize>,
    },
    /// Entries added into zeros at `indices` of one axis: the transpose of a gather.
    Scatter {
        /// Operand.
        of: NodeId,
        /// Axis.
        axis: usize,
        /// Where each entry goes.
        indices: Vec<usize>,
    },
    /// The largest entry along an axis (kept with length 1), a constant to every derivative: it only shifts an
    /// exponent, and the shift cancels.
    MaxShift {
        /// Operand.
        of: NodeId,
        /// Axis.
        axis: usize,
    },
    /// The D unit vectors of x's space, one a direction, the same for every sample.
    Basis,
    /// Shared [.., r] read as r directions of [..], the same for every sample.
    Columns(NodeId),
    /// r directions of [..], summed over samples, as a shared [.., r]: the transpose of [`Op::Columns`].
    Stack(NodeId),
    /// The lower triangular factor L [R, r] of a shared matrix A = LQ.
    LqLower(NodeId),
    /// The orthonormal factor Q [r, D] of a shared matrix A = LQ.
    LqOrthonormal(NodeId),
}

/// A node: operation, feature shape, axes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Node {
    /// Operation.
    pub op: Op,
    /// Feature shape.
    pub shape: Vec<usize>,
    /// What it varies over beside the shape.
    pub axes: Axes,
}

impl Node {
    /// Number of features.
    #[allow(clippy::len_without_is_empty, reason = "shapes have no zero axes")]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Renames the operands.
    pub fn rename(&mut self, f: &mut impl FnMut(NodeId) -> NodeId) {
        match &mut self.op {
            Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::Basis => {}
            Op::Contract { operands, .. } => operands.iter_mut().for_each(|o| o.0 = f(o.0)),
            Op::Map { args, .. } => args.iter_mut().for_each(|a| *a = f(*a)),
            Op::Concat { parts, .. } => parts.iter_mut().for_each(|a| *a = f(*a)),
            Op::Reshape(of)
            | Op::Slice { of, .. }
            | Op::Pad { of, .. }
            | Op::Gather { of, .. }
            | Op::Scatter { of, .. }
            | Op::MaxShift { of, .. }
            | Op::Columns(of)
            | Op::Stack(of)
            | Op::LqLower(of)
            | Op::LqOrthonormal(of) => *of = f(*of),
        }
    }
}

/// How a parameter starts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Init {
    /// Every entry this value.
    Constant(f64),
    /// Normal with this standard deviation.
    Normal(f64),
    /// Uniform between −bound and bound.
    Uniform(f64),
}

/// A parameter declared by a spec.
#[derive(Clone, PartialEq, Debug)]
pub struct Param {
    /// Name as in a checkpoint.
    pub name: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Initial distribution.
    pub init: Init,
}

/// A graph with its outputs.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Nodes in topological order.
    pub nodes: Vec<Node>,
    /// Interned scalar expressions of the Map nodes.
    pub scalars: Pool,
    /// Parameters in declaration order.
    pub params: Vec<Param>,
    /// Shape of x.
    pub x_shape: Vec<usize>,
    /// Named results.
    pub outputs: Vec<(String, NodeId)>,
    /// Names of values for readable output, by node; not semantic.
    pub hints: BTreeMap<NodeId, String>,
    /// Sums over samples that are added into another one's accumulator; set by the planner.
    pub accumulators: BTreeMap<NodeId, NodeId>,
    index: HashMap<Node, NodeId>,
}

impl Graph {
    /// An empty graph over x of that shape.
    pub fn new(x_shape: Vec<usize>) -> Graph {
        Graph {
            x_shape,
            ..Graph::default()
        }
    }

    /// An empty graph with this one's parameters, x and scalar expressions.
    pub fn emptied(&self) -> Graph {
        Graph {
            params: self.params.clone(),
            x_shape: self.x_shape.clone(),
            scalars: self.scalars.clone(),
            ..Graph::default()
        }
    }

    /// The node behind an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// Feature shape of a node.
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.node(id).shape
    }

    /// Axes of a node.
    pub fn axes(&self, id: NodeId) -> Axes {
        self.node(id).axes
    }

    /// Ids in topological order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Adds a node, or returns the equal one that is there: graphs are always free of common subexpressions.
    pub fn push(&mut self, op: Op, shape: Vec<usize>, axes: Axes) -> NodeId {
        let node = Node { op, shape, axes };
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.index.insert(node.clone(), id);
        self.nodes.push(node);
        id
    }

    /// D, the number of entries of x.
    pub fn dim(&self) -> usize {
        self.x_shape.iter().product()
    }

    /// The nodes that an operation reads.
    pub fn operands(&self, id: NodeId) -> Vec<NodeId> {
        match &self.node(id).op {
            Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::Basis => vec![],
            Op::Contract { operands, .. } => operands.iter().map(|o| o.0).collect(),
            Op::Map { args, .. } => args.clone(),
            Op::Concat { parts, .. } => parts.clone(),
            Op::Reshape(of)
            | Op::Slice { of, .. }
            | Op::Pad { of, .. }
            | Op::Gather { of, .. }
            | Op::Scatter { of, .. }
            | Op::MaxShift { of, .. }
            | Op::Columns(of)
            | Op::Stack(of)
            | Op::LqLower(of)
            | Op::LqOrthonormal(of) => vec![*of],
        }
    }

    /// The nodes that read each node, each reader once.
    pub fn readers(&self) -> Vec<Vec<NodeId>> {
        let mut readers = vec![Vec::new(); self.nodes.len()];
        for id in self.ids() {
            for a in self.operands(id) {
                if readers[a.index()].last() != Some(&id) {
                    readers[a.index()].push(id);
                }
            }
        }
        readers
    }

    /// The result with that name.
    pub fn output(&self, name: &str) -> Option<NodeId> {
        self.outputs.iter().find(|o| o.0 == name).map(|o| o.1)
    }
}

/// Construction. Shapes must agree: the spec checker has said so to the user before these are called.
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
        // Constants move into the expression, equal arguments become one and unused ones go, so that equal maps
        // are equal nodes. Simplification may drop further arguments, hence the second look.
        let mut constants: Vec<Expr> = (0..args.len()).map(|i| self.scalars.arg(i)).collect();
        for (i, &a) in args.iter().enumerate() {
            if let Op::Const(bits) = &self.node(a).op
                && bits.iter().all(|b| *b == bits[0])
            {
                constants[i] = self.scalars.constant(f64::from_bits(bits[0]));
            }
        }
        let expr = self.scalars.substitute(expr, &constants);
        let used = self.scalars.arguments(expr);
        let mut kept: Vec<NodeId> = Vec::new();
        let mut renamed = vec![self.scalars.arg(0); args.len()];
        for &i in &used {
            let position = kept.iter().position(|&k| k == args[i]).unwrap_or_else(|| {
                kept.push(args[i]);
                kept.len() - 1
            });
            renamed[i] = self.scalars.arg(position);
        }
        let expr = self.scalars.substitute(expr, &renamed);
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

    /// Σ eᵃ is stable as m + log Σ e^(a − m): m, kept along `axis` with length 1, constant to derivatives.
    pub fn max_shift(&mut self, a: NodeId, axis: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape[axis] = 1;
        let axes = self.axes(a);
        self.push(Op::MaxShift { of: a, axis }, shape, axes)
    }

    /// Axes permuted.
    pub fn transpose(&mut self, a: NodeId, order: &[usize]) -> NodeId {
        let labels: Vec<Label> = (0..order.len()).map(|i| b'a' + i as u8).collect();
        let out = order.iter().map(|&i| labels[i]).collect();
        self.contract(vec![(a, labels)], out, None)
    }

    /// The unit vectors of x's space as directions.
    pub fn basis(&mut self) -> NodeId {
        self.push(Op::Basis, self.x_shape.clone(), Axes::TANGENT)
    }

    /// Shared [.., r] as r directions of [..].
    pub fn columns(&mut self, a: NodeId) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape.pop();
        self.push(Op::Columns(a), shape, Axes::TANGENT)
    }

    /// Directions of [..], summed over samples, as a shared [.., count].
    pub fn stack(&mut self, a: NodeId, count: usize) -> NodeId {
        let mut shape = self.shape(a).to_vec();
        shape.push(count);
        self.push(Op::Stack(a), shape, Axes::SHARED)
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
