//! What commands read of a spec file: its text, which of its models is meant, the values of its free sizes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use scorematch_compiler::Declaration;
use scorematch_runs::settings::SizeFlags;

#[derive(Args)]
pub(crate) struct Choice {
    /// Which model of the spec, if it has several
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) sizes: SizeFlags,
}

impl Choice {
    /// The name of the model that is meant.
    pub(crate) fn model_of(&self, source: &str, file: &Path) -> Result<String> {
        Ok(declaration(source, file, self.model.as_deref())?.name)
    }
}

/// The model of this name; the only one, if none is given.
pub(crate) fn declaration(source: &str, file: &Path, model: Option<&str>) -> Result<Declaration> {
    let mut declared = scorematch_compiler::declared(source, &file.display().to_string())
        .map_err(|mistakes| anyhow!("{mistakes}"))?;
    let names = |declared: &[Declaration]| {
        let names: Vec<&str> = declared.iter().map(|model| &model.name[..]).collect();
        names.join(", ")
    };
    let place = match model.filter(|name| !name.is_empty()) {
        Some(name) => declared.iter().position(|model| model.name == name),
        None if declared.len() == 1 => Some(0),
        None => bail!(
            "{} has several models; choose one with --model: {}",
            file.display(),
            names(&declared)
        ),
    };
    match place {
        Some(place) => Ok(declared.swap_remove(place)),
        None => bail!(
            "{} has no model `{}`; it has {}",
            file.display(),
            model.unwrap_or_default(),
            names(&declared)
        ),
    }
}

/// The text of a spec file.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
