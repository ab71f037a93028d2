//! The fused kernels, the reference and the CPU: three ways to the same values.

use std::rc::Rc;

use ndarray::Array3;
use scorematch::train::{Adam, Objective, Trainer};
use scorematch::{Loss, Model, Noise, Spec};
use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::Size;
use scorematch_compiler::objectives;
use scorematch_cuda_tests::reference::{Batch, Gpu, Module, Run, Training};

use super::{Planned, energy, gpu};
use crate::inside::{DEEP, DeepSpec, NET, NetSpec, WIDE, WideSpec, close, open, pair, uniform};

/// The fused kernels, the reference and the CPU, from the same parameters on the same batch.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn fused_kernels_compute_what_the_reference_computes() {
    let gpu = gpu(false);
    against_fused::<NetSpec>(&gpu, NET, 37);
    against_fused::<WideSpec>(&gpu, WIDE, 37);
    if !open().to_string().contains("stand-in") {
        against_fused::<DeepSpec>(&gpu, DEEP, 1024);
    }
}

fn against_fused<S: Spec>(gpu: &Rc<Gpu>, spec: &str, samples: usize) {
    const COUNT: usize = 5;
    const SIGMA: f32 = 0.3;
    let (host, device) = pair::<S>();
    let energy = energy(spec);
    let (x, v) = (uniform((samples, S::DIM), 0), uniform((samples, S::DIM), 1));
    let given = Array3::from_shape_fn((COUNT, samples, S::DIM), |(t, b, i)| {
        ((t + 2 * b + 3 * i) % 5) as f32 - 2.0
    });
    let batch = Batch {
        params: host.params(),
        x: x.as_slice().expect("rows follow each other"),
        v: v.as_slice().expect("rows follow each other"),
        directions: given.as_slice().expect("rows follow each other"),
        samples,
        count: COUNT,
        sigma: SIGMA,
    };
    let reference = |program: Program| {
        let p = Planned::of(&energy, program);
        let size = Size::of(&p.lowered, samples, COUNT);
        let reference = p.reference(&size);
        let module = Module::of(gpu, &[&reference], &size).expect("the kernels compile");
        let mut run =
            Run::new(gpu, &module, &p.lowered, &reference, &batch).expect("the batch fits");
        run.calls().expect("the calls are made");
        run.capture().expect("the calls can be captured");
        run.forget().expect("results can be forgotten");
        run.replay().expect("the graph can be launched");
        run.results().expect("the run went well")
    };
    let compare = |what: &str, reference: &[f32], fused: &[f32], host: &[f32]| {
        let name = S::NAME;
        close(
            &format!("{name} {what}, fused and reference"),
            fused,
            reference,
        );
        close(
            &format!("{name} {what}, reference and CPU"),
            reference,
            host,
        );
    };
    type Quantity<'a, S> = &'a dyn Fn(&Model<S, f32>) -> Vec<f32>;
    let quantities: [(Program, Quantity<'_, S>); 4] = [
        (Program::Energy, &|m| m.energy(x.view()).unwrap().to_vec()),
        (Program::Score, &|m| {
            m.score(x.view()).unwrap().into_raw_vec_and_offset().0
        }),
        (Program::Laplacian, &|m| {
            m.laplacian(x.view()).unwrap().to_vec()
        }),
        (Program::Hvp, &|m| {
            m.hvp(x.view(), v.view())
                .unwrap()
                .into_raw_vec_and_offset()
                .0
        }),
    ];
    for (program, quantity) in quantities {
        let (out, _) = reference(program);
        compare(program.name(), &out, &quantity(&device), &quantity(&host));
    }
    let noise = Noise::Given(v.view());
    let losses = [
        (Program::Loss(&objectives::ESM), Loss::esm()),
        (Program::Loss(&objectives::SSM), Loss::ssm(given.view())),
        (
            Program::Loss(&objectives::SSM_VR),
            Loss::ssm_vr(given.view()),
        ),
        (Program::Loss(&objectives::DSM), Loss::dsm(SIGMA, noise)),
    ];
    for (program, loss) in losses {
        let (_, sums) = reference(program);
        let of = |model: &Model<S, f32>| {
            let mut gradient = vec![0.0; S::PARAM_LEN];
            let value = model.loss_gradient(x.view(), &loss, &mut gradient).unwrap();
            (gradient, value as f32)
        };
        let (fused, of_fused) = of(&device);
        let (cpu, of_cpu) = of(&host);
        compare(program.name(), &sums[..S::PARAM_LEN], &fused, &cpu);
        compare(
            loss.name(),
            &sums[S::PARAM_LEN..][..1],
            &[of_fused],
            &[of_cpu],
        );
    }
}

/// A step of training around the reference ends where the fused kernel's does.
#[test]
#[ignore = "started by the tests that name the libraries"]
fn a_training_step_is_the_fused_one() {
    const ROWS: usize = 37;
    let gpu = gpu(false);
    let data = uniform((ROWS, NetSpec::DIM), 4);
    let (mut fused, _) = pair::<NetSpec>();
    let before = fused.params().to_vec();
    Trainer::new(Objective::esm())
        .optimizer(Adam::new(1e-2))
        .steps(1)
        .batch(ROWS)
        .device(open())
        .progress(false)
        .fit(&mut fused, &data)
        .expect("the model can be trained");
    let p = Planned::of(&energy(NET), Program::Loss(&objectives::ESM));
    let size = Size::of(&p.lowered, ROWS, 0);
    let reference = p.reference(&size);
    let module = Module::of(&gpu, &[&reference], &size).expect("the kernels compile");
    let rows = data.as_slice().expect("rows follow each other");
    let blank = vec![f32::NAN; rows.len()];
    let batch = Batch {
        params: &before,
        x: &blank,
        samples: ROWS,
        ..Batch::default()
    };
    let mut run = Run::new(&gpu, &module, &p.lowered, &reference, &batch).expect("the batch fits");
    let training = Training {
        dim: NetSpec::DIM,
        params: before.len(),
        draws: [false; 2],
        jitter: 0.0,
        rate: 1e-2,
    };
    run.train(&training, rows).expect("the kernels compile");
    run.calls().expect("the calls are made");
    let once = run.params().expect("the run went well");
    close("parameters after a step", &once, fused.params());
    run.capture().expect("the calls can be captured");
    run.replay().expect("the graph can be launched");
    run.finish().expect("the run went well");
    let twice = run.params().expect("the run went well");
    assert!(once != before && twice != once && twice.iter().all(|x| x.is_finite()));
}
