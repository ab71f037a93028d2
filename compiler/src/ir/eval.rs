//! A naive float64 interpreter: the oracle for everything that is emitted.

use super::graph::{Graph, Input, Label, Node, NodeId, Op};
use std::collections::HashMap;

/// Values from outside, row-major, for a batch of `batch` samples and `directions` tangents.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    /// Number of samples B.
    pub batch: usize,
    /// Number of tangent directions T.
    pub directions: usize,
    /// Parameters in declaration order.
    pub params: Vec<Vec<f64>>,
    /// Inputs: X and V hold `[B, D]`, Directions `[T, B, D]`, Omega `[B]`, the others one number.
    pub inputs: HashMap<Input, Vec<f64>>,
}

/// A value with leading axes [B or 1, T or 1].
#[derive(Clone, Debug)]
pub struct Array {
    b: usize,
    t: usize,
    n: usize,
    /// Entries `[b][t][features]`.
    pub data: Vec<f64>,
}

impl Array {
    fn at(&self, b: usize, t: usize) -> &[f64] {
        let row = (b % self.b) * self.t + t % self.t;
        &self.data[row * self.n..][..self.n]
    }
}

/// Evaluates every node that the outputs need and returns the outputs, in order.
pub fn eval(g: &Graph, feed: &Feed) -> Vec<Array> {
    let mut needed = vec![false; g.nodes.len()];
    for (_, id) in &g.outputs {
        needed[id.index()] = true;
    }
    for id in g.ids().rev() {
        if needed[id.index()] {
            for a in g.operands(id) {
                needed[a.index()] = true;
            }
        }
    }
    let mut values: Vec<Option<Array>> = vec![None; g.nodes.len()];
    for id in g.ids().filter(|id| needed[id.index()]) {
        values[id.index()] = Some(node(g, id, feed, &values));
    }
    g.outputs
        .iter()
        .map(|(_, id)| values[id.index()].clone().expect("outputs are needed"))
        .collect()
}

