//! What statements read and write.

use super::{
    BatchStatement, Contraction, Load, LoopNest, Movement, Operand, Source, TileStatement,
};
use super::{RankKCall, View};

/// The views that a statement touches.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Effects {
    /// What it reads.
    pub reads: Vec<View>,
    /// What it writes, or adds to.
    pub writes: Vec<View>,
}

impl Effects {
    fn new(reads: impl IntoIterator<Item = View>, writes: impl IntoIterator<Item = View>) -> Self {
        Effects {
            reads: reads.into_iter().collect(),
            writes: writes.into_iter().collect(),
        }
    }
}

impl Load {
    /// The range of a buffer that is read.
    pub fn view(&self) -> Option<View> {
        match self.source {
            Source::View(view) | Source::Column { matrix: view, .. } => Some(view),
            Source::Constant(_) | Source::Weight | Source::Sigma | Source::UnitDirection => None,
        }
    }
}

fn of_nest(nest: &LoopNest) -> Effects {
    let sums = nest.sums.iter().map(|sum| sum.to);
    Effects::new(
        nest.loads().filter_map(Load::view),
        nest.stores().chain(sums),
    )
}

fn of_contraction(contraction: &Contraction) -> Effects {
    let factors = contraction.factors();
    Effects::new(factors.filter_map(|f| f.operand.view()), [contraction.to])
}

fn of_movement(movement: &Movement) -> Effects {
    let sources = movement.sources().into_iter();
    Effects::new(
        sources.filter_map(|operand| operand.view()),
        [movement.to()],
    )
}

fn of_rank_k(update: &RankKCall) -> Effects {
    Effects::new(update.pairs.iter().flat_map(|&(a, b)| [a, b]), [update.c])
}

impl TileStatement {
    /// What the statement reads and writes.
    pub fn effects(&self) -> Effects {
        match self {
            TileStatement::Loop(nest) => of_nest(nest),
            TileStatement::Gemm(gemm) => {
                Effects::new(gemm.matrix.view().into_iter().chain([gemm.x]), [gemm.y])
            }
            TileStatement::RankK(update) => of_rank_k(update),
            TileStatement::Contraction(contraction) => of_contraction(contraction),
            TileStatement::SampleSum(sum) => Effects::new([sum.from], [sum.to]),
            TileStatement::Movement(movement) => of_movement(movement),
            TileStatement::Directions(view) | TileStatement::Zero(view) => {
                Effects::new([], [*view])
            }
            TileStatement::ReduceToColumns(columns) => Effects::new([columns.from], [columns.to]),
            TileStatement::Defer(defer) => of_rank_k(&defer.update),
            TileStatement::Result(result) => Effects::new(result.from.view(), []),
        }
    }
}

impl BatchStatement {
    /// What the statement reads and writes.
    pub fn effects(&self) -> Effects {
        match self {
            BatchStatement::Loop(nest) => of_nest(nest),
            BatchStatement::Contraction(contraction) => of_contraction(contraction),
            BatchStatement::Movement(movement) => of_movement(movement),
            BatchStatement::Lq(lq) => {
                Effects::new([lq.of], lq.lower.into_iter().chain(lq.orthonormal))
            }
            BatchStatement::LqGradient(g) => Effects::new([g.lower, g.gradient], [g.to]),
            BatchStatement::Fill(fill) => Effects::new([], [fill.to]),
            BatchStatement::Deliver(deliver) => {
                Effects::new(Operand::view(&deliver.from), [deliver.to])
            }
            BatchStatement::Transpose(transpose) => Effects::new([transpose.from], [transpose.to]),
        }
    }
}
