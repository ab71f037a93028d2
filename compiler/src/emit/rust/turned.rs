//! Matrices that tiles read by their columns, copied so that they read them by rows.
//!
//! A strip of y = Wᵀ x takes a few neighbours of every row of W. Where rows are long the neighbours of one strip crowd into
//! few sets of the first-level cache, and as many pages, and every panel fetches them again. One copy a step costs less, in
//! forms whose vectors are short beside a row of samples (`Vector::TURNS`).

use super::region::Regions;
use super::writer::Writer;
use crate::ir::{Axes, NodeId};
use crate::plan::{Phase, Place, Plan, Product, Step};

/// Elements of a row of W from which the copy pays (measured: at 64 it costs what it saves).
const LONG: usize = 128;

/// Rows of W from which it does: of fewer a block takes few steps.
const MANY: usize = 32;

/// The copies that a program makes.
pub(super) struct Turned {
    copies: Vec<Transpose>,
    /// Scalars of shared values, the copies included.
    pub(super) shared: usize,
}

/// The transpose of a dense \[k, m\] matrix.
struct Transpose {
    matrix: NodeId,
    k: usize,
    m: usize,
    /// Where it lies among the shared values.
    at: usize,
}

impl Turned {
    /// Those of a loss. What has no sums may be asked for a single sample, which would wait longer for a copy than for all
    /// of its products.
    pub(super) fn of(plan: &Plan) -> Turned {
        let mut turned = Turned {
            copies: Vec::new(),
            shared: plan.sizes.shared,
        };
        if plan.sizes.acc == 0 {
            return turned;
        }
        for phase in [Phase::Samples, Phase::Stream, Phase::Finish] {
            for step in plan.steps(phase) {
                if let Step::Product(p) = step {
                    turned.add(plan, p);
                }
            }
        }
        turned
    }

    fn add(&mut self, plan: &Plan, p: &Product) {
        let stored = matches!(plan.place(p.matrix), Place::Param(_) | Place::Shared(_));
        let whole = p.m * p.k == plan.graph.node(p.matrix).len();
        let pays = p.m >= LONG && p.k >= MANY;
        if stored && by_columns(p) && whole && pays && self.find(p).is_none() {
            self.copies.push(Transpose {
                matrix: p.matrix,
                k: p.k,
                m: p.m,
                at: self.shared,
            });
            self.shared += p.m * p.k;
        }
    }

    /// Where the copy lies that a product reads, if it reads one.
    pub(super) fn find(&self, p: &Product) -> Option<usize> {
        let same = |copy: &&Transpose| (copy.matrix, copy.k, copy.m) == (p.matrix, p.k, p.m);
        self.copies
            .iter()
            .find(same)
            .filter(|_| by_columns(p))
            .map(|copy| copy.at)
    }

    /// What the copy of a matrix is called.
    pub(super) fn name(matrix: NodeId) -> String {
        format!("turned{}", matrix.0)
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.copies.is_empty()
    }

    /// The steps of the prologue that make them, after all that they may copy.
    pub(super) fn steps(&self, w: &mut Writer, plan: &Plan) {
        for copy in &self.copies {
            let mut regions = Regions::new(plan, false);
            let matrix = regions.of(copy.matrix).name;
            let place = Place::Shared(copy.at);
            let to = regions.at(
                place,
                copy.k * copy.m,
                Axes::SHARED,
                Turned::name(copy.matrix),
            );
            w.line(format!(
                "// {} = v{} by its columns",
                to.name, copy.matrix.0
            ));
            w.block("if common.turns", |w| {
                regions.bind().iter().for_each(|line| w.line(line));
                w.line(format!(
                    "rt::turn(common.team, [{}, {}], &*{matrix}, {});",
                    copy.k, copy.m, to.name
                ));
            });
        }
    }
}

/// Whether a product reads a dense matrix by its columns.
fn by_columns(p: &Product) -> bool {
    (p.matrix_row, p.matrix_col) == (1, p.m)
}
