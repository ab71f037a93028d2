//! What a new crate is made from: a spec file, the ready-made spec, or the folder of a run.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use scorematch_compiler::Sizes;
use scorematch_runs::folder::{settings_of, spec_of};
use scorematch_runs::settings::Precision;

use super::Options;
use crate::spec;

const READY_MADE: &str = include_str!("../../templates/default.energy");
/// Columns of the ready-made spec, unless `--size D=…` says otherwise.
const READY_MADE_DIM: usize = 2;

pub(super) struct Start {
    /// The spec file, as messages name it.
    pub(super) file: PathBuf,
    /// Its text.
    pub(super) source: String,
    /// The name of the model.
    pub(super) model: String,
    /// The values of its free sizes.
    pub(super) sizes: Sizes,
    /// The type of parameters and arithmetic.
    pub(super) scalar: &'static str,
    /// The parameters of a run.
    pub(super) trained: Option<PathBuf>,
}

impl Start {
    pub(super) fn of(options: &Options) -> Result<Start> {
        let mut sizes = options.choice.sizes.by_name()?;
        if let Some(run) = &options.run {
            ensure!(
                sizes.is_empty() && options.choice.model.is_none(),
                "--size and --model say nothing about a run, which has both: leave them out"
            );
            return Start::of_run(run);
        }
        let (file, source) = match &options.spec {
            Some(file) => (file.clone(), spec::read(file)?),
            None => {
                sizes.entry("D".to_owned()).or_insert(READY_MADE_DIM);
                ("spec".into(), READY_MADE.to_owned())
            }
        };
        Ok(Start {
            model: options.choice.model_of(&source, &file)?,
            file,
            source,
            sizes,
            scalar: "f32",
            trained: None,
        })
    }

    fn of_run(run: &Path) -> Result<Start> {
        let settings = settings_of(run)?;
        let (file, source) = (run.join("spec.energy"), spec_of(run)?);
        Ok(Start {
            model: spec::declaration(&source, &file, Some(&settings.model))?.name,
            file,
            source,
            sizes: settings.sizes,
            scalar: match settings.precision {
                Precision::F32 => "f32",
                Precision::F64 => "f64",
            },
            trained: Some(run.join("model.safetensors")),
        })
    }
}
