//! Random energies on the ladder.

use super::recipe::{Recipe, energies, sharing_energies, wide_energies};
use super::{derivatives, losses, lowered, passes, transposes};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use scorematch_compiler::ir::{Func, Graph, Op};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Random energies a rung, by default: a few seconds each. The interpreter is slow without optimisation, and debug
/// builds check more in each.
const CASES: u32 = if cfg!(debug_assertions) { 24 } else { 192 };

/// Planning, emission and parsing of nine programs costs as much as ten cases of another rung.
const PLANNED: u32 = CASES / 8;

/// The same cases on every run, `cases` of them unless the environment says otherwise.
fn runner(cases: u32) -> TestRunner {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(0x05C0_4E3A);
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    // What is drawn anew on every run need not be remembered.
    config.failure_persistence = None;
    TestRunner::new(config)
}

/// A rung for random energies. The smallest spec that falls is shown with what it fell by.
fn climb(cases: u32, strategy: impl Strategy<Value = Recipe>, rung: impl Fn(&Recipe, &Graph)) {
    let outcome = runner(cases).run(&strategy, |recipe| {
        rung(&recipe, &recipe.graph());
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn score_and_hvp() {
    climb(CASES, energies(), |r, g| {
        derivatives::score_and_hvp("random", g, r.seed)
    });
}

#[test]
fn curvature_and_laplacian() {
    climb(CASES, energies(), |r, g| {
        derivatives::curvature_and_laplacian("random", g, r.seed)
    });
}

#[test]
fn reverse_is_forward_transposed() {
    climb(CASES, energies(), |r, g| {
        transposes::reverse_is_forward_transposed("random", g, r.seed)
    });
}

#[test]
fn losses_and_their_gradients() {
    climb(CASES, energies(), |r, g| {
        losses::values("random", g, r.seed);
        losses::gradients("random", g, r.seed);
        losses::exact_is_sliced_along_the_basis("random", g, r.seed);
    });
}

#[test]
fn optimized_graphs() {
    climb(CASES, energies(), |r, g| {
        passes::optimized_graphs_compute_the_same("random", g, r.seed)
    });
}

#[test]
fn compressed_graphs() {
    let (compressed, all) = (Cell::new(0), Cell::new(0));
    climb(CASES, wide_energies(), |r, g| {
        derivatives::curvature_and_laplacian("wide", g, r.seed);
        losses::gradients("wide", g, r.seed);
        let took_place = passes::compressed_graphs_compute_the_same("wide", g, r.seed);
        compressed.set(compressed.get() + u32::from(took_place));
        all.set(all.get() + 1);
    });
    // The others have a Laplacian in closed form, or a norm that nothing narrow enters.
    assert!(
        4 * compressed.get() >= all.get(),
        "{} of {} were compressed",
        compressed.get(),
        all.get()
    );
}

#[test]
fn plans() {
    climb(CASES / 2, energies(), |r, g| {
        lowered::compute_the_same("random", g, r.seed)
    });
    climb(CASES / 2, wide_energies(), |r, g| {
        lowered::compute_the_same("wide", g, r.seed)
    });
}

#[test]
fn shared_parameters() {
    climb(CASES / 2, sharing_energies(), |r, g| {
        losses::gradients("sharing", g, r.seed);
        passes::optimized_graphs_compute_the_same("sharing", g, r.seed);
        lowered::compute_the_same("sharing", g, r.seed);
    });
}

#[test]
fn text() {
    climb(PLANNED, energies(), |r, _| {
        passes::plans_and_emits(&r.source())
    });
    climb(PLANNED, wide_energies(), |r, _| {
        passes::plans_and_emits(&r.source())
    });
    climb(PLANNED, sharing_energies(), |r, _| {
        passes::plans_and_emits(&r.source())
    });
}

/// The strategy reaches what it claims: every operation that an energy can hold, every function, a value shared by all
/// samples that is more than a parameter, an input of one entry, linear energies.
#[test]
fn strategies_cover_the_language() {
    let (mut operations, mut functions, mut others) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut runner = TestRunner::deterministic();
    for _ in 0..400 {
        let recipe = energies()
            .new_tree(&mut runner)
            .expect("nothing is filtered")
            .current();
        let g = recipe.graph();
        for node in &g.nodes {
            operations.insert(operation(&node.op));
            if let Op::Map { expr, .. } = node.op {
                let text = g.scalars.print(expr, &|i| format!("a{i}"));
                functions.extend(
                    FUNCTIONS
                        .into_iter()
                        .filter(|f| text.contains(&format!("{}(", f.name())))
                        .map(Func::name),
                );
            }
        }
        let shared = |op: &Op| !matches!(op, Op::Param(_) | Op::Const(_));
        if g.nodes.iter().any(|n| !n.axes.sample && shared(&n.op)) {
            others.insert("shared");
        }
        if g.dim() == 1 {
            others.insert("one entry");
        }
        if g.params.is_empty() {
            others.insert("no parameters");
        }
    }
    let all = [
        "AtMax", "Concat", "Const", "Contract", "Gather", "Input", "Map", "Param", "Reshape",
        "Slice",
    ];
    assert_eq!(operations.into_iter().collect::<Vec<_>>(), all);
    let missing: Vec<&str> = FUNCTIONS
        .into_iter()
        .map(Func::name)
        .filter(|f| !functions.contains(f))
        .collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(
        others.into_iter().collect::<Vec<_>>(),
        ["no parameters", "one entry", "shared"]
    );
}

/// Functions that specs can call; their derivatives bring in the others.
const FUNCTIONS: [Func; 13] = [
    Func::Exp,
    Func::Log,
    Func::Log1p,
    Func::Sqrt,
    Func::Tanh,
    Func::Sigmoid,
    Func::Softplus,
    Func::Logcosh,
    Func::Sin,
    Func::Cos,
    Func::Erf,
    Func::Abs,
    Func::Relu,
];

fn operation(op: &Op) -> &'static str {
    match op {
        Op::Param(_) => "Param",
        Op::Input(_) => "Input",
        Op::Const(_) => "Const",
        Op::Contract { .. } => "Contract",
        Op::Map { .. } => "Map",
        Op::Reshape(_) => "Reshape",
        Op::Slice { .. } => "Slice",
        Op::Pad { .. } => "Pad",
        Op::Concat { .. } => "Concat",
        Op::Gather { .. } => "Gather",
        Op::Scatter { .. } => "Scatter",
        Op::AtMax { .. } => "AtMax",
        Op::UnitDirections => "UnitDirections",
        Op::ExpandColumns(_) => "ExpandColumns",
        Op::ReduceToColumns(_) => "ReduceToColumns",
        Op::LqLower(_) => "LqLower",
        Op::LqOrthonormal(_) => "LqOrthonormal",
        Op::LqGradient { .. } => "LqGradient",
    }
}
