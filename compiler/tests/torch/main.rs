//! PyTorch modules: they are Python, and in PyTorch their energies, scores and Laplacians are those of the interpreter.
//!
//! The comparison runs where `SCOREMATCH_TORCH` names a Python that can import torch, numpy and safetensors.

mod cases;

use cases::{Case, cases};
use scorematch_compiler::diff::{Adjoint, Program};
use scorematch_compiler::ir::{Feed, Graph, Init, Input, eval};
use scorematch_compiler::spec::check;
use scorematch_compiler::{Sizes, torch_module};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Samples in a batch: more than one, so that a value of one sample that leaks into another is seen.
const BATCH: usize = 3;

/// Two orders of the same sums, relative to the largest number of the result, or to 1.
const TOLERANCE: f64 = 1e-12;

/// A fresh folder for the files of a test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the folder can be removed");
    }
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// The energy of a model of a case.
fn energy(case: &Case, model: &str) -> Graph {
    let tokens = case.source.parse().expect("the spec is made of tokens");
    let models = check(tokens, &case.sizes, Some(model));
    models.expect("the spec has no mistakes").remove(0).graph
}

/// Random numbers in (−1, 1): xorshift64*.
fn random(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..8).for_each(|_| {
        next();
    });
    (0..count).map(|_| next()).collect()
}

/// Random parameters and samples, with every unit vector as a direction.
fn feed(g: &Graph, x: Vec<f64>) -> Feed {
    let dim = g.dim();
    let params = g.params.iter().enumerate().map(|(i, p)| {
        let scale = match p.shape.as_slice() {
            [.., columns] if p.shape.len() > 1 => 1.5 / (*columns as f64).sqrt(),
            _ => 1.0,
        };
        let values = random(i as u64 + 2, p.shape.iter().product());
        values.into_iter().map(|v| scale * v).collect()
    });
    let mut units = vec![0.0; dim * BATCH * dim];
    for t in 0..dim {
        (0..BATCH).for_each(|b| units[(t * BATCH + b) * dim + t] = 1.0);
    }
    Feed {
        batch: BATCH,
        directions: dim,
        params: params.collect(),
        inputs: [
            (Input::X, x),
            (Input::Directions, units),
            (Input::Weight, vec![1.0]),
        ]
        .into_iter()
        .collect(),
    }
}

/// A program's first output, `count` numbers for each sample.
fn value(g: &Graph, program: Program, feed: &Feed, count: usize) -> Vec<f64> {
    let derived = Adjoint::of(g).derive(program);
    let found = eval(&derived, feed).remove(0).data;
    // What is the same for all samples is there once.
    found.iter().copied().cycle().take(BATCH * count).collect()
}

/// The expected values of a model as JSON, for `compare.py`.
fn expected(file: &str, model: &str, case: &Case, g: &Graph) -> String {
    let dim = g.dim();
    let x: Vec<f64> = random(1, BATCH * dim)
        .iter()
        .map(|v| case.center + case.reach * v)
        .collect();
    let feed = feed(g, x.clone());
    let params = g.params.iter().zip(&feed.params).map(|(p, values)| {
        let init = match p.init {
            Init::Constant(value) => ("constant", value),
            Init::Normal(std) => ("normal", std),
            Init::Uniform(bound) => ("uniform", bound),
        };
        let (kind, size) = init;
        format!(
            "{{\"name\": {:?}, \"shape\": {:?}, \"values\": {values:?}, \"init\": [{kind:?}, {size:?}]}}",
            p.name, p.shape
        )
    });
    let params: Vec<String> = params.collect();
    let [energy, score, laplacian] = [
        (Program::Energy, 1),
        (Program::Score, dim),
        (Program::Laplacian, 1),
    ]
    .map(|(program, count)| value(g, program, &feed, count));
    format!(
        "{{\"name\": {:?}, \"file\": {file:?}, \"class\": {model:?}, \"dim\": {dim}, \"params\": [{}], \"x\": {x:?}, \
         \"energy\": {energy:?}, \"score\": {score:?}, \"laplacian\": {laplacian:?}}}",
        format!("{} {model}", case.name),
        params.join(", ")
    )
}

/// Writes the modules of all cases; returns their files, models and cases.
fn write(folder: &Path) -> Vec<(String, String, Case)> {
    let mut written = Vec::new();
    for case in cases() {
        let models =
            scorematch_compiler::declared(&case.source, &case.name).expect("sound headers");
        for model in models {
            let text = torch_module(&case.source, &case.name, &case.sizes, &model.name, None);
            let file = format!("case{}.py", written.len());
            fs::write(folder.join(&file), text.expect("the spec has no mistakes")).expect("a file");
            written.push((file, model.name, case.clone()));
        }
    }
    written
}

#[test]
fn modules_are_python() {
    let folder = folder("torch-python");
    let files = write(&folder);
    let output = Command::new("python3")
        .args(["-W", "error", "-m", "py_compile"])
        .args(files.iter().map(|f| folder.join(&f.0)))
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn modules_agree_with_the_interpreter_in_pytorch() {
    let Some(python) = std::env::var_os("SCOREMATCH_TORCH") else {
        println!("skipped: SCOREMATCH_TORCH names no Python that can import torch");
        return;
    };
    let folder = folder("torch-values");
    let cases: Vec<String> = write(&folder)
        .iter()
        .map(|(file, model, case)| expected(file, model, case, &energy(case, model)))
        .collect();
    fs::write(
        folder.join("cases.json"),
        format!("[{}]", cases.join(",\n")),
    )
    .expect("a file");
    let source = "pub Units(x: [3]) { mlp(x, [4], tanh) + norm_sq(x) }";
    let units = ([1.5, -2e6, 0.0], [0.5, 3.0, 1e-4]);
    let text = torch_module(
        source,
        "units",
        &Sizes::new(),
        "Units",
        Some((&units.0, &units.1)),
    );
    fs::write(folder.join("units.py"), text.expect("a sound spec")).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch/compare.py");
    let output = Command::new(python)
        .arg(script)
        .arg(&folder)
        .arg(TOLERANCE.to_string())
        .output()
        .expect("the Python of SCOREMATCH_TORCH runs");
    let (said, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    println!("{said}");
    assert!(output.status.success(), "{said}{errors}");
}

#[test]
fn units_and_names_are_checked() {
    let module = |model: &str, mean: &[f64], std: &[f64]| {
        let source = "pub A(x: [2]) { norm_sq(x) } B(x: [D]) { norm_sq(x) }";
        torch_module(source, "spec", &Sizes::new(), model, Some((mean, std)))
    };
    assert!(module("A", &[0.0, 1.0], &[1.0, 2.0]).is_ok());
    for (model, mean, std, said) in [
        (
            "A",
            &[0.0][..],
            &[1.0, 2.0][..],
            "takes 2 numbers a sample; the units have 1 means and 2",
        ),
        (
            "A",
            &[0.0, 1.0],
            &[1.0, 0.0],
            "deviations finite and positive",
        ),
        ("A", &[0.0, f64::NAN], &[1.0, 1.0], "means must be finite"),
        ("B", &[0.0], &[1.0], "the size of `D` is not known here"),
        ("C", &[0.0], &[1.0], "there is no model `C`"),
    ] {
        let message = module(model, mean, std).expect_err(said);
        assert!(message.contains(said), "{message}");
    }
}
