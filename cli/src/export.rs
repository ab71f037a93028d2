//! `export`: the model of a run for PyTorch: its parameters as safetensors, and the module that they are of.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use scorematch_runs::Account;
use scorematch_runs::folder::{read_json, settings_of, spec_of};
use scorematch_runs::output::OutputFolder;

use super::{say, spec};

#[derive(Args)]
pub(crate) struct Options {
    /// The folder of the run
    run: PathBuf,
    /// Where the two files go; the folder `torch` in the run by default
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let settings = settings_of(&options.run)?;
    let source = spec_of(&options.run)?;
    let account: Account = read_json(&options.run, "data.json")?;
    let weights = options.run.join("model.safetensors");
    ensure!(
        weights.is_file(),
        "the run {run} has no model yet: it is saved at the first checkpoint; continue the run with `scorematch resume {run}`",
        run = options.run.display()
    );
    let file = options.run.join("spec.energy");
    let declaration = spec::declaration(&source, &file, Some(&settings.model))?;
    let name = &declaration.name;
    let units = (!account.mean.is_empty()).then_some((&account.mean[..], &account.std[..]));
    let sizes = settings.sizes.clone();
    let module = scorematch_compiler::torch_module(
        &source,
        &file.display().to_string(),
        &sizes,
        name,
        units,
    )
    .map_err(|mistakes| anyhow!("{mistakes}"))?;
    let folder = options
        .out
        .clone()
        .unwrap_or_else(|| options.run.join("torch"));
    let folder = OutputFolder::prepare(&folder)?;
    let parameters =
        std::fs::read(&weights).with_context(|| format!("cannot read {}", weights.display()))?;
    let stem = name.to_lowercase();
    for (name, bytes) in [
        (format!("{stem}.safetensors"), &parameters[..]),
        (format!("{stem}.py"), module.as_bytes()),
    ] {
        say(format_args!(
            "wrote {}",
            folder.write(&name, bytes)?.display()
        ));
    }
    say(format_args!(
        "\nin Python, in that folder:\n    from safetensors.torch import load_file\n    from {stem} import {name}\n    \
         model = {name}()\n    model.load_state_dict(load_file(\"{stem}.safetensors\"))"
    ));
    if units.is_some() {
        say(
            "    energies = model.energy_in_data_units(x)  # x: rows as in the file; model(x) takes them in units of training",
        );
    }
    Ok(())
}
