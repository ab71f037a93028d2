//! A plan carried out as it is written: steps in order, values where the plan puts them, float64.
//!
//! What a plan may not read is poison. Scratch is NaN before each tile and each chunk, so that a value that is read before
//! it is written, or after another value took its place, shows in a result.

use scorematch_compiler::ir::{Axes, Feed, Graph, Init, Input, NodeId, Op, eval};
use scorematch_compiler::plan::{
    Loop, Outer, Phase, Place, Plan, Product, Step, Stream, broadcast_strides,
};
use std::ops::Range;

/// Directions of a chunk: more than one, and fewer than most programs have.
const CHUNK: usize = 2;

/// What a program leaves behind.
pub(crate) struct Results {
    /// Sums over samples: gradients, the loss, others.
    pub(crate) acc: Vec<f64>,
    /// For each output that is no sum, its value for [sample][direction]; one direction where it has none.
    pub(crate) outputs: Vec<Vec<Vec<Vec<f64>>>>,
}

struct Machine<'a> {
    plan: &'a Plan,
    g: &'a Graph,
    feed: &'a Feed,
    params: Vec<f64>,
    shared: Vec<f64>,
    acc: Vec<f64>,
    /// Scratch of the sample in hand.
    sample: Vec<f64>,
    /// Scratch of the sample in hand, for each direction of the chunk.
    tangent: Vec<Vec<f64>>,
    /// The sample, the first direction of the chunk, and its number of directions.
    b: usize,
    t0: usize,
    tn: usize,
    outputs: Vec<Vec<Vec<Vec<f64>>>>,
}

/// Runs a plan. The feed has as many directions as the plan streams.
pub(crate) fn run(plan: &Plan, feed: &Feed) -> Results {
    let mut m = Machine {
        plan,
        g: &plan.graph,
        feed,
        params: feed.params.concat(),
        shared: vec![f64::NAN; plan.sizes.shared],
        acc: vec![0.0; plan.sizes.acc],
        sample: vec![],
        tangent: vec![],
        b: 0,
        t0: 0,
        tn: 1,
        outputs: vec![vec![vec![]; feed.batch]; plan.graph.outputs.len()],
    };
    m.phase(Phase::Prologue);
    let directions = match plan.stream {
        Stream::None => 0,
        Stream::Exact(count) => count,
        Stream::Given => feed.directions,
    };
    for b in 0..feed.batch {
        m.b = b;
        m.sample = vec![f64::NAN; plan.sizes.sample];
        m.phase(Phase::Samples);
        for t0 in (0..directions).step_by(CHUNK) {
            (m.t0, m.tn) = (t0, CHUNK.min(directions - t0));
            m.tangent = vec![vec![f64::NAN; plan.sizes.tangent]; m.tn];
            m.phase(Phase::Stream);
        }
        m.tangent.clear();
        m.phase(Phase::Finish);
    }
    m.phase(Phase::Epilogue);
    Results {
        acc: m.acc,
        outputs: m.outputs,
    }
}

