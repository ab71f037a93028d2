//! The values of a spec's free sizes, as flags.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::Args;

/// Sizes that a spec leaves free.
#[derive(Args, Clone, Debug, Default)]
pub struct SizeFlags {
    /// A size that the spec leaves free, as in `x: [D]`; several times for several sizes
    #[arg(long = "size", value_name = "NAME=NUMBER", value_parser = size)]
    pub sizes: Vec<(String, usize)>,
}

/// `D=30` as a name and its size.
fn size(text: &str) -> Result<(String, usize), String> {
    let parts = text.split_once('=');
    let size = parts.and_then(|(name, size)| Some((name.to_owned(), size.parse().ok()?)));
    size.filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "write a name and a number, as D=30".to_owned())
}

impl SizeFlags {
    /// The sizes by their names.
    ///
    /// # Errors
    /// A size is given twice.
    pub fn by_name(&self) -> Result<BTreeMap<String, usize>> {
        let sizes: BTreeMap<String, usize> = self.sizes.iter().cloned().collect();
        ensure!(
            sizes.len() == self.sizes.len(),
            "--size gives one size twice"
        );
        Ok(sizes)
    }
}
