//! `inspect`: a spec file in, one stage of its compilation out, as text.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use scorematch_compiler::Sizes;

#[derive(Args)]
pub(crate) struct Options {
    /// The spec file, as in cli/specs/
    file: PathBuf,
    /// Which stage to print
    #[arg(long, value_enum, default_value = "rust")]
    stage: Stage,
    /// A size that the spec leaves free, as in `x: [D]`; several times for several sizes
    #[arg(long = "size", value_name = "NAME=NUMBER", value_parser = size)]
    sizes: Vec<(String, usize)>,
}

/// `D=30` as a name and its size.
fn size(text: &str) -> Result<(String, usize), String> {
    let parts = text.split_once('=');
    let size = parts.and_then(|(name, size)| Some((name.to_owned(), size.parse().ok()?)));
    size.filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "write a name and a number, as D=30".to_owned())
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
    let file = options.file.display();
    let source =
        fs::read_to_string(&options.file).with_context(|| format!("cannot read {file}"))?;
    let stage = match options.stage {
        Stage::Ir => scorematch_compiler::Stage::Ir,
        Stage::Opt => scorematch_compiler::Stage::Opt,
        Stage::Plan => scorematch_compiler::Stage::Plan,
        Stage::Lower => scorematch_compiler::Stage::Lower,
        Stage::Rust => scorematch_compiler::Stage::Rust,
        Stage::Cuda => scorematch_compiler::Stage::Cuda,
        Stage::Torch => scorematch_compiler::Stage::Torch,
    };
    let sizes: Sizes = options.sizes.iter().cloned().collect();
    ensure!(
        sizes.len() == options.sizes.len(),
        "--size gives one size twice"
    );
    let text = scorematch_compiler::inspect(&source, &file.to_string(), stage, &sizes)
        .map_err(|error| anyhow!("{error}"))?;
    super::say(text.trim_end());
    Ok(())
}
