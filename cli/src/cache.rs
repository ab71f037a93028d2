//! `cache`: where compiled programs are kept, and what they take.

use anyhow::Result;
use clap::Args;

use super::program::Cache;
use super::say;

#[derive(Args)]
pub(crate) struct Options {
    /// Remove all of them; each is compiled again when it is wanted
    #[arg(long)]
    clear: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let cache = Cache::find()?;
    if options.clear {
        cache.clear()?;
    }
    let usage = cache.usage()?;
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    say(format_args!("folder     {}", cache.folder().display()));
    say(format_args!("programs   {}", usage.programs));
    say(format_args!(
        "size       {}, of which {} are what cargo builds with",
        megabytes(usage.bytes),
        megabytes(usage.shared)
    ));
    Ok(())
}