fn node(g: &Graph, id: NodeId, feed: &Feed, values: &[Option<Array>]) -> Array {
    let n = g.node(id);
    let get = |a: &NodeId| values[a.index()].as_ref().expect("operands come first");
    let b = if n.axes.sample { feed.batch } else { 1 };
    let t = if n.axes.tangent { feed.directions } else { 1 };
    let mut out = Array {
        b,
        t,
        n: n.len(),
        data: vec![0.0; b * t * n.len()],
    };
    let len = n.len();
    let mut each = |f: &mut dyn FnMut(usize, usize, &mut [f64])| {
        for i in 0..b {
            for j in 0..t {
                f(i, j, &mut out.data[(i * t + j) * len..][..len]);
            }
        }
    };
    match &n.op {
        Op::Param(i) => each(&mut |_, _, y| y.copy_from_slice(&feed.params[*i])),
        Op::Const(bits) => each(&mut |_, _, y| {
            y.iter_mut()
                .zip(bits)
                .for_each(|(y, b)| *y = f64::from_bits(*b))
        }),
        Op::Input(input) => {
            let data = &feed.inputs[input];
            each(&mut |i, j, y| {
                let row = if *input == Input::Directions {
                    j * feed.batch + i
                } else {
                    i
                };
                y.copy_from_slice(&data[row * len..][..len]);
            });
        }
        Op::Map { expr, args } => {
            let strides: Vec<Vec<usize>> = args
                .iter()
                .map(|a| broadcast_strides(g.shape(*a), &n.shape))
                .collect();
            each(&mut |i, j, y| {
                let mut operands = vec![0.0; args.len()];
                for (k, y) in y.iter_mut().enumerate() {
                    let index = unravel(k, &n.shape);
                    for (o, (a, s)) in operands.iter_mut().zip(args.iter().zip(&strides)) {
                        *o = get(a).at(i, j)[dot(&index, s)];
                    }
                    *y = g.scalars.eval(*expr, &operands);
                }
            });
        }
        Op::Contract {
            operands,
            out: labels,
        } => return contract(g, n, operands, labels, feed, &get),
        Op::Reshape(a) => each(&mut |i, j, y| y.copy_from_slice(get(a).at(i, j))),
        Op::Slice { of, axis, start } => each(&mut |i, j, y| {
            for (k, y) in y.iter_mut().enumerate() {
                let mut index = unravel(k, &n.shape);
                index[*axis] += start;
                *y = get(of).at(i, j)[ravel(&index, g.shape(*of))];
            }
        }),
        Op::Pad { of, axis, before } => each(&mut |i, j, y| {
            for (k, x) in get(of).at(i, j).iter().enumerate() {
                let mut index = unravel(k, g.shape(*of));
                index[*axis] += before;
                y[ravel(&index, &n.shape)] = *x;
            }
        }),
        Op::Concat { parts, axis } => each(&mut |i, j, y| {
            let mut start = 0;
            for p in parts {
                for (k, x) in get(p).at(i, j).iter().enumerate() {
                    let mut index = unravel(k, g.shape(*p));
                    index[*axis] += start;
                    y[ravel(&index, &n.shape)] = *x;
                }
                start += g.shape(*p)[*axis];
            }
        }),
        Op::Gather { of, axis, indices } => each(&mut |i, j, y| {
            for (k, y) in y.iter_mut().enumerate() {
                let mut index = unravel(k, &n.shape);
                index[*axis] = indices[index[*axis]];
                *y = get(of).at(i, j)[ravel(&index, g.shape(*of))];
            }
        }),
        Op::Scatter { of, axis, indices } => each(&mut |i, j, y| {
            for (k, x) in get(of).at(i, j).iter().enumerate() {
                let mut index = unravel(k, g.shape(*of));
                index[*axis] = indices[index[*axis]];
                y[ravel(&index, &n.shape)] += *x;
            }
        }),
        Op::AtMax { of, values, axis } => each(&mut |i, j, y| {
            let (x, v) = (get(of).at(i, j), get(values).at(i, j));
            let mut top = vec![f64::NEG_INFINITY; y.len()];
            for (k, x) in x.iter().enumerate() {
                let mut index = unravel(k, g.shape(*of));
                let first = std::mem::take(&mut index[*axis]) == 0;
                let at = ravel(&index, &n.shape);
                if first || *x > top[at] {
                    (top[at], y[at]) = (*x, v[k]);
                }
            }
        }),
        Op::UnitDirections => each(&mut |_, j, y| y[j] = 1.0),
        Op::ExpandColumns(a) => {
            let r = feed.directions;
            each(&mut |_, j, y| {
                y.iter_mut()
                    .enumerate()
                    .for_each(|(k, y)| *y = get(a).at(0, 0)[k * r + j])
            });
        }
        Op::ReduceToColumns(a) => {
            let r = feed.directions;
            let value = get(a);
            for i in 0..feed.batch {
                for j in 0..r {
                    for (k, x) in value.at(i, j).iter().enumerate() {
                        out.data[k * r + j] += x;
                    }
                }
            }
        }
        Op::LqLower(a) => out.data = lq(get(a).at(0, 0), g.shape(*a)[0], g.shape(*a)[1]).0,
        Op::LqOrthonormal(a) => out.data = lq(get(a).at(0, 0), g.shape(*a)[0], g.shape(*a)[1]).1,
        Op::LqGradient { gradient, .. } => out.data = get(gradient).data.clone(),
    }
    out
}