impl Machine<'_> {
    fn phase(&mut self, phase: Phase) {
        for step in self.plan.steps(phase) {
            self.regions_are_apart(step);
            self.step(step);
        }
    }

    /// What a step touches of one buffer is the same range or another: emitted code borrows each once.
    fn regions_are_apart(&self, step: &Step) {
        let touched = self.touched(step);
        for (i, a) in touched.iter().enumerate() {
            for b in &touched[..i] {
                let apart = a.0 != b.0 || a.1.end <= b.1.start || b.1.end <= a.1.start;
                assert!(a == b || apart, "{step:?}: {a:?} overlaps {b:?}");
            }
        }
    }

    /// The ranges of the buffers that a step reads and writes, each with a number for its buffer.
    fn touched(&self, step: &Step) -> Vec<(usize, Range<usize>)> {
        let with_operands = |id: NodeId| [self.g.operands(id), vec![id]].concat();
        let mut ids = match step {
            Step::Loop(l) => {
                let own = |v: &&NodeId| l.formulas.iter().any(|f| f.0 == **v);
                let read = l.values.iter().filter(|v| !own(v));
                let written = l.stores.iter().chain(l.sums.iter().map(|s| &s.0));
                read.chain(written).copied().collect()
            }
            Step::Product(p) => vec![p.matrix, p.x, p.node],
            Step::Outer(o) | Step::Defer { outer: o, .. } => {
                let pairs = o.pairs.iter().flat_map(|&(a, b)| [a, b]);
                pairs.chain([o.node]).collect()
            }
            Step::Contract(id) | Step::Move(id) | Step::Stack(id) | Step::LqGradient(id) => {
                with_operands(*id)
            }
            Step::Directions(id) | Step::Zero(id) | Step::Fill(id) => vec![*id],
            Step::Lq {
                of,
                lower,
                orthonormal,
            } => lower
                .iter()
                .chain(orthonormal)
                .chain([of])
                .copied()
                .collect(),
            Step::Deliver { from, .. } => vec![*from],
            Step::Output(i) => vec![self.g.outputs[*i].1],
        };
        for id in &mut ids {
            if let Place::Columns(of) = self.plan.place(*id) {
                *id = *of;
            }
        }
        let range_of = |place: &Place, len: usize| match *place {
            Place::Shared(at) => Some((0, at..at + len)),
            Place::Acc(at) => Some((1, at..at + len)),
            Place::Sample(at) => Some((2, at..at + len)),
            Place::Tangent(at) => Some((3, at..at + len)),
            Place::Fused
            | Place::Constant(_)
            | Place::Param(_)
            | Place::Input(_)
            | Place::Columns(_)
            | Place::Basis => None,
        };
        let of = |&id: &NodeId| range_of(self.plan.place(id), self.g.node(id).len());
        let mut all: Vec<_> = ids.iter().filter_map(of).collect();
        if let Step::Deliver { from, to } = step {
            all.extend(range_of(to, self.g.node(*from).len()));
        }
        all
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Loop(l) => self.fused(l),
            Step::Product(p) => (0..self.directions(p.node)).for_each(|t| self.product(p, t)),
            // The caller forms a deferred product from the same operands.
            Step::Outer(o) | Step::Defer { outer: o, .. } => self.outer(o),
            Step::Contract(id) => self.contract(*id),
            Step::Move(id) => {
                for t in 0..self.directions(*id) {
                    let value = self.alone(*id, t);
                    self.write(*id, t, &value);
                }
            }
            Step::Directions(id) => {
                let d = self.g.dim();
                for t in 0..self.tn {
                    let row = (self.t0 + t) * self.feed.batch + self.b;
                    let value = self.feed.inputs[&Input::Directions][row * d..][..d].to_vec();
                    self.write(*id, t, &value);
                }
            }
            Step::Stack(id) => {
                let of = self.g.operands(*id)[0];
                let count = *self.g.shape(*id).last().expect("a direction axis");
                for t in 0..self.tn {
                    for (k, x) in self.read(of, t).into_iter().enumerate() {
                        *self.cell(*id, k * count + self.t0 + t, 0) += x;
                    }
                }
            }
            Step::Zero(id) => self.write(*id, 0, &vec![0.0; self.g.node(*id).len()]),
            Step::Lq {
                lower, orthonormal, ..
            } => {
                for &id in lower.iter().chain(orthonormal) {
                    let value = self.alone(id, 0);
                    self.write(id, 0, &value);
                }
            }
            Step::LqGradient(id) | Step::Fill(id) => {
                let value = self.alone(*id, 0);
                self.write(*id, 0, &value);
            }
            Step::Deliver { from, to } => {
                let value = self.read(*from, 0);
                let Place::Acc(at) = *to else {
                    panic!("results are delivered to sums, not to {to:?}")
                };
                self.acc[at..][..value.len()].copy_from_slice(&value);
            }
            Step::Output(i) => {
                let id = self.g.outputs[*i].1;
                let streamed = !self.tangent.is_empty();
                for t in 0..if streamed { self.tn } else { 1 } {
                    let value = self.read(id, t);
                    self.outputs[*i][self.b].push(value);
                }
            }
        }
    }

    /// How many directions of the chunk a value has.
    fn directions(&self, id: NodeId) -> usize {
        if self.g.axes(id).tangent { self.tn } else { 1 }
    }

    /// Where an entry of a value is written.
    fn cell(&mut self, id: NodeId, k: usize, t: usize) -> &mut f64 {
        assert!(k < self.g.node(id).len());
        match *self.plan.place(id) {
            Place::Shared(at) => &mut self.shared[at + k],
            Place::Acc(at) => &mut self.acc[at + k],
            Place::Sample(at) => &mut self.sample[at + k],
            Place::Tangent(at) => &mut self.tangent[t][at + k],
            ref place => panic!("nothing is written to {place:?}"),
        }
    }

    /// An entry of a value.
    fn entry(&self, id: NodeId, k: usize, t: usize) -> f64 {
        assert!(k < self.g.node(id).len());
        let input = |input: Input| &self.feed.inputs[&input];
        match *self.plan.place(id) {
            Place::Constant(c) => c,
            Place::Param(at) => self.params[at + k],
            Place::Input(i @ (Input::X | Input::V)) => input(i)[self.b * self.g.dim() + k],
            Place::Input(Input::Omega) => input(Input::Omega)[self.b],
            Place::Input(i @ (Input::Weight | Input::Sigma)) => input(i)[0],
            Place::Shared(at) => self.shared[at + k],
            Place::Acc(at) => self.acc[at + k],
            Place::Sample(at) => self.sample[at + k],
            Place::Tangent(at) => self.tangent[t][at + k],
            Place::Columns(of) => {
                let r = *self.g.shape(of).last().expect("a direction axis");
                self.entry(of, k * r + self.t0 + t, 0)
            }
            Place::Basis => f64::from(u8::from(k == self.t0 + t)),
            Place::Fused | Place::Input(Input::Directions) => {
                panic!("{id:?} is read and not stored")
            }
        }
    }

    fn read(&self, id: NodeId, t: usize) -> Vec<f64> {
        let entries = 0..self.g.node(id).len();
        entries.map(|k| self.entry(id, k, t)).collect()
    }

    fn write(&mut self, id: NodeId, t: usize, value: &[f64]) {
        for (k, x) in value.iter().enumerate() {
            *self.cell(id, k, t) = *x;
        }
    }

    /// A node by itself, evaluated from what the plan has stored of its operands.
    fn alone(&self, id: NodeId, t: usize) -> Vec<f64> {
        let operands = self.g.operands(id);
        let mut g = Graph::new(vec![1]);
        let mut feed = Feed {
            batch: 1,
            directions: 1,
            ..Feed::default()
        };
        let mut values = Vec::new();
        for (i, &a) in operands.iter().enumerate() {
            let shape = self.g.shape(a).to_vec();
            values.push(g.param(&format!("p{i}"), shape, Init::Constant(0.0)));
            feed.params.push(self.read(a, t));
        }
        let mut given = values.iter().copied();
        let mut next = || given.next().expect("as many as there are operands");
        let op = match self.g.node(id).op.clone() {
            Op::Contract { operands, out } => Op::Contract {
                operands: operands.into_iter().map(|(_, l)| (next(), l)).collect(),
                out,
            },
            Op::Slice { axis, start, .. } => Op::Slice {
                of: next(),
                axis,
                start,
            },
            Op::Pad { axis, before, .. } => Op::Pad {
                of: next(),
                axis,
                before,
            },
            Op::Concat { parts, axis } => Op::Concat {
                parts: parts.iter().map(|_| next()).collect(),
                axis,
            },
            Op::Gather { axis, indices, .. } => Op::Gather {
                of: next(),
                axis,
                indices,
            },
            Op::Scatter { axis, indices, .. } => Op::Scatter {
                of: next(),
                axis,
                indices,
            },
            Op::AtMax { axis, .. } => Op::AtMax {
                of: next(),
                values: next(),
                axis,
            },
            Op::LqLower(_) => Op::LqLower(next()),
            Op::LqOrthonormal(_) => Op::LqOrthonormal(next()),
            Op::LqGradient { .. } => Op::LqGradient {
                lower: next(),
                gradient: next(),
            },
            Op::Const(bits) => Op::Const(bits),
            op @ (Op::Param(_)
            | Op::Input(_)
            | Op::Map { .. }
            | Op::Reshape(_)
            | Op::Basis
            | Op::Columns(_)
            | Op::Stack(_)) => panic!("{op:?} is no step by itself"),
        };
        let node = g.push(op, self.g.shape(id).to_vec(), Axes::SHARED);
        g.outputs.push(("value".to_string(), node));
        eval(&g, &feed).remove(0).data
    }

    /// A contraction that is no product: set, or added to where it sums over samples or directions.
    fn contract(&mut self, id: NodeId) {
        let from = self.g.operands(id).into_iter();
        let from = from.fold(Axes::SHARED, |x, a| x.union(self.g.axes(a)));
        let own = self.g.axes(id);
        for t in 0..if from.tangent { self.tn } else { 1 } {
            let value = self.alone(id, t);
            if from == own {
                self.write(id, t, &value);
            } else {
                for (k, x) in value.into_iter().enumerate() {
                    *self.cell(id, k, 0) += x;
                }
            }
        }
    }

    fn fused(&mut self, l: &Loop) {
        let strides: Vec<Vec<usize>> = l
            .values
            .iter()
            .map(|&v| broadcast_strides(self.g.shape(v), &l.shape))
            .collect();
        for k in 0..l.shape.iter().product() {
            let mut index = vec![0; l.shape.len()];
            let mut rest = k;
            for (i, &n) in l.shape.iter().enumerate().rev() {
                (index[i], rest) = (rest % n, rest / n);
            }
            let at = |s: &[usize]| index.iter().zip(s).map(|(i, s)| i * s).sum();
            for t in 0..if l.axes.tangent { self.tn } else { 1 } {
                // Everything is read before anything is stored.
                let own = |v: &NodeId| l.formulas.iter().any(|f| f.0 == *v);
                let values = l.values.iter().zip(&strides);
                let mut args: Vec<f64> = values
                    .map(|(v, s)| match own(v) {
                        true => f64::NAN,
                        false => self.entry(*v, at(s), t),
                    })
                    .collect();
                for &(id, e) in &l.formulas {
                    let value = self.g.scalars.eval(e, &args);
                    for (arg, v) in args.iter_mut().zip(&l.values) {
                        if *v == id {
                            *arg = value;
                        }
                    }
                    if l.stores.contains(&id) {
                        *self.cell(id, k, t) = value;
                    }
                }
                for &(id, e) in &l.sums {
                    *self.cell(id, k, 0) += self.g.scalars.eval(e, &args);
                }
            }
        }
    }

    fn product(&mut self, p: &Product, t: usize) {
        let (x_len, y_len) = (self.g.node(p.x).len(), self.g.node(p.node).len());
        for (x_at, y_at) in offsets(
            p.fold,
            (x_len, y_len),
            p.repeats.iter().map(|r| (r.size, r.a, r.b)),
        ) {
            for m in 0..p.m {
                let skip = p.lag.map_or(0, |lag| (self.t0 + t).saturating_sub(lag));
                let sum: f64 = (skip..p.k)
                    .map(|k| {
                        self.entry(p.matrix, m * p.matrix_row + k * p.matrix_col, 0)
                            * self.entry(p.x, x_at + k * p.x_row, t)
                    })
                    .sum();
                *self.cell(p.node, y_at + m * p.y_row, t) = sum;
            }
        }
    }

    fn outer(&mut self, o: &Outer) {
        for &(a, b) in &o.pairs {
            let lens = (self.g.node(a).len(), self.g.node(b).len());
            for t in 0..self.directions(a) {
                let [from_a, from_b] = o
                    .lags
                    .map(|lag| lag.map_or(0, |lag| (self.t0 + t).saturating_sub(lag)));
                for (a_at, b_at) in
                    offsets(o.fold, lens, o.repeats.iter().map(|r| (r.size, r.a, r.b)))
                {
                    for m in from_a..o.m {
                        for n in from_b..o.n {
                            let product = self.entry(a, a_at + m * o.a_row, t)
                                * self.entry(b, b_at + n * o.b_row, t);
                            *self.cell(o.node, m * o.c_row + n * o.c_col, 0) += product;
                        }
                    }
                }
            }
        }
    }
}

/// Where the loops around a product begin in its two panel operands.
fn offsets(
    fold: usize,
    lens: (usize, usize),
    repeats: impl Iterator<Item = (usize, usize, usize)>,
) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = (0..fold)
        .map(|q| (q * (lens.0 / fold), q * (lens.1 / fold)))
        .collect();
    for (size, a, b) in repeats {
        all = all
            .into_iter()
            .flat_map(|at| (0..size).map(move |r| (at.0 + r * a, at.1 + r * b)))
            .collect();
    }
    all
}
