//! The reference by library products: against the interpreter, and with faults planted. Ignored where the libraries are
//! not found.

mod fused;
#[path = "../../../../../compiler/tests/cuda/oracle.rs"]
mod oracle;

use std::rc::Rc;

use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::{Call, CublasGemm, Reference, Size, reference};
use scorematch_compiler::ir::{Feed, Graph, Input};
use scorematch_compiler::lower::{Lowered, Target, lower};
use scorematch_compiler::objectives;
use scorematch_compiler::plan::plan;
use scorematch_compiler::spec::parse_and_check;
use scorematch_cuda_tests::reference::{Batch, Gpu, Module, Run};

use crate::inside::open;

macro_rules! specs {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../specs/", $name, ".energy")))),*]
    };
}

/// The families, in the binary, which may be taken elsewhere.
const SPECS: [(&str, &str); 20] = specs! {
    "deq" "dkef" "gaussian" "gelu" "grbm" "ica" "mixture" "mlp_silu_10x128" "mlp_silu_2x64" "mlp_silu_50x64" "nice"
    "one_hidden_7x33" "pairwise" "residual" "sine" "skip_input" "student_poe" "trajectory" "uneven_tanh"
    "wide_input_200x48"
};

/// More features than the fused kernels form products with x of tile by tile.
const DEFERRED: &str = "pub Wide(x: [261]) { mlp(x, [20, 12], tanh) }";

fn gpu(tf32: bool) -> Rc<Gpu> {
    match Gpu::open(0, tf32) {
        Ok(gpu) => Rc::new(gpu),
        Err(message) => {
            println!("{message}");
            std::process::exit(1);
        }
    }
}

fn energy(spec: &str) -> Graph {
    let tokens = spec.parse().expect("the spec is made of tokens");
    let mut models = parse_and_check(tokens).expect("the spec is sound");
    models.remove(0).graph
}

/// A program of an energy, lowered as a macro lowers it.
struct Planned {
    program: Program,
    graph: Graph,
    lowered: Lowered,
}

impl Planned {
    fn of(energy: &Graph, program: Program) -> Planned {
        let graph = scorematch_compiler::program(energy, program);
        let lowered = lower(&plan(&graph), &Target::CUDA);
        Planned {
            program,
            graph,
            lowered,
        }
    }

    fn reference(&self, size: &Size) -> Reference {
        reference(self.program, &self.lowered, size)
    }

    /// A run on a feed.
    fn on(
        &self,
        gpu: &Rc<Gpu>,
        module: &Module,
        reference: &Reference,
        feed: &Feed,
    ) -> Result<Run, String> {
        let single = |values: &[f64]| -> Vec<f32> { values.iter().map(|x| *x as f32).collect() };
        let batch = Batch {
            params: &single(&feed.params.concat()),
            x: &single(&feed.inputs[&Input::X]),
            v: &single(&feed.inputs[&Input::V]),
            directions: &single(&feed.inputs[&Input::Directions]),
            samples: feed.batch,
            count: feed.directions,
            sigma: feed.inputs[&Input::Sigma][0] as f32,
        };
        Run::new(gpu, module, &self.lowered, reference, &batch)
    }

    /// How far the results of a run are from the interpreter's.
    fn deviation(&self, run: &Run, feed: &Feed) -> Result<f64, String> {
        let (out, sums) = run.results().expect("the run went well");
        oracle::deviation(
            self.program,
            &self.graph,
            self.lowered.stream,
            feed,
            &out,
            &sums,
        )
    }
}

/// What may differ where products are of float32.
fn tolerance() -> f64 {
    f64::from(crate::inside::tolerance()).max(oracle::TOLERANCE)
}

/// Chunks of two directions, of which the last is short.
const SIZE: Size = Size {
    samples: 19,
    directions: 3,
    chunk: 2,
};

/// What is wrong with the programs of an energy, called one after another and as a graph.
fn check(gpu: &Rc<Gpu>, name: &str, energy: &Graph) -> Vec<String> {
    let planned = Program::ALL.map(|program| Planned::of(energy, program));
    let references = planned.each_ref().map(|p| p.reference(&SIZE));
    let module = Module::of(gpu, &references.each_ref(), &SIZE).expect("the kernels compile");
    let mut wrong = Vec::new();
    for (i, (p, reference)) in planned.iter().zip(&references).enumerate() {
        let feed = oracle::feed(&p.graph, SIZE.samples, SIZE.directions, 1 + i as u64);
        let mut run = p
            .on(gpu, &module, reference, &feed)
            .expect("the batch fits");
        let what = format!("{name} {}", p.program.name());
        run.calls().expect("the calls are made");
        let called = p.deviation(&run, &feed);
        run.capture().expect("the calls can be captured");
        run.forget().expect("results can be forgotten");
        run.replay().expect("the graph can be launched");
        let replayed = p.deviation(&run, &feed);
        let products = |call: &&Call| matches!(call, Call::Gemm(_));
        println!(
            "{what:32} {:.1e}, {} calls, {} of the library",
            called.as_ref().unwrap_or(&f64::NAN),
            reference.calls.len(),
            reference.calls.iter().filter(products).count()
        );
        for (how, found) in [("called", called), ("as a graph", replayed)] {
            match found {
                Ok(worst) if worst <= tolerance() => {}
                Ok(worst) => wrong.push(format!("{what} {how} is off by {worst:.1e}")),
                Err(message) => wrong.push(format!("{what} {how}: {message}")),
            }
        }
    }
    wrong
}

