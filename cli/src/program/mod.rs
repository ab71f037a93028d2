//! Programs of specs: a spec file becomes an executable once, which is kept and does the work from then on.
//!
//! Enters: a spec with its sizes and the wanted model. Leaves: the path of an executable made of scorematch-runs and that
//! model. The spec is compiled to Rust in this process, so its mistakes are told before cargo runs. A program that is kept
//! costs a hash and two looks at files.

mod cache;
mod cargo;
mod execute;
mod failure;
mod key;
mod origin;
mod package;
mod place;
mod progress;
mod sources;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

pub(crate) use cache::Cache;
pub(crate) use execute::execute;
pub(crate) use origin::folder;
pub(crate) use package::dependency;

use cargo::Build;
use progress::Progress;

/// Which program.
pub(crate) struct Wanted<'a> {
    /// The spec file, as messages name it.
    pub(crate) spec: &'a Path,
    /// Its text.
    pub(crate) source: &'a str,
    /// The name of a model in it.
    pub(crate) model: &'a str,
    /// The values of its free sizes.
    pub(crate) sizes: BTreeMap<String, usize>,
    /// Whether it computes in `f64`.
    pub(crate) double: bool,
}

/// The executable of a program, compiled now if it is not kept from before.
pub(crate) fn program(wanted: &Wanted<'_>) -> Result<PathBuf> {
    let cache = Cache::find()?;
    let environment = key::Environment::read()?;
    let key = key::key(wanted, &environment);
    let place = cache.place(&key, wanted.model);
    if let Some(kept) = place.ready() {
        return Ok(kept);
    }
    let models = scorematch_compiler::compile_source(
        wanted.source,
        &wanted.spec.display().to_string(),
        &wanted.sizes,
        Some(wanted.model),
    )
    .map_err(|mistakes| anyhow!("{mistakes}"))?;
    for warning in &models.warnings {
        log::warn!("{warning}");
    }
    origin::check()?;
    let _lock = cache.lock(|| {
        progress::line("waiting for another scorematch that compiles a program");
    })?;
    // The other one may have compiled this.
    if let Some(kept) = place.ready() {
        return Ok(kept);
    }
    let name = package::name(&key);
    package::write(&place, &name, wanted, &models.rust)
        .map_err(|error| cache.unwritable(&error))?;
    let target = cache.target();
    let build = Build {
        package: &place.package,
        name: &name,
        target: &target,
        instruction_sets: &environment.instruction_sets,
    };
    let libraries = key::libraries(&environment);
    let progress = Progress::start(wanted.spec, !cache.has_built(&libraries));
    let outcome = build.run(&progress)?;
    let Some(built) = outcome.executable.as_deref().filter(|_| outcome.success) else {
        drop(progress);
        return Err(failure::explain(
            &outcome,
            wanted.spec,
            &place.package,
            &cache,
        ));
    };
    let kept = place
        .keep(built)
        .map_err(|error| cache.unwritable(&error))?;
    cache.note_built(&libraries);
    progress.done();
    Ok(kept)
}