fn contract<'a>(
    g: &Graph,
    n: &Node,
    operands: &[(NodeId, Vec<Label>)],
    out_labels: &[Label],
    feed: &Feed,
    get: &dyn Fn(&NodeId) -> &'a Array,
) -> Array {
    let mut sizes: Vec<(Label, usize)> = Vec::new();
    for (a, labels) in operands {
        for (l, &size) in labels.iter().zip(g.shape(*a)) {
            if !sizes.iter().any(|s| s.0 == *l) {
                sizes.push((*l, size));
            }
        }
    }
    let space: Vec<usize> = sizes.iter().map(|s| s.1).collect();
    let strides = |labels: &[Label], shape: &[usize]| -> Vec<usize> {
        sizes
            .iter()
            .map(|(l, _)| {
                labels
                    .iter()
                    .enumerate()
                    .filter(|(_, m)| *m == l)
                    .map(|(i, _)| shape[i + 1..].iter().product::<usize>())
                    .sum()
            })
            .collect()
    };
    let operand_strides: Vec<Vec<usize>> = operands
        .iter()
        .map(|(a, l)| strides(l, g.shape(*a)))
        .collect();
    let out_strides = strides(out_labels, &n.shape);
    let axes = operands.iter().fold(n.axes, |x, o| x.union(g.axes(o.0)));
    let (b, t) = (
        if n.axes.sample { feed.batch } else { 1 },
        if n.axes.tangent { feed.directions } else { 1 },
    );
    let mut out = Array {
        b,
        t,
        n: n.len(),
        data: vec![0.0; b * t * n.len()],
    };
    let total: usize = space.iter().product();
    for i in 0..if axes.sample { feed.batch } else { 1 } {
        for j in 0..if axes.tangent { feed.directions } else { 1 } {
            let row = (i % b) * t + j % t;
            for k in 0..total {
                let index = unravel(k, &space);
                let product: f64 = operands
                    .iter()
                    .zip(&operand_strides)
                    .map(|((a, _), s)| get(a).at(i, j)[dot(&index, s)])
                    .product();
                out.data[row * n.len() + dot(&index, &out_strides)] += product;
            }
        }
    }
    out
}

/// A = LQ by modified Gram-Schmidt, twice for orthogonality; a dependent row keeps a unit vector of its own.
fn lq(a: &[f64], rows: usize, cols: usize) -> (Vec<f64>, Vec<f64>) {
    let r = rows.min(cols);
    let (mut l, mut q) = (vec![0.0; rows * r], vec![0.0; r * cols]);
    for i in 0..rows {
        let mut v = a[i * cols..][..cols].to_vec();
        let size = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        for _ in 0..2 {
            for k in 0..i.min(r) {
                let c: f64 = v
                    .iter()
                    .zip(&q[k * cols..][..cols])
                    .map(|(x, y)| x * y)
                    .sum();
                l[i * r + k] += c;
                v.iter_mut()
                    .zip(&q[k * cols..][..cols])
                    .for_each(|(x, y)| *x -= c * y);
            }
        }
        if i < r {
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            if norm > 1e-13 * size {
                l[i * r + i] = norm;
                v.iter_mut().for_each(|x| *x /= norm);
            } else {
                v = complement(&q[..i * cols], cols);
            }
            q[i * cols..][..cols].copy_from_slice(&v);
        }
    }
    (l, q)
}

/// A unit vector orthogonal to the given orthonormal rows.
fn complement(q: &[f64], cols: usize) -> Vec<f64> {
    let project = |axis: usize| {
        let mut v = vec![0.0; cols];
        v[axis] = 1.0;
        for _ in 0..2 {
            for row in q.chunks(cols) {
                let c: f64 = v.iter().zip(row).map(|(x, y)| x * y).sum();
                v.iter_mut().zip(row).for_each(|(x, y)| *x -= c * y);
            }
        }
        let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        (norm, v.into_iter().map(|x| x / norm).collect::<Vec<_>>())
    };
    (0..cols)
        .map(project)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|best| best.1)
        .unwrap_or_default()
}

fn unravel(mut k: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, &n) in shape.iter().enumerate().rev() {
        index[i] = k % n;
        k /= n;
    }
    index
}

fn ravel(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |k, (i, n)| k * n + i)
}

fn dot(a: &[usize], b: &[usize]) -> usize {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// For every axis of `to`, the stride of a row-major array of shape `from` broadcast to it.
fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let lead = to.len() - from.len();
    (0..to.len())
        .map(|i| match i.checked_sub(lead) {
            Some(k) if from[k] != 1 => from[k + 1..].iter().product(),
            _ => 0,
        })
        .collect()
}
