//! What a random energy is drawn from: steps that mean something after any other steps, so that a failing energy
//! shrinks by losing steps.

use super::writer;
use proptest::prelude::*;
use scorematch_compiler::ir::Graph;
use scorematch_compiler::spec::parse_and_check;
use std::fmt;

/// One statement or so of a spec. Numbers are read modulo what there is to choose from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    /// Which value it works on.
    pub(crate) a: u16,
    /// A second value, likewise.
    pub(crate) b: u16,
    /// Which function, axis or length.
    pub(crate) n: u16,
}

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Param,
    Function,
    UserFunction,
    Arithmetic,
    ConstantArray,
    Dense,
    Mlp,
    Residual,
    SharedNet,
    Dot,
    Transpose,
    Reshape,
    Index,
    Gather,
    Concat,
    ReduceToColumns,
    Pairs,
    Reduce,
    Softmax,
    ScalarProduct,
    Matrix,
    Tied,
    Iterated,
    Parts,
    Network,
}

impl Kind {
    pub(crate) const ALL: [Kind; 25] = [
        Kind::Param,
        Kind::Function,
        Kind::UserFunction,
        Kind::Arithmetic,
        Kind::ConstantArray,
        Kind::Dense,
        Kind::Mlp,
        Kind::Residual,
        Kind::SharedNet,
        Kind::Dot,
        Kind::Transpose,
        Kind::Reshape,
        Kind::Index,
        Kind::Gather,
        Kind::Concat,
        Kind::ReduceToColumns,
        Kind::Pairs,
        Kind::Reduce,
        Kind::Softmax,
        Kind::ScalarProduct,
        Kind::Matrix,
        Kind::Tied,
        Kind::Iterated,
        Kind::Parts,
        Kind::Network,
    ];
}

/// How x enters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// As a value like any other.
    Free,
    /// Only through shared linear maps with fewer rows than x has entries, which is what entry compression needs.
    Narrow {
        /// Rows of the first map.
        rows: usize,
        /// A second map of one row.
        second: bool,
        /// A quadratic in x beside the network.
        quadratic: bool,
    },
}

/// A random energy.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) x: Vec<usize>,
    pub(crate) entry: Entry,
    pub(crate) steps: Vec<Step>,
    /// How values that no step read enter the energy.
    pub(crate) ending: u16,
    /// Seed of the values of x and the parameters.
    pub(crate) seed: u64,
}

impl Recipe {
    pub(crate) fn source(&self) -> String {
        writer::spec(self)
    }

    /// The energy. Every recipe is one: a refusal is a fault of the writer or of the checker.
    pub(crate) fn graph(&self) -> Graph {
        let source = self.source();
        let tokens = source.parse().expect("the spec is made of tokens");
        match parse_and_check(tokens) {
            Ok(mut models) => models.remove(0).graph,
            Err(errors) => {
                let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
                panic!("refused: {}\n{source}", texts.join("; "))
            }
        }
    }
}

/// A failing recipe is read as the spec that it makes.
impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "values from seed {}\n{}\n{:?} {:?} {:?}",
            self.seed,
            self.source(),
            self.entry,
            self.ending,
            self.steps
        )
    }
}

fn steps(kinds: &'static [Kind], most: usize) -> impl Strategy<Value = Vec<Step>> {
    let kind = prop::sample::select(kinds.to_vec());
    let step = (kind, any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(kind, a, b, n)| Step {
        kind,
        a,
        b,
        n,
    });
    prop::collection::vec(step, 1..=most)
}

fn recipe(
    x: impl Strategy<Value = Vec<usize>>,
    entry: impl Strategy<Value = Entry>,
    kinds: &'static [Kind],
) -> impl Strategy<Value = Recipe> {
    (x, entry, steps(kinds, 10), any::<u16>(), any::<u64>()).prop_map(
        |(x, entry, steps, ending, seed)| Recipe {
            x,
            entry,
            steps,
            ending,
            seed,
        },
    )
}

/// Energies over small inputs of every rank, numbers and vectors of one entry included.
pub(crate) fn energies() -> impl Strategy<Value = Recipe> {
    free(&Kind::ALL)
}

/// The same of statements that use parameters again, and of some that connect them.
pub(crate) fn sharing_energies() -> impl Strategy<Value = Recipe> {
    free(&[
        Kind::Matrix,
        Kind::Tied,
        Kind::Iterated,
        Kind::Parts,
        Kind::Network,
        Kind::SharedNet,
        Kind::Function,
        Kind::Arithmetic,
        Kind::Concat,
        Kind::Index,
        Kind::Reshape,
        Kind::Pairs,
    ])
}

fn free(kinds: &'static [Kind]) -> impl Strategy<Value = Recipe> {
    let shapes: [&[usize]; 10] = [
        &[],
        &[1],
        &[2],
        &[3],
        &[5],
        &[2, 2],
        &[3, 2],
        &[4, 1],
        &[1, 3],
        &[2, 1, 2],
    ];
    let shapes = shapes.map(<[usize]>::to_vec).to_vec();
    recipe(prop::sample::select(shapes), Just(Entry::Free), kinds)
}

/// Energies over inputs that are wider than what they enter through.
pub(crate) fn wide_energies() -> impl Strategy<Value = Recipe> {
    let entry = (1usize..=4, any::<bool>(), any::<bool>()).prop_map(|(rows, second, quadratic)| {
        Entry::Narrow {
            rows,
            second,
            quadratic,
        }
    });
    let shapes = prop_oneof![
        3 => (6usize..=9).prop_map(|d| vec![d]),
        1 => Just(vec![3, 2]),
        1 => Just(vec![2, 1, 4]),
    ];
    recipe(shapes, entry, &Kind::ALL)
}
