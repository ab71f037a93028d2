//! The nodes of an energy as lines of Python, one for each.
//!
//! A value of shape [3] that varies over samples is a tensor [B, 3], one that is the same for all samples a tensor [3].

use super::formula::{Formula, Helper};
use super::names::Names;
use super::python::{list, number, numbers, quoted, tuple};
use crate::ir::{Expr, Graph, Input, Label, NodeId, Op, broadcast};
use std::collections::BTreeSet;

/// Longer arrays of numbers are attributes of the class.
const INLINE: usize = 16;

/// The body of `forward`.
#[derive(Default)]
pub(super) struct Forward {
    pub(super) lines: Vec<String>,
    /// The code of the energy.
    pub(super) energy: String,
    pub(super) tables: Vec<Table>,
    pub(super) helpers: BTreeSet<Helper>,
}

/// An attribute of the class that holds an array of numbers.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) entries: Vec<String>,
    /// The type of its entries, as an option of a call.
    pub(super) dtype: &'static str,
}

/// The lines that compute the output `energy`.
pub(super) fn forward(g: &Graph) -> Forward {
    let energy = g.output("energy").expect("an energy has this output");
    let mut needed = vec![false; g.nodes.len()];
    needed[energy.index()] = true;
    for id in g.ids().rev() {
        if needed[id.index()] {
            for operand in g.operands(id) {
                needed[operand.index()] = true;
            }
        }
    }
    let mut nodes = Nodes {
        g,
        codes: vec![String::new(); g.nodes.len()],
        names: Names::default(),
        forward: Forward::default(),
    };
    for id in g.ids().filter(|id| needed[id.index()]) {
        let code = nodes.expression(id);
        nodes.keep(id, code);
    }
    nodes.forward.energy = nodes.code(energy).to_string();
    nodes.forward
}

/// The nodes so far.
struct Nodes<'a> {
    g: &'a Graph,
    /// The code of each node that has been written, which holds together as a name does.
    codes: Vec<String>,
    names: Names,
    forward: Forward,
}

