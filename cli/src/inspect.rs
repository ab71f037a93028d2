//! `inspect`: a spec file in, one stage of its compilation out, as text.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};

#[derive(Args)]
pub(crate) struct Options {
    /// The spec file, as in cli/specs/
    file: PathBuf,
    /// Which stage to print
    #[arg(long, value_enum, default_value = "rust")]
    stage: Stage,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    /// The energy's graph, as declared
    Ir,
    /// The derivative programs after every pass
    Opt,
    /// Phases, fused loops and buffers
    Plan,
    /// The emitted Rust
    Rust,
    /// The emitted CUDA C, which follows the sources in kernels/cuda/
    Cuda,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let file = options.file.display();
    let source =
        fs::read_to_string(&options.file).with_context(|| format!("cannot read {file}"))?;
    let stage = match options.stage {
        Stage::Ir => scorematch_compiler::Stage::Ir,
        Stage::Opt => scorematch_compiler::Stage::Opt,
        Stage::Plan => scorematch_compiler::Stage::Plan,
        Stage::Rust => scorematch_compiler::Stage::Rust,
        Stage::Cuda => scorematch_compiler::Stage::Cuda,
    };
    let text = scorematch_compiler::inspect(&source, &file.to_string(), stage)
        .map_err(|error| anyhow!("{error}"))?;
    super::say(text.trim_end());
    Ok(())
}
