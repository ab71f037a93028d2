//! What must hold in every lowered program; checked after lowering in debug builds and by the tests.

use super::{
    BatchStatement, Buffer, Contraction, Defer, GemmCall, Indexed, Load, Local, LoopNest, Lowered,
    Movement, Operand, Output, RankKCall, Source, Subscript, TileStatement, View,
};
use crate::ir::{Axes, Pool};
use crate::plan::Repeat;

/// Why a statement is refused.
type Check = Result<(), String>;

/// The first violated invariant, as text that names the statement.
pub fn verify(l: &Lowered) -> Check {
    let tiles = [
        ("samples", &l.samples, false),
        ("stream", &l.stream_body, true),
        ("finish", &l.finish, false),
    ];
    for (phase, statements, streamed) in tiles {
        for (i, statement) in statements.iter().enumerate() {
            tile_statement(l, statement, streamed).map_err(|e| format!("{phase} {i}: {e}"))?;
        }
    }
    for (phase, statements) in [("prologue", &l.prologue), ("epilogue", &l.epilogue)] {
        for (i, statement) in statements.iter().enumerate() {
            batch_statement(l, statement).map_err(|e| format!("{phase} {i}: {e}"))?;
        }
    }
    for output in &l.outputs {
        match output {
            Output::Loss(view) | Output::Gradient(_, view) => in_buffer(l, view)?,
            Output::Sample { .. } => {}
        }
    }
    if let Some(lower) = &l.triangle {
        in_buffer(l, &lower.view)?;
        let computed = lower.view.buffer == Buffer::Shared;
        holds(computed, || {
            format!("L is {}, which no prologue computes", lower.view)
        })?;
    }
    for (i, d) in l.deferred.iter().enumerate() {
        in_buffer(l, &d.to)?;
        holds(d.to.len == d.rows * l.dim, || {
            format!("deferred {i} has another size")
        })?;
    }
    Ok(())
}

fn holds(condition: bool, message: impl FnOnce() -> String) -> Check {
    if condition { Ok(()) } else { Err(message()) }
}

fn in_buffer(l: &Lowered, view: &View) -> Check {
    let size = match view.buffer {
        Buffer::Params => l.params,
        Buffer::Shared => l.shared,
        Buffer::Sums => l.sums,
        Buffer::Samples => l.sample_rows,
        Buffer::Chunk => l.chunk_rows,
        Buffer::X | Buffer::V => l.dim,
        Buffer::Omega => 1,
    };
    holds(view.end() <= size, || format!("{view} ends behind {size}"))?;
    let axes = match view.buffer {
        Buffer::Params | Buffer::Shared | Buffer::Sums => Axes::SHARED,
        Buffer::Samples | Buffer::X | Buffer::V | Buffer::Omega => Axes::SAMPLE,
        Buffer::Chunk => Axes::TANGENT,
    };
    holds(view.axes == axes, || {
        format!("{view} varies over {:?}", view.axes)
    })
}

/// What a statement touches lies in its buffers, and two ranges of a buffer that statements write are equal or
/// disjoint.
fn touches(l: &Lowered, reads: &[View], writes: &[View]) -> Check {
    let all: Vec<&View> = reads.iter().chain(writes).collect();
    all.iter().try_for_each(|view| in_buffer(l, view))?;
    for (i, a) in all.iter().enumerate() {
        let written = match a.buffer {
            Buffer::Shared | Buffer::Sums | Buffer::Samples | Buffer::Chunk => true,
            Buffer::Params | Buffer::X | Buffer::V | Buffer::Omega => false,
        };
        let clash = all[..i].iter().find(|b| a.overlaps(b) && !a.is_same(b));
        holds(!written || clash.is_none(), || {
            format!("{a} overlaps another range: {clash:?}")
        })?;
    }
    Ok(())
}

