//! Commands that need a compiled model: finds out which program does them, compiles it if need be, and starts it.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use scorematch_compiler::{Axis, Declaration};
use scorematch_runs::commands::{Command, TrainOptions};
use scorematch_runs::folder::{settings_of, spec_of};
use scorematch_runs::settings::{Precision, Settings};

use super::program::{Wanted, execute, program};
use super::spec;

/// Does a command of a run: in a program of its spec, which takes the arguments of this process.
pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match (command, command.run()) {
        (Command::Train(options), _) => train(options),
        (_, Some(folder)) => in_run(folder),
        (_, None) => bail!("name the folder of a run"),
    }
}

fn train(options: &TrainOptions) -> Result<ExitCode> {
    let mut settings = options.settings()?;
    let Some(file) = &options.source.spec else {
        bail!(
            "name a spec file: scorematch train my.energy --data {}",
            settings.data.file.display()
        );
    };
    let source = spec::read(file)?;
    let declaration = spec::declaration(&source, file, Some(&settings.model))?;
    bind(&mut settings, &declaration, file)?;
    start(
        &settings,
        file,
        &source,
        &declaration.name,
        &added(options, &settings),
    )
}

/// The sizes that were taken from the data, as further arguments: the program notes them in the settings of the run.
fn added(options: &TrainOptions, settings: &Settings) -> Vec<OsString> {
    let given = |name: &String| {
        let mut sizes = options.source.sizes.sizes.iter();
        sizes.any(|(other, _)| other == name)
    };
    let added = settings.sizes.iter().filter(|(name, _)| !given(name));
    added
        .flat_map(|(name, size)| ["--size".into(), format!("{name}={size}").into()])
        .collect()
}

fn in_run(folder: &Path) -> Result<ExitCode> {
    let settings = settings_of(folder)?;
    let source = spec_of(folder)?;
    let file = folder.join("spec.energy");
    let declaration = spec::declaration(&source, &file, Some(&settings.model))?;
    start(&settings, &file, &source, &declaration.name, &[])
}

fn start(
    settings: &Settings,
    file: &Path,
    source: &str,
    model: &str,
    added: &[OsString],
) -> Result<ExitCode> {
    let program = program(&Wanted {
        spec: file,
        source,
        model,
        sizes: settings.sizes.clone(),
        double: match settings.precision {
            Precision::F32 => false,
            Precision::F64 => true,
        },
    })?;
    let arguments = std::env::args_os().skip(1).chain(added.iter().cloned());
    execute(&program, arguments)
}

/// Takes the free sizes of the model's input from the columns of the data.
fn bind(settings: &mut Settings, declaration: &Declaration, file: &Path) -> Result<()> {
    let free = |axis: &&Axis| match axis {
        Axis::Fixed(_) => None,
        Axis::Free(name) => (!settings.sizes.contains_key(name)).then(|| name.clone()),
    };
    let mut names: Vec<String> = declaration
        .shape
        .iter()
        .filter_map(|axis| free(&axis))
        .collect();
    names.dedup();
    let [name] = &names[..] else {
        ensure!(
            names.is_empty(),
            "{}: the sizes {} of {} are free, and the columns of the data tell one alone: give the others with --size",
            file.display(),
            names.join(", "),
            declaration.name
        );
        return Ok(());
    };
    let width = scorematch_runs::width(&settings.data)?;
    let known: usize = declaration
        .shape
        .iter()
        .map(|axis| match axis {
            Axis::Fixed(size) => *size,
            Axis::Free(name) => settings.sizes.get(name).copied().unwrap_or(1),
        })
        .product();
    let times = declaration
        .shape
        .iter()
        .filter(|axis| matches!(axis, Axis::Free(other) if other == name))
        .count();
    let size = (1..=width).find(|size| {
        size.checked_pow(times as u32)
            .and_then(|power| power.checked_mul(known))
            == Some(width)
    });
    let Some(size) = size else {
        bail!(
            "{}: no size {name} gives {} the {width} columns of the data: choose columns with --columns",
            file.display(),
            declaration.name
        );
    };
    settings.sizes.insert(name.clone(), size);
    Ok(())
}
