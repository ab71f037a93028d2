//! The command line that the benchmarks share.

use std::error::Error;
use std::time::Duration;

/// What goes wrong in a benchmark, to be printed.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// `[--threads N] [--seconds S] [--json FILE] [NAME ...]`, and what a benchmark adds to these.
pub(crate) struct Options {
    /// Numbers of threads to run on, 0 for all.
    pub(crate) threads: Vec<usize>,
    /// Time of a case.
    pub(crate) budget: Duration,
    /// Where results go besides the screen.
    pub(crate) json: Option<String>,
    names: Vec<String>,
}

impl Options {
    /// The process's arguments; `other` takes a flag of the benchmark's own with its value, or says that it knows none
    /// such.
    pub(crate) fn parse(mut other: impl FnMut(&str, &str) -> Result<bool>) -> Result<Self> {
        let mut options = Options {
            threads: vec![1, 0],
            budget: Duration::from_secs(1),
            json: None,
            names: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            // `--bench` is what cargo passes to every benchmark.
            if argument == "--bench" {
                continue;
            }
            if !argument.starts_with("--") {
                options.names.push(argument);
                continue;
            }
            let value = arguments
                .next()
                .ok_or(format!("{argument} needs a value"))?;
            match argument.as_str() {
                "--threads" => options.threads = vec![value.parse()?],
                "--seconds" => options.budget = Duration::try_from_secs_f64(value.parse()?)?,
                "--json" => options.json = Some(value),
                "--shape" => options.names.push(value),
                _ if other(&argument, &value)? => {}
                _ => return Err(format!("no option {argument}").into()),
            }
        }
        Ok(options)
    }

    /// Those of `all` that were named, all of them if none was. A name that is no entry's own names every entry that
    /// contains it.
    pub(crate) fn select<'a, S>(&self, all: &'a [S], name: fn(&S) -> &str) -> Result<Vec<&'a S>> {
        let mut chosen = vec![self.names.is_empty(); all.len()];
        for wanted in &self.names {
            let exact = all.iter().any(|entry| name(entry) == wanted);
            let fits = |entry| match exact {
                true => name(entry) == wanted,
                false => name(entry).contains(&**wanted),
            };
            if !all.iter().any(fits) {
                let known: Vec<_> = all.iter().map(name).collect();
                return Err(format!("nothing is called {wanted}: {}", known.join(" ")).into());
            }
            for (chosen, entry) in chosen.iter_mut().zip(all) {
                *chosen |= fits(entry);
            }
        }
        Ok(all
            .iter()
            .zip(chosen)
            .filter_map(|(entry, chosen)| chosen.then_some(entry))
            .collect())
    }

    /// Writes `results` to where they were asked for.
    pub(crate) fn write(&self, results: &serde_json::Value) -> Result<()> {
        match &self.json {
            Some(file) => std::fs::write(file, results.to_string())
                .map_err(|error| format!("{file}: {error}").into()),
            None => Ok(()),
        }
    }
}