#[test]
#[ignore = "started by the tests that name the libraries"]
fn every_program_of_every_family() {
    let gpu = gpu(false);
    let only = std::env::var("SCOREMATCH_FAMILY").ok();
    let wrong: Vec<String> = SPECS
        .into_iter()
        .chain([("deferred", DEFERRED)])
        .filter(|spec| only.as_ref().is_none_or(|name| name == spec.0))
        .flat_map(|(name, spec)| check(&gpu, name, &energy(spec)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every product of a program with a factor transposed, or read or written a row too far: each must show.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn planted_faults_show() {
    let gpu = gpu(false);
    if !open().to_string().contains("stand-in") {
        println!("faults may read what is not there, so none is planted on a real GPU");
        return;
    }
    let (mut planted, mut unseen) = (0, Vec::new());
    let energy = energy(SPECS[8].1);
    for program in [
        Program::Loss(&objectives::SSM),
        Program::Loss(&objectives::ESM),
    ] {
        let p = Planned::of(&energy, program);
        let sound = p.reference(&SIZE);
        let module = Module::of(&gpu, &[&sound], &SIZE).expect("the kernels compile");
        let feed = oracle::feed(&p.graph, SIZE.samples, SIZE.directions, 7);
        let symptom = |reference: &Reference| -> Option<String> {
            let run = p.on(&gpu, &module, reference, &feed);
            let called = run.and_then(|run| run.calls().map(|()| run));
            match called.and_then(|run| p.deviation(&run, &feed)) {
                Ok(worst) if worst <= tolerance() => None,
                Ok(worst) => Some(format!("off by {worst:.1e}")),
                Err(message) => Some(message),
            }
        };
        assert_eq!(symptom(&sound), None);
        let faults: [(&str, fn(&mut CublasGemm)); 4] = [
            ("left transposed", |gemm| gemm.a.1 = !gemm.a.1),
            ("right transposed", |gemm| gemm.b.1 = !gemm.b.1),
            ("right a row on", |gemm| gemm.b.0.start += gemm.b.0.ld),
            ("result a row on", |gemm| gemm.c.start += gemm.c.ld),
        ];
        for at in 0..sound.calls.len() {
            for (what, fault) in faults {
                let mut reference = sound.clone();
                let Call::Gemm(gemm) = &mut reference.calls[at] else {
                    continue;
                };
                fault(gemm);
                planted += 1;
                if symptom(&reference).is_none() {
                    unseen.push(format!("{program:?}: {what}, {:?}", sound.calls[at]));
                }
            }
        }
    }
    println!("{planted} faults");
    assert!(planted > 100 && unseen.is_empty(), "{}", unseen.join("\n"));
}

/// Products of TF32 numbers are less accurate, and no worse than that.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn tf32_is_a_choice() {
    let gpu = gpu(true);
    let p = Planned::of(&energy(SPECS[8].1), Program::Loss(&objectives::ESM));
    let reference = p.reference(&SIZE);
    let module = Module::of(&gpu, &[&reference], &SIZE).expect("the kernels compile");
    let feed = oracle::feed(&p.graph, SIZE.samples, SIZE.directions, 3);
    let run = p
        .on(&gpu, &module, &reference, &feed)
        .expect("the batch fits");
    run.calls().expect("the calls are made");
    let worst = p.deviation(&run, &feed).expect("results are numbers");
    println!("{worst:.1e}");
    assert!((1e-5..3e-3).contains(&worst), "{worst:.1e}");
}

/// Between two events of the stand-in lies a millisecond, so rates are known; those of a GPU are only printed.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn ceilings_are_of_the_time_between_events() {
    let size = 256;
    let ceilings = gpu(false).ceilings(size).expect("the device computes");
    println!("{ceilings:?}");
    let (product, copy) = (2.0 * (size as f64).powi(3), 8.0 * (size as f64).powi(2));
    let expected = [product / 1e-3, copy / 1e-3];
    let found = [ceilings.products, ceilings.copies];
    if std::env::var_os("STANDIN_EMULATION").is_some() {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!(
                (found / expected - 1.0).abs() < 1e-6,
                "{found} for {expected}"
            );
        }
    }
    assert!(found.into_iter().all(|rate| rate.is_finite() && rate > 0.0));
}
