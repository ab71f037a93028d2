//! `doctor`: what this machine has to compute with, and what to do about what is missing. Nothing missing is an error:
//! a machine without a GPU is sound.

use anyhow::Result;
use scorematch::InstructionSet;

use super::say;

pub(crate) fn run() -> Result<()> {
    let cores = std::thread::available_parallelism()?;
    say(format_args!("cores               {cores}"));
    match InstructionSet::detect() {
        Ok(isa) => say(format_args!("instruction set     {isa}")),
        Err(error) => say(format_args!("instruction set     {error}")),
    }
    if let Err(error) = scorematch::__private::check_environment()
        && InstructionSet::detect().is_ok()
    {
        say(format_args!("environment         {error}"));
    }
    gpus();
    Ok(())
}

#[cfg(feature = "cuda")]
fn gpus() {
    for finding in scorematch::cuda::findings() {
        let what = finding.what;
        match finding.found {
            Ok(found) => say(format_args!("{what:19} {found}")),
            Err(missing) => say(format_args!("{what:19} missing: {missing}")),
        }
    }
    #[cfg(not(feature = "nccl"))]
    say("several GPUs        not looked for: this build has no NCCL (feature `nccl`)");
}

#[cfg(not(feature = "cuda"))]
fn gpus() {
    say("GPU                 not looked for: this build has no CUDA (feature `cuda`)");
}
