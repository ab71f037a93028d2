//! What commands read of a spec file: its text, which of its models is meant, the values of its free sizes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;

#[derive(Args)]
pub(crate) struct Choice {
    /// Which model of the spec, if it has several
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) sizes: Sizes,
}

#[derive(Args)]
pub(crate) struct Sizes {
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

impl Sizes {
    pub(crate) fn by_name(&self) -> Result<scorematch_compiler::Sizes> {
        let sizes: scorematch_compiler::Sizes = self.sizes.iter().cloned().collect();
        ensure!(
            sizes.len() == self.sizes.len(),
            "--size gives one size twice"
        );
        Ok(sizes)
    }
}

impl Choice {
    /// The name of the model that is meant.
    pub(crate) fn model_of(&self, source: &str, file: &Path) -> Result<String> {
        let declared = scorematch_compiler::declared(source, &file.display().to_string())
            .map_err(|mistakes| anyhow!("{mistakes}"))?;
        let names: Vec<String> = declared.into_iter().map(|model| model.name).collect();
        match (&self.model, names.as_slice()) {
            (Some(name), names) if names.contains(name) => Ok(name.clone()),
            (None, [only]) => Ok(only.clone()),
            (None, _) => bail!(
                "{} has several models; choose one with --model: {}",
                file.display(),
                names.join(", ")
            ),
            (Some(name), _) => bail!(
                "{} has no model `{name}`; it has {}",
                file.display(),
                names.join(", ")
            ),
        }
    }
}

/// The text of a spec file.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
