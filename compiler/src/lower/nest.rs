//! Loop nests of elementwise formulas.

use super::buffers::Place;
use super::lowering::Lowering;
use super::{Operand, View};
use crate::ir::{Axes, Expr, Input};
use crate::plan::{Loop, broadcast_strides};
use std::collections::BTreeMap;

/// Elementwise formulas over one index space, computed together for every element.
///
/// All loads of an element precede its stores, so a formula may be stored over a value of the same element.
#[derive(Clone, PartialEq, Debug)]
pub struct LoopNest {
    /// What the nest runs over beside its features.
    pub axes: Axes,
    /// Sizes of the feature loops, outermost first. Adjacent loops that every operand walks with one stride are one.
    pub dims: Vec<usize>,
    /// Argument i of the formulas is `locals[&i]`.
    pub locals: BTreeMap<usize, Local>,
    /// Formulas in the order in which they are computed.
    pub formulas: Vec<Formula>,
    /// Sums over the directions of a chunk.
    pub sums: Vec<DirectionSum>,
}

/// An argument of the formulas.
#[derive(Clone, PartialEq, Debug)]
pub enum Local {
    /// The result of an earlier formula of the nest.
    Formula(usize),
    /// A value that is read.
    Load(Load),
}

/// A value that a nest reads.
#[derive(Clone, PartialEq, Debug)]
pub struct Load {
    /// A number that names the value in emitted text.
    pub label: u32,
    /// Where it is read.
    pub source: Source,
    /// The stride along each loop; 0 where the value is broadcast.
    pub strides: Vec<usize>,
    /// Whether it differs between directions.
    pub per_direction: bool,
}

/// Where a loop nest reads a value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Source {
    /// A range of a buffer, at the element's index.
    View(View),
    /// A number.
    Constant(f64),
    /// 1/M for M directions.
    Weight,
    /// The noise scale.
    Sigma,
    /// Unit directions: 1 where the index is the direction, else 0.
    UnitDirection,
    /// Expanded columns: direction t reads entry (index, t) of a shared matrix.
    Column {
        /// The matrix, row-major.
        matrix: View,
        /// Its number of columns.
        columns: usize,
    },
}

/// One formula.
#[derive(Clone, PartialEq, Debug)]
pub struct Formula {
    /// A number that names the result in emitted text.
    pub label: u32,
    /// The expression over the locals.
    pub expr: Expr,
    /// Where the result is stored, if anything beyond the nest reads it.
    pub store: Option<View>,
}

/// A sum over directions: `to += expr` for every direction of the chunk, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct DirectionSum {
    /// The per-sample accumulator.
    pub to: View,
    /// The expression over the locals.
    pub expr: Expr,
}

impl LoopNest {
    /// The stride of each loop in a value of the nest's own shape.
    pub fn full_strides(&self) -> Vec<usize> {
        crate::plan::strides(&self.dims)
    }

    /// Number of elements.
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// Values that are read.
    pub fn loads(&self) -> impl Iterator<Item = &Load> {
        self.locals.values().filter_map(|local| match local {
            Local::Load(load) => Some(load),
            Local::Formula(_) => None,
        })
    }

    /// Results that are stored.
    pub fn stores(&self) -> impl Iterator<Item = View> {
        self.formulas.iter().filter_map(|formula| formula.store)
    }

    /// The number that names a local.
    pub fn label(&self, local: &Local) -> u32 {
        match local {
            Local::Formula(i) => self.formulas[*i].label,
            Local::Load(load) => load.label,
        }
    }

    /// Every root expression: the formulas, then the sums.
    pub fn roots(&self) -> Vec<Expr> {
        let formulas = self.formulas.iter().map(|f| f.expr);
        formulas.chain(self.sums.iter().map(|s| s.expr)).collect()
    }
}

impl Lowering<'_> {
    pub(super) fn nest(&self, l: &Loop) -> LoopNest {
        let g = &self.plan.graph;
        let strides: Vec<Vec<usize>> = l
            .values
            .values()
            .map(|&id| broadcast_strides(g.shape(id), &l.shape))
            .collect();
        let (dims, strides) = collapsed(&l.shape, &strides);
        let formula = |id| l.formulas.iter().position(|f| f.0 == id);
        let locals = l.values.iter().zip(strides).map(|((&i, &id), strides)| {
            let local = formula(id).map_or_else(
                || {
                    Local::Load(Load {
                        label: id.0,
                        source: self.source(id),
                        strides,
                        per_direction: g.axes(id).tangent,
                    })
                },
                Local::Formula,
            );
            (i, local)
        });
        let formulas = l.formulas.iter().map(|&(id, expr)| Formula {
            label: id.0,
            expr,
            store: l.stores.contains(&id).then(|| self.view(id)),
        });
        let sums = l.sums.iter().map(|&(id, expr)| DirectionSum {
            to: self.view(id),
            expr,
        });
        LoopNest {
            axes: l.axes,
            dims,
            locals: locals.collect(),
            formulas: formulas.collect(),
            sums: sums.collect(),
        }
    }

    fn source(&self, id: crate::ir::NodeId) -> Source {
        let g = &self.plan.graph;
        match self.placement.of(id) {
            Place::Input(Input::Weight) => Source::Weight,
            Place::Input(Input::Sigma) => Source::Sigma,
            Place::UnitDirections => Source::UnitDirection,
            Place::ExpandColumns(of) => Source::Column {
                matrix: self.view(*of),
                columns: g.shape(*of).last().copied().unwrap_or(1),
            },
            Place::Constant(_)
            | Place::Param(_)
            | Place::Shared(_)
            | Place::Acc(_)
            | Place::Sample(_)
            | Place::Tangent(_)
            | Place::Input(Input::X | Input::V | Input::Omega | Input::Directions)
            | Place::Fused => match self.operand(id) {
                Operand::View(view) => Source::View(view),
                Operand::Constant { value, .. } => Source::Constant(value),
            },
        }
    }
}

/// Sizes of the loops over a shape and the strides of every value along them. Axes of one entry make no loop, and
/// adjacent axes that every value walks with one stride make one.
fn collapsed(shape: &[usize], strides: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let full = broadcast_strides(shape, shape);
    let mut dims: Vec<(usize, Vec<usize>)> = Vec::new();
    for (i, &size) in shape.iter().enumerate().filter(|axis| *axis.1 != 1) {
        let of_all = strides.iter().chain([&full]);
        let own: Vec<usize> = of_all.map(|s| s[i]).collect();
        match dims.last_mut() {
            Some((n, outer)) if outer.iter().zip(&own).all(|(o, s)| *o == s * size) => {
                *n *= size;
                *outer = own;
            }
            _ => dims.push((size, own)),
        }
    }
    let of = |k: usize| dims.iter().map(|d| d.1[k]).collect();
    (
        dims.iter().map(|d| d.0).collect(),
        (0..strides.len()).map(of).collect(),
    )
}
