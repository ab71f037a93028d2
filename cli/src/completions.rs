//! `completions` and `man`: what shells and `man` know about the command, written from its arguments.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;
use scorematch_runs::output::OutputFolder;

use super::say;

#[derive(Args)]
pub(crate) struct Options {
    /// The shell that is to complete commands
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Args)]
pub(crate) struct ManOptions {
    /// Where the pages go
    #[arg(long, value_name = "DIR", default_value = "man")]
    out: PathBuf,
}

/// Prints the completions of a shell.
pub(crate) fn run(options: &Options, mut command: Command) -> Result<()> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command, name, &mut script);
    say(String::from_utf8_lossy(&script).trim_end());
    Ok(())
}

/// Writes one page for the command and one for each of its commands.
pub(crate) fn write_pages(options: &ManOptions, mut command: Command) -> Result<()> {
    let folder = OutputFolder::prepare(&options.out)?;
    // Names of commands in full, and all of their arguments.
    command.build();
    let mut pages = vec![command.clone()];
    pages.extend(
        command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
            .cloned(),
    );
    let mut written = 0;
    for page in pages {
        let name = page
            .get_display_name()
            .unwrap_or(page.get_name())
            .to_owned();
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text)?;
        folder.write(&format!("{name}.1"), &text)?;
        written += 1;
    }
    say(format_args!(
        "{written} pages in {}; `man -l {}` shows one",
        options.out.display(),
        options.out.join("scorematch.1").display()
    ));
    Ok(())
}