impl Nodes<'_> {
    fn code(&self, id: NodeId) -> &str {
        &self.codes[id.index()]
    }

    /// The position of an axis of the shape in the tensor.
    fn dim(&self, id: NodeId, axis: usize) -> usize {
        axis + usize::from(self.g.axes(id).sample)
    }

    /// Colons for the axes before one of the shape, as in `[:, :, 2]`.
    fn whole(&self, id: NodeId, axis: usize) -> String {
        ":, ".repeat(self.dim(id, axis))
    }

    /// Gives the value of a node a line and a name; parameters and x have theirs.
    fn keep(&mut self, id: NodeId, code: String) {
        let node = self.g.node(id);
        let named = matches!(node.op, Op::Param(_)) || code == "x";
        if named {
            self.codes[id.index()] = code;
            return;
        }
        let name = match (&node.op, self.g.hints.get(&id)) {
            (Op::Input(_), _) => "x".to_string(),
            (_, Some(hint)) => self.names.of(hint, id.0),
            (_, None) => self.names.unique(&format!("v{}", id.0)),
        };
        let sizes = match (node.axes.sample, list(&node.shape)) {
            (true, sizes) if sizes.is_empty() => "B".to_string(),
            (true, sizes) => format!("B, {sizes}"),
            (false, sizes) => sizes,
        };
        self.forward
            .lines
            .push(format!("{name} = {code}  # [{sizes}]"));
        self.codes[id.index()] = name;
    }

    fn expression(&mut self, id: NodeId) -> String {
        let g = self.g;
        let node = g.node(id);
        match &node.op {
            Op::Param(i) => format!("p[{}]", quoted(&g.params[*i].name)),
            Op::Input(Input::X) if node.shape.len() == 1 => "x".to_string(),
            Op::Input(Input::X) => format!("x.reshape({})", self.sizes(id)),
            Op::Const(bits) => self.constant(bits, &node.shape),
            Op::Contract { operands, out } => self.contract(id, operands, out),
            Op::Map { expr, args } => self.map(id, *expr, args),
            Op::Reshape(of) => format!("{}.reshape({})", self.code(*of), self.sizes(id)),
            Op::Slice { of, axis, start } => {
                let end = start + node.shape[*axis];
                format!("{}[{}{start}:{end}]", self.code(*of), self.whole(id, *axis))
            }
            Op::Pad { of, axis, before } => {
                let after = node.shape[*axis] - before - g.shape(*of)[*axis];
                // The last axis comes first.
                let mut sides = vec![0; 2 * (node.shape.len() - 1 - axis)];
                sides.extend([*before, after]);
                format!("functional.pad({}, {})", self.code(*of), tuple(&sides))
            }
            Op::Concat { parts, axis } => self.concat(id, parts, *axis),
            Op::Gather { of, axis, indices } => {
                let of = self.code(*of).to_string();
                let entries = indices.iter().map(usize::to_string).collect();
                let indices = match indices.len() <= INLINE {
                    true => format!("[{}]", list(indices)),
                    false => self.table(entries, ""),
                };
                format!("{of}[{}{indices}]", self.whole(id, *axis))
            }
            Op::AtMax { of, values, axis } if of == values => {
                let (of, dim) = (self.code(*of), self.dim(id, *axis));
                // It shifts exponents, and no result depends on it.
                format!("{of}.amax(dim={dim}, keepdim=True).detach()")
            }
            Op::Input(_)
            | Op::AtMax { .. }
            | Op::Scatter { .. }
            | Op::UnitDirections
            | Op::ExpandColumns(_)
            | Op::ReduceToColumns(_)
            | Op::LqLower(_)
            | Op::LqOrthonormal(_)
            | Op::LqGradient { .. } => {
                unreachable!("only derivatives have the operation of {}", id.0)
            }
        }
    }

    /// The sizes of a node's tensor as arguments, the batch as −1.
    fn sizes(&self, id: NodeId) -> String {
        let node = self.g.node(id);
        match (node.axes.sample, node.shape.as_slice()) {
            (true, []) => "-1".to_string(),
            (true, sizes) => format!("-1, {}", list(sizes)),
            (false, sizes) => tuple(sizes),
        }
    }

    /// The name of an attribute of the class that holds these entries.
    fn table(&mut self, entries: Vec<String>, dtype: &'static str) -> String {
        let name = format!("TABLE_{}", self.forward.tables.len() + 1);
        let reference = format!("self.{name}");
        self.forward.tables.push(Table {
            name,
            entries,
            dtype,
        });
        reference
    }

    fn constant(&mut self, bits: &[u64], shape: &[usize]) -> String {
        let sizes = tuple(shape);
        if bits.iter().all(|b| *b == bits[0]) {
            return format!("x.new_full({sizes}, {})", number(f64::from_bits(bits[0])));
        }
        let entries = numbers(bits.iter().map(|b| f64::from_bits(*b)));
        let flat = match entries.len() <= INLINE {
            true => format!("x.new_tensor([{}])", entries.join(", ")),
            false => format!("{}.to(x)", self.table(entries, ", dtype=torch.float64")),
        };
        match shape {
            [_] => flat,
            _ => format!("{flat}.reshape({sizes})"),
        }
    }

    /// An operand whose shape has fewer axes than `rank` gets axes of length 1 behind the batch.
    fn aligned(&self, id: NodeId, rank: usize) -> String {
        let missing = rank - self.g.shape(id).len();
        match self.g.axes(id).sample && missing > 0 {
            true => format!("{}[:{}]", self.code(id), ", None".repeat(missing)),
            false => self.code(id).to_string(),
        }
    }

    fn map(&mut self, id: NodeId, expr: Expr, args: &[NodeId]) -> String {
        let g = self.g;
        let node = g.node(id);
        if let Some(value) = g.scalars.as_constant(expr) {
            return format!("x.new_full({}, {})", tuple(&node.shape), number(value));
        }
        let codes: Vec<String> = args
            .iter()
            .map(|&a| self.aligned(a, node.shape.len()))
            .collect();
        let mut formula = Formula::new(&g.scalars, &codes);
        let (lines, code) = formula.write(expr, &mut self.names);
        self.forward.lines.extend(lines);
        self.forward.helpers.extend(formula.helpers);
        let shape = args
            .iter()
            .try_fold(vec![], |s, &a| broadcast(&s, g.shape(a)));
        match shape.as_ref() == Some(&node.shape) {
            true => code,
            false => format!("({code}).expand({})", self.sizes(id)),
        }
    }

    fn concat(&mut self, id: NodeId, parts: &[NodeId], axis: usize) -> String {
        let sample = self.g.axes(id).sample;
        let parts: Vec<String> = parts
            .iter()
            .map(|&part| match sample && !self.g.axes(part).sample {
                true => {
                    let sizes = list(self.g.shape(part));
                    format!("{}.expand(x.shape[0], {sizes})", self.code(part))
                }
                false => self.code(part).to_string(),
            })
            .collect();
        format!(
            "torch.cat([{}], dim={})",
            parts.join(", "),
            self.dim(id, axis)
        )
    }

    fn contract(&self, id: NodeId, operands: &[(NodeId, Vec<Label>)], out: &[Label]) -> String {
        let kept = self.g.axes(id);
        assert!(
            operands.iter().all(|o| self.g.axes(o.0).within(kept)),
            "only derivatives sum over samples"
        );
        if let [(of, labels)] = operands
            && let Some(code) = self.reduction(*of, labels, out)
        {
            return code;
        }
        if let [a, b] = operands {
            for (matrix, of) in [(a, b), (b, a)] {
                if let Some(code) = self.linear(matrix, of, out) {
                    return code;
                }
            }
        }
        let text = |sample: bool, labels: &[Label]| -> String {
            let batch = sample.then_some('B');
            batch
                .into_iter()
                .chain(labels.iter().map(|&l| char::from(l)))
                .collect()
        };
        let inputs: Vec<String> = operands
            .iter()
            .map(|(of, labels)| text(self.g.axes(*of).sample, labels))
            .collect();
        let codes: Vec<&str> = operands.iter().map(|o| self.code(o.0)).collect();
        let (inputs, output) = (inputs.join(","), text(kept.sample, out));
        format!("torch.einsum(\"{inputs}->{output}\", {})", codes.join(", "))
    }

    /// A sum over some axes, or a permutation of all.
    fn reduction(&self, of: NodeId, labels: &[Label], out: &[Label]) -> Option<String> {
        let position = |l: &Label| labels.iter().position(|m| m == l);
        let order: Option<Vec<usize>> = out.iter().map(position).collect();
        let order = order?;
        let dims = |axes: &[usize]| -> Vec<usize> {
            axes.iter().map(|&axis| self.dim(of, axis)).collect()
        };
        let code = self.code(of);
        if order.len() == labels.len() {
            let mut dims = dims(&order);
            if self.g.axes(of).sample {
                dims.insert(0, 0);
            }
            return Some(format!("{code}.permute({})", list(&dims)));
        }
        let over: Vec<usize> = (0..labels.len()).filter(|i| !order.contains(i)).collect();
        let over = match dims(&over).as_slice() {
            [one] => one.to_string(),
            several => tuple(several),
        };
        order.is_sorted().then(|| format!("{code}.sum(dim={over})"))
    }

    /// W h or Wᵀ h along the last axis of h, for a matrix that is the same for all samples.
    fn linear(
        &self,
        (matrix, axes): &(NodeId, Vec<Label>),
        (of, labels): &(NodeId, Vec<Label>),
        out: &[Label],
    ) -> Option<String> {
        let [row, column] = axes.as_slice() else {
            return None;
        };
        let (last, rest) = labels.split_last()?;
        let (result, kept) = out.split_last()?;
        if self.g.axes(*matrix).sample || kept != rest {
            return None;
        }
        let (of, matrix) = (self.code(*of), self.code(*matrix));
        if (last, result) == (column, row) && !rest.contains(row) {
            return Some(format!("functional.linear({of}, {matrix})"));
        }
        let transposed = (last, result) == (row, column) && !rest.contains(column);
        transposed.then(|| format!("{of} @ {matrix}"))
    }
}
