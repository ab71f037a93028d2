//! Every step of a program is compiled for the instruction set that runs it, however large the step. An intrinsic that
//! is a function of its own was called from code that was compiled without its instruction set.
#![cfg(target_arch = "x86_64")]

use ndarray::Array2;
use object::{Object, ObjectSymbol};
use rand::{SeedableRng, rngs::SmallRng};
use scorematch::train::{Adam, Stepper};
use scorematch::{Loss, energy};

energy! {
    /// Loops over the values of six layers: too large to be inlined unless it is asked for.
    Deep(x: [5]) { mlp(x, [48, 48, 48, 48, 48, 48], silu) }
}

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "without optimisation every instruction is a function"
)]
fn no_instruction_is_a_call() {
    // What is used is compiled.
    let mut model: Deep<f32> = Deep::init(&mut SmallRng::seed_from_u64(1));
    let mut stepper = Stepper::new(&model, Adam::new(1e-3)).unwrap();
    let x = Array2::zeros((3, 5));
    stepper
        .step(&mut model, x.view(), &Loss::esm(), 1.0)
        .unwrap();

    let executable = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let executable = object::File::parse(&*executable).unwrap();
    let names: Vec<_> = executable
        .symbols()
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    assert!(
        names.iter().any(|name| name.contains("scorematch")),
        "the executable has no symbols"
    );
    let called: Vec<_> = names
        .iter()
        .filter(|name| name.contains("_mm256_") || name.contains("_mm512_"))
        .collect();
    assert!(called.is_empty(), "called as functions: {called:?}");
}
