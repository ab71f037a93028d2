//! `new`: a crate to start from, with a spec and a program that trains it, or with what a run has trained and a program that
//! scores rows.
//!
//! The folder is made in one move when all of its files are written, so that a failure leaves none behind.

mod declaration;
mod name;
mod start;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::program::dependency;
use super::{say, spec};
use declaration::Declaration;
use start::Start;

#[derive(Args)]
pub(crate) struct Options {
    /// The name of the crate and of its folder
    name: String,
    /// The spec file; a ready-made network of D columns without
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The folder of a run, whose model the program loads
    #[arg(long, value_name = "RUN", conflicts_with = "spec")]
    run: Option<PathBuf>,
    #[command(flatten)]
    choice: spec::Choice,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let library = name::library(&options.name)?;
    let folder = Path::new(&options.name);
    ensure!(
        fs::symlink_metadata(folder).is_err(),
        "{} is there already; choose another name, or remove it first",
        folder.display()
    );
    let start = Start::of(options)?;
    let declaration = Declaration::new(&start.source, &start.file, &start.model, &start.sizes)?;

    let (main, readme) = match start.trained {
        None => (
            include_str!("../../templates/train.rs"),
            include_str!("../../templates/train.md"),
        ),
        Some(_) => (
            include_str!("../../templates/score.rs"),
            include_str!("../../templates/score.md"),
        ),
    };
    let dim = declaration.dim.to_string();
    let places = [
        ("__NAME__", options.name.as_str()),
        ("__LIBRARY__", &library),
        ("__MODEL__", &start.model),
        ("__OBJECTIVE__", declaration.objective),
        ("__DIM__", &dim),
        ("__SCALAR__", start.scalar),
        // The last, as the text is the user's.
        ("__SPEC__", &declaration.text),
    ];
    let filled = |template: &str| {
        places
            .iter()
            .fold(template.to_owned(), |text, (place, value)| {
                text.replace(place, value)
            })
    };
    let files = [
        ("Cargo.toml", manifest(&options.name)),
        ("README.md", filled(readme)),
        (".gitignore", "/target\n".to_owned()),
        ("src/lib.rs", filled(include_str!("../../templates/lib.rs"))),
        ("src/main.rs", filled(main)),
    ];
    let write = || -> Result<()> {
        let parent = std::env::current_dir()?;
        let unfinished = tempfile::Builder::new()
            .prefix(".scorematch-new-")
            .tempdir_in(parent)?;
        fs::create_dir(unfinished.path().join("src"))?;
        for (name, text) in &files {
            fs::write(unfinished.path().join(name), text)?;
        }
        if let Some(trained) = &start.trained {
            let copy = unfinished.path().join("model.safetensors");
            fs::copy(trained, copy)
                .with_context(|| format!("cannot copy {}", trained.display()))?;
        }
        open_to_others(unfinished.path())?;
        fs::rename(unfinished.path(), folder)?;
        // It has another name now, and nothing is left to remove.
        let _ = unfinished.keep();
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", folder.display()))?;
    say(format_args!(
        "{}: a crate with the model {}; README.md has what it can do",
        folder.display(),
        start.model
    ));
    Ok(())
}

/// Temporary folders are closed to other users; this one is to be as any folder.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let like = fs::metadata(folder.join("src"))?.permissions().mode();
    fs::set_permissions(folder, fs::Permissions::from_mode(like))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn manifest(name: &str) -> String {
    let source = if crate::program::folder().is_some() {
        "# The sources that the command `scorematch` was built from; once they are published, a version can stand here.\n"
    } else {
        ""
    };
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nndarray = \"0.17\"\nrand = \"0.10\"\n\
         {source}scorematch = {{ {scorematch}, features = [\"csv\", \"progress\"] }}\n\n\
         # Without optimisation they are many times slower.\n[profile.dev.package]\nscorematch = {{ opt-level = 3 }}\nscorematch-kernels = {{ opt-level = 3 }}\n\n\
         # No part of a workspace around it.\n[workspace]\n",
        scorematch = dependency(""),
    )
}