fn tile_statement(l: &Lowered, statement: &TileStatement, streamed: bool) -> Check {
    let effects = statement.effects();
    touches(l, &effects.reads, &effects.writes)?;
    for write in &effects.writes {
        let written = match write.buffer {
            Buffer::Samples | Buffer::Chunk | Buffer::Sums => true,
            Buffer::Params | Buffer::Shared | Buffer::X | Buffer::V | Buffer::Omega => false,
        };
        holds(written, || format!("a tile writes {write}"))?;
    }
    let mut touched = effects.reads.iter().chain(&effects.writes);
    let chunk = touched.find(|view| view.buffer == Buffer::Chunk && !streamed);
    holds(chunk.is_none(), || {
        format!("no direction is at hand: {chunk:?}")
    })?;
    match statement {
        TileStatement::Loop(nest) => loop_nest(&l.scalars, nest),
        TileStatement::Gemm(gemm) => self::gemm(gemm),
        TileStatement::RankK(update) => rank_k(update),
        TileStatement::Contraction(c) => contraction(c),
        TileStatement::SampleSum(sum) => holds(sum.from.len == sum.to.len, || {
            "sums have another size".to_string()
        }),
        TileStatement::Movement(m) => movement(m),
        TileStatement::Directions(view) => {
            holds(view.len == l.dim, || format!("{view} is no direction"))
        }
        TileStatement::Zero(_) => Ok(()),
        TileStatement::ReduceToColumns(c) => {
            let size = c.from.len * c.columns;
            holds(c.to.len == size, || {
                format!("{} columns in {}", c.columns, c.to)
            })
        }
        TileStatement::Defer(Defer {
            update,
            index,
            with,
        }) => {
            rank_k(update)?;
            let deferred = l.deferred.get(*index);
            let same = deferred.is_some_and(|d| d.to.is_same(&update.c) && d.with == *with);
            holds(same, || format!("deferred {index} is another product"))
        }
        TileStatement::Result(r) => {
            let end = r.row + r.from.len();
            holds(end <= l.out_rows(), || {
                format!("{} ends behind all results", r.name)
            })
        }
    }
}

fn batch_statement(l: &Lowered, statement: &BatchStatement) -> Check {
    let effects = statement.effects();
    touches(l, &effects.reads, &effects.writes)?;
    let mut touched = effects.reads.iter().chain(&effects.writes);
    let rows = touched.find(|view| view.is_rows());
    holds(rows.is_none(), || format!("no sample is at hand: {rows:?}"))?;
    match statement {
        BatchStatement::Loop(nest) => loop_nest(&l.scalars, nest),
        BatchStatement::Contraction(c) => contraction(c),
        BatchStatement::Movement(m) => movement(m),
        BatchStatement::Lq(lq) => {
            let [rows, columns] = lq.shape;
            let r = rows.min(columns);
            let lower = lq.lower.is_none_or(|v| v.len == rows * r);
            let orthonormal = lq.orthonormal.is_none_or(|v| v.len == r * columns);
            holds(lq.of.len == rows * columns && lower && orthonormal, || {
                format!("factors of {rows}x{columns} have another size")
            })
        }
        BatchStatement::LqGradient(g) => {
            let len = g.shape[0] * g.shape[1];
            let views = [g.lower, g.gradient, g.to];
            holds(views.iter().all(|v| v.len == len), || {
                "L and its gradient differ".to_string()
            })
        }
        BatchStatement::Fill(fill) => holds(fill.values.len() == fill.to.len, || {
            format!("{} has other entries", fill.to)
        }),
        BatchStatement::Deliver(d) => holds(d.from.len() == d.to.len, || {
            format!("{} has another size", d.to)
        }),
        BatchStatement::Transpose(t) => {
            let len = t.k * t.m;
            holds(t.from.len == len && t.to.len == len, || {
                format!("{} is not whole", t.from)
            })
        }
    }
}

/// The last index of loops (size, stride) is within an operand.
fn within(what: &View, start: usize, loops: impl IntoIterator<Item = (usize, usize)>) -> Check {
    let last = loops.into_iter().map(|(size, stride)| (size - 1) * stride);
    let last = start + last.sum::<usize>();
    holds(last < what.len, || format!("index {last} of {what}"))
}

fn operand_within(
    what: &Operand,
    start: usize,
    loops: impl IntoIterator<Item = (usize, usize)>,
) -> Check {
    match what {
        Operand::View(view) => within(view, start, loops),
        // Targets read the number through an array of one entry.
        Operand::Constant { .. } => Ok(()),
    }
}

fn loop_nest(scalars: &Pool, nest: &LoopNest) -> Check {
    for load in nest.loads() {
        load_within(nest, load)?;
    }
    for (k, formula) in nest.formulas.iter().enumerate() {
        let available = |local: &Local| match local {
            Local::Formula(i) => *i < k,
            Local::Load(_) => true,
        };
        for i in scalars.arguments(formula.expr) {
            let known = nest.locals.get(&i).is_some_and(available);
            holds(known, || {
                format!("%{} reads a later formula", formula.label)
            })?;
        }
    }
    let count = nest.elements();
    for store in nest.stores().chain(nest.sums.iter().map(|sum| sum.to)) {
        holds(store.len == count, || {
            format!("{store} has no {count} entries")
        })?;
    }
    for store in nest.stores() {
        holds(store.axes == nest.axes, || {
            format!("{store} varies otherwise")
        })?;
    }
    holds(nest.sums.is_empty() || nest.axes.tangent, || {
        "no directions to sum over".to_string()
    })
}

