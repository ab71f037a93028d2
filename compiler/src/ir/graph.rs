//! The tensor graph: one language for energies, their derivatives and training steps.
//!
//! A node has a static feature shape and [`Axes`] that say whether it also varies over samples and over tangent
//! directions. Nodes only refer to earlier nodes, so index order is a topological order.

use super::scalar::{Expr, Pool};
use rustc_hash::FxHashMap as HashMap;
use std::collections::BTreeMap;

/// A node of a [`Graph`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The axes that a value varies over beside its feature shape. A value with neither is *shared*, computed once a step.
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

    /// Whether `other` varies over every axis that `self` varies over.
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

/// The label of the direction axis of shared tangents: no contraction has so many axes that they use it up.
pub const DIRECTION: Label = u8::MAX;

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
    /// The entry of `values` where `of` is largest along an axis, kept with length 1; the first of equal ones. With
    /// `values` = `of` it is the maximum, and with tangents of `of` as `values` it is the maximum's tangent.
    ///
    /// It only shifts exponents, so a result does not depend on it: its cotangent is exactly zero, and so is that of
    /// its tangent.
    AtMax {
        /// What is compared.
        of: NodeId,
        /// What is read, in the shape of `of`.
        values: NodeId,
        /// Axis.
        axis: usize,
    },
    /// The D unit vectors of x's space, one a direction, the same for every sample.
    UnitDirections,
    /// Shared [.., r] read as r directions of [..], the same for every sample.
    ExpandColumns(NodeId),
    /// r directions of [..], summed over samples, as a shared [.., r]: the transpose of [`Op::ExpandColumns`].
    ReduceToColumns(NodeId),
    /// The lower triangular factor L [R, r] of a shared matrix A = LQ.
    LqLower(NodeId),
    /// The orthonormal factor Q [r, D] of a shared matrix A = LQ.
    LqOrthonormal(NodeId),
    /// The gradient L̄ [R, r] of a function of L Lᵀ. L̄ itself; but its entries above the diagonal follow from the
    /// others, so a target may leave them out of the operand and find them here.
    LqGradient {
        /// L.
        lower: NodeId,
        /// L̄.
        gradient: NodeId,
    },
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
            Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::UnitDirections => {}
            Op::Contract { operands, .. } => operands.iter_mut().for_each(|o| o.0 = f(o.0)),
            Op::Map { args, .. } => args.iter_mut().for_each(|a| *a = f(*a)),
            Op::Concat { parts, .. } => parts.iter_mut().for_each(|a| *a = f(*a)),
            Op::Reshape(of)
            | Op::Slice { of, .. }
            | Op::Pad { of, .. }
            | Op::Gather { of, .. }
            | Op::Scatter { of, .. }
            | Op::ExpandColumns(of)
            | Op::ReduceToColumns(of)
            | Op::LqLower(of)
            | Op::LqOrthonormal(of) => *of = f(*of),
            Op::AtMax { of, values, .. } => {
                *of = f(*of);
                *values = f(*values);
            }
            Op::LqGradient { lower, gradient } => {
                *lower = f(*lower);
                *gradient = f(*gradient);
            }
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
            Op::Param(_) | Op::Input(_) | Op::Const(_) | Op::UnitDirections => vec![],
            Op::Contract { operands, .. } => operands.iter().map(|o| o.0).collect(),
            Op::Map { args, .. } => args.clone(),
            Op::Concat { parts, .. } => parts.clone(),
            Op::Reshape(of)
            | Op::Slice { of, .. }
            | Op::Pad { of, .. }
            | Op::Gather { of, .. }
            | Op::Scatter { of, .. }
            | Op::ExpandColumns(of)
            | Op::ReduceToColumns(of)
            | Op::LqLower(of)
            | Op::LqOrthonormal(of) => vec![*of],
            Op::AtMax { of, values, .. } => vec![*of, *values],
            Op::LqGradient { lower, gradient } => vec![*lower, *gradient],
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

    /// For each node whether it is a result.
    pub fn are_outputs(&self) -> Vec<bool> {
        let mut are = vec![false; self.nodes.len()];
        for (_, id) in &self.outputs {
            are[id.index()] = true;
        }
        are
    }

    /// The result with that name.
    pub fn output(&self, name: &str) -> Option<NodeId> {
        self.outputs.iter().find(|o| o.0 == name).map(|o| o.1)
    }
}
