//! An interpreter of lowered programs in float64.
//!
//! It executes statements one after another for one sample at a time and a few directions at a time. Values that a
//! program must not read are poison: scratch is NaN before each tile and each chunk, so a value that is read before it
//! is written, or after another value took its place, shows in a result.

mod factors;
mod memory;
mod movement;
mod nests;
mod products;

use super::{BatchStatement, Lowered, SampleResult, TileStatement};
use crate::ir::Feed;
use crate::plan::Stream;
use memory::Memory;

/// Directions of a chunk: more than one, and fewer than most programs have.
const CHUNK: usize = 2;

/// What a program leaves behind.
#[derive(Clone, PartialEq, Debug)]
pub struct Interpreted {
    /// The buffer of sums over samples: gradients, the loss, others.
    pub sums: Vec<f64>,
    /// Rows of per-sample results for each sample and direction; one direction where results have none.
    pub results: Vec<Vec<Vec<f64>>>,
}

struct Machine<'a> {
    program: &'a Lowered,
    memory: Memory<'a>,
    /// Results of the sample in hand, by direction.
    results: Vec<Vec<f64>>,
}

/// Runs a program. The feed has as many directions as the program streams.
pub fn interpret(program: &Lowered, feed: &Feed) -> Interpreted {
    let mut machine = Machine {
        program,
        memory: Memory::new(program, feed),
        results: vec![],
    };
    let mut results = Vec::new();
    for statement in &program.prologue {
        machine.batch_statement(statement);
    }
    let directions = match program.stream {
        Stream::None => 0,
        Stream::Exact(count) => count,
        Stream::Given => feed.directions,
    };
    for b in 0..feed.batch {
        machine.memory.begin_sample(b);
        machine.run(&program.samples);
        for t0 in (0..directions).step_by(CHUNK) {
            machine.memory.begin_chunk(t0, CHUNK.min(directions - t0));
            machine.run(&program.stream_body);
        }
        machine.memory.end_chunks();
        machine.run(&program.finish);
        results.push(std::mem::take(&mut machine.results));
    }
    for statement in &program.epilogue {
        machine.batch_statement(statement);
    }
    Interpreted {
        sums: machine.memory.sums,
        results,
    }
}

impl Machine<'_> {
    fn run(&mut self, statements: &[TileStatement]) {
        for statement in statements {
            self.tile_statement(statement);
        }
    }

    fn tile_statement(&mut self, statement: &TileStatement) {
        let memory = &mut self.memory;
        match statement {
            TileStatement::Loop(nest) => nests::loop_nest(memory, &self.program.scalars, nest),
            TileStatement::Gemm(gemm) => products::gemm(memory, gemm),
            TileStatement::RankK(update) => products::rank_k(memory, update),
            // The caller forms a deferred product from the same operands.
            TileStatement::Defer(defer) => products::rank_k(memory, &defer.update),
            TileStatement::Contraction(c) => nests::contraction(memory, c),
            TileStatement::SampleSum(sum) => {
                for t in 0..memory.directions(sum.from.axes) {
                    for k in 0..sum.from.len {
                        let x = memory.entry(&sum.from, k, t);
                        *memory.cell(&sum.to, k, t) += x;
                    }
                }
            }
            TileStatement::Movement(m) => movement::movement(memory, m),
            TileStatement::Directions(view) => {
                for t in 0..memory.directions(view.axes) {
                    let direction = memory.direction(t);
                    memory.write(view, t, &direction);
                }
            }
            TileStatement::Zero(view) => memory.write(view, 0, &vec![0.0; view.len]),
            TileStatement::ReduceToColumns(c) => {
                for t in 0..memory.directions(c.from.axes) {
                    for k in 0..c.from.len {
                        let x = memory.entry(&c.from, k, t);
                        let at = k * c.columns + memory.t0 + t;
                        *memory.cell(&c.to, at, t) += x;
                    }
                }
            }
            TileStatement::Result(result) => self.result(result),
        }
    }

    fn batch_statement(&mut self, statement: &BatchStatement) {
        let memory = &mut self.memory;
        match statement {
            BatchStatement::Loop(nest) => nests::loop_nest(memory, &self.program.scalars, nest),
            BatchStatement::Contraction(c) => nests::contraction(memory, c),
            BatchStatement::Movement(m) => movement::movement(memory, m),
            BatchStatement::Lq(lq) => factors::lq(memory, lq),
            BatchStatement::LqGradient(g) => {
                let whole = memory.read(&g.gradient, 0);
                memory.write(&g.to, 0, &whole);
            }
            BatchStatement::Fill(fill) => memory.write(&fill.to, 0, &fill.values),
            BatchStatement::Deliver(d) => {
                let values: Vec<f64> = (0..d.from.len())
                    .map(|k| memory.operand(&d.from, k, 0))
                    .collect();
                memory.write(&d.to, 0, &values);
            }
            BatchStatement::Transpose(t) => {
                for i in 0..t.k {
                    for j in 0..t.m {
                        let x = memory.entry(&t.from, i * t.m + j, 0);
                        *memory.cell(&t.to, j * t.k + i, 0) = x;
                    }
                }
            }
        }
    }

    fn result(&mut self, r: &SampleResult) {
        let count = if r.per_direction { self.memory.tn } else { 1 };
        for t in 0..count {
            let direction = if r.per_direction {
                self.memory.t0 + t
            } else {
                0
            };
            if self.results.len() <= direction {
                let rows = vec![f64::NAN; self.program.out_rows()];
                self.results.resize(direction + 1, rows);
            }
            for k in 0..r.from.len() {
                self.results[direction][r.row + k] = self.memory.operand(&r.from, k, t);
            }
        }
    }
}
