//! `inspect`: a spec file in, one stage of its compilation out, as text.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};
use scorematch_runs::settings::SizeFlags;

use super::spec;

#[derive(Args)]
pub(crate) struct Options {
    /// The spec file, as in cli/specs/
    file: PathBuf,
    /// Which stage to print
    #[arg(long, value_enum, default_value = "rust")]
    stage: Stage,
    #[command(flatten)]
    sizes: SizeFlags,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// The energy's graph, as declared
    Ir,
    /// The derivative programs after every pass
    Opt,
    /// Phases, fused loops and buffers
    Plan,
    /// Statements over buffers: loop nests, GEMM calls, rank-k updates, copies
    Lower,
    /// The emitted Rust
    Rust,
    /// The emitted CUDA C, which follows the sources in kernels/cuda/
    Cuda,
    /// A PyTorch module of each model
    Torch,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let source = spec::read(&options.file)?;
    let file = options.file.display().to_string();
    let stage = match options.stage {
        Stage::Ir => scorematch_compiler::Stage::Ir,
        Stage::Opt => scorematch_compiler::Stage::Opt,
        Stage::Plan => scorematch_compiler::Stage::Plan,
        Stage::Lower => scorematch_compiler::Stage::Lower,
        Stage::Rust => scorematch_compiler::Stage::Rust,
        Stage::Cuda => scorematch_compiler::Stage::Cuda,
        Stage::Torch => scorematch_compiler::Stage::Torch,
    };
    let sizes = options.sizes.by_name()?;
    let text = scorematch_compiler::inspect(&source, &file, stage, &sizes)
        .map_err(|error| anyhow!("{error}"))?;
    super::say(text.trim_end());
    Ok(())
}
