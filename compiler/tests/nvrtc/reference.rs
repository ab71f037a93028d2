//! The kernels of the reference, which stand between a library's products, through NVIDIA's compiler.

use crate::check::energies;
use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::{Size, reference};
use scorematch_compiler::lower::{Target, lower};
use scorematch_compiler::plan::plan;
use scorematch_kernels::cuda as sources;

#[test]
fn kernels_of_the_reference_need_no_stack() {
    let Some(nvrtc) = crate::nvrtc() else { return };
    let size = Size {
        samples: 1024,
        directions: 4,
        chunk: 4,
    };
    let options = [
        "--gpu-architecture=sm_90a".to_string(),
        "--ptxas-options=-v".to_string(),
        format!("-DSAMPLES={}", size.samples),
        format!("-DDIRECTIONS={}", size.chunk),
    ];
    let sources = sources::text(&sources::PROGRAM);
    let mut wrong = Vec::new();
    for (name, energy) in energies() {
        let programs = Program::ALL.map(|program| {
            let plan = plan(&scorematch_compiler::program(&energy, program));
            reference(program, &lower(&plan, &Target::CUDA), &size).source
        });
        let text = format!("{sources}{}", programs.concat());
        let (well, log) = nvrtc.compile(&text, &options);
        let stacks = log
            .lines()
            .filter_map(|line| line.split_once(" bytes stack frame"));
        let framed = stacks.filter(|(head, _)| head.split_whitespace().last() != Some("0"));
        match (well, framed.count()) {
            (true, 0) => println!("{name}: {} kernels", log.matches("Used ").count()),
            (true, framed) => wrong.push(format!("{name}: {framed} kernels with a stack")),
            (false, _) => wrong.push(format!("{name}: {log}")),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
