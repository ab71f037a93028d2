//! Every program of every family: the same values as the interpreter's, whatever the order of threads.

use crate::launch::{Binary, Emitted, Options, emitted, share};
use crate::oracle::{self, TOLERANCE, feed};
use scorematch_compiler::diff::Program;
use scorematch_compiler::ir::{Feed, Graph};
use scorematch_compiler::spec::parse_and_check;
use std::path::Path;

/// The energy of one spec file.
pub fn family(name: &str) -> Graph {
    let found = families().into_iter().find(|f| f.0 == name);
    found
        .unwrap_or_else(|| panic!("there is a family {name}"))
        .1
}

/// The energies of the spec files.
pub fn families() -> Vec<(String, Graph)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/specs");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let source = std::fs::read_to_string(path).expect("the file can be read");
            let tokens = source.parse().expect("the file is made of tokens");
            let mut models = parse_and_check(tokens).expect("the specs are sound");
            let name = path.file_stem().expect("files have names");
            (name.to_string_lossy().into_owned(), models.remove(0).graph)
        })
        .collect()
}

/// The largest deviation of one program's results.
pub fn deviation(
    binary: &Binary,
    index: usize,
    e: &Emitted,
    f: &Feed,
    grid: usize,
    reverse: bool,
) -> Result<(f64, Vec<f32>), String> {
    let (out, sums) = binary.run(index, e, f, grid, reverse)?;
    let worst = from_expected(e, f, &out, &sums)?;
    Ok((worst, [out, sums].concat()))
}

/// The largest deviation of what shares of a batch add up to, as several devices have them; one has nothing to do.
fn deviation_of_shares(
    binary: &Binary,
    index: usize,
    e: &Emitted,
    f: &Feed,
) -> Result<f64, String> {
    let cuts = [0, f.batch / 3, f.batch / 3, f.batch];
    let mut total = Vec::new();
    for cut in cuts.windows(2) {
        let f = share(&e.graph, f, cut[0]..cut[1]);
        let (_, sums) = binary.run(index, e, &f, 2, false)?;
        total.resize(sums.len(), 0.0);
        total.iter_mut().zip(&sums).for_each(|(t, s)| *t += s);
    }
    from_expected(e, f, &[], &total)
}

/// The largest deviation from the interpreter's results.
fn from_expected(e: &Emitted, f: &Feed, out: &[f32], sums: &[f32]) -> Result<f64, String> {
    oracle::deviation(e.program, &e.graph, e.lowered.stream, f, out, sums)
}

/// What is wrong with the programs of an energy.
pub fn check(
    name: &str,
    energy: &Graph,
    programs: &[Program],
    options: Options,
    tolerance: f64,
) -> Vec<String> {
    let programs: Vec<Emitted> = programs.iter().map(|&p| emitted(energy, p)).collect();
    let binary = Binary::of(name, &programs, options, |text| text);
    let mut wrong = Vec::new();
    for (i, e) in programs.iter().enumerate() {
        // Two tiles and a part of one on two blocks; an odd number of directions, so that the last chunk is short.
        let f = feed(&e.graph, 19, 3, 1 + i as u64);
        let what = format!("{name} {}", e.program.name());
        if e.program.objective().is_some() {
            match deviation_of_shares(&binary, i, e, &f) {
                Ok(worst) if worst <= tolerance => {}
                Ok(worst) => wrong.push(format!("{what} in shares is off by {worst:.1e}")),
                Err(message) => wrong.push(format!("{what} in shares: {message}")),
            }
        }
        let forward = deviation(&binary, i, e, &f, 2, false);
        let backward = deviation(&binary, i, e, &f, 2, true);
        match (forward, backward) {
            (Ok((worst, values)), Ok((_, again))) => {
                println!("{what:40} {worst:.1e}");
                if worst > tolerance {
                    wrong.push(format!("{what} is off by {worst:.1e}"));
                }
                let differs = values
                    .iter()
                    .zip(&again)
                    .any(|(a, b)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan()));
                if differs {
                    wrong.push(format!("{what} depends on the order of threads"));
                }
            }
            (a, b) => {
                for message in [a.err(), b.err()].into_iter().flatten() {
                    wrong.push(format!("{what}: {message}"));
                }
            }
        }
    }
    wrong
}

#[test]
fn every_program_of_every_family_matches_the_interpreter() {
    let only = std::env::var("SCOREMATCH_FAMILY").ok();
    let wrong: Vec<String> = families()
        .iter()
        .filter(|f| only.as_ref().is_none_or(|o| *o == f.0))
        .flat_map(|(name, energy)| {
            check(name, energy, &Program::ALL, Options::default(), TOLERANCE)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