fn load_within(nest: &LoopNest, load: &Load) -> Check {
    holds(load.strides.len() == nest.dims.len(), || {
        format!("%{} has strides for other loops", load.label)
    })?;
    let loops = nest.dims.iter().copied().zip(load.strides.iter().copied());
    match load.source {
        Source::View(view) => within(&view, 0, loops),
        Source::Column { matrix, columns } => {
            let loops = loops.map(|(size, stride)| (size, stride * columns));
            within(&matrix, columns - 1, loops)
        }
        Source::Constant(_) | Source::Weight | Source::Sigma | Source::UnitDirection => Ok(()),
    }
}

fn gemm(g: &GemmCall) -> Check {
    operand_within(&g.matrix, 0, [(g.m, g.matrix_row), (g.k, g.matrix_col)])?;
    let around = |f: fn(&Repeat) -> usize| g.repeats.iter().map(move |r| (r.size, f(r)));
    let fold = |view: &View| (g.fold, view.len / g.fold);
    within(&g.x, 0, around(|r| r.a).chain([(g.k, g.x_row), fold(&g.x)]))?;
    within(&g.y, 0, around(|r| r.b).chain([(g.m, g.y_row), fold(&g.y)]))?;
    holds(g.zeros.is_none() || g.dead.is_none(), || {
        "no GEMM gains from both triangles".to_string()
    })
}

fn rank_k(o: &RankKCall) -> Check {
    within(&o.c, 0, [(o.m, o.c_row), (o.n, o.c_col)])?;
    let around = |f: fn(&Repeat) -> usize| o.repeats.iter().map(move |r| (r.size, f(r)));
    for (a, b) in &o.pairs {
        let fold = |view: &View| (o.fold, view.len / o.fold);
        within(a, 0, around(|r| r.a).chain([(o.m, o.a_row), fold(a)]))?;
        within(b, 0, around(|r| r.b).chain([(o.n, o.b_row), fold(b)]))?;
        holds(a.axes == b.axes, || {
            format!("{a} and {b} vary over different things")
        })?;
    }
    let alone = o.pairs.len() == 1 || o.zeros == [None; 2];
    holds(alone, || "several pairs have no common zeros".to_string())
}

fn contraction(c: &Contraction) -> Check {
    let loops = |subscripts: &[Subscript]| -> Result<Vec<(usize, usize)>, String> {
        let sized = subscripts.iter().map(|s| {
            let size = c.size(s.label).ok_or("an index without a size")?;
            Ok((size, s.stride))
        });
        sized.collect()
    };
    within(&c.to, 0, loops(&c.subscripts)?)?;
    for factor in c.factors() {
        operand_within(&factor.operand, 0, loops(&factor.subscripts)?)?;
    }
    Ok(())
}

fn movement(m: &Movement) -> Check {
    match m {
        Movement::Blocks { to, zeros, blocks } => {
            for b in blocks {
                operand_within(&b.from, b.from_start, [(b.count, b.from_step), (b.run, 1)])?;
                within(to, b.to_start, [(b.count, b.to_step), (b.run, 1)])?;
            }
            let covered: usize = blocks.iter().map(|b| b.count * b.run).sum();
            holds(*zeros || covered == to.len, || {
                format!("{covered} entries of {to}")
            })
        }
        Movement::Gather(g) => {
            indices(g)?;
            let axes = (g.from.len(), g.to.len);
            indexed(g, axes)
        }
        Movement::Scatter(s) => {
            indices(s)?;
            let axes = (s.to.len, s.from.len());
            indexed(s, axes)
        }
        Movement::Maximum(m) => {
            let full = m.outer * m.len * m.run;
            let same = m.of.len() == full && m.values.is_none_or(|v| v.len() == full);
            holds(same && m.to.len == m.outer * m.run, || {
                format!("{} has other axes", m.to)
            })
        }
    }
}

/// Entries of the mapped and of the other side.
fn indexed(i: &Indexed, (mapped, listed): (usize, usize)) -> Check {
    let whole = mapped == i.outer * i.mapped * i.run && listed == i.outer * i.map.len() * i.run;
    holds(whole, || format!("{} has other axes", i.to))
}

fn indices(i: &Indexed) -> Check {
    let last = i.map.indices().into_iter().max();
    holds(last < Some(i.mapped), || {
        format!("index {last:?} of {}", i.mapped)
    })
}
