//! Golden values and whole training runs of an independent float64 implementation.
//!
//! Reads `tests/fixtures/*.npz`, or the folder that `SCOREMATCH_FIXTURES` names; reports every file.

use scorematch_families::{FAMILIES, run_trajectory};
use std::path::PathBuf;

fn folder() -> (PathBuf, bool) {
    match std::env::var_os("SCOREMATCH_FIXTURES") {
        Some(folder) => (PathBuf::from(folder), true),
        None => (
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"),
            false,
        ),
    }
}

#[test]
fn fixtures_golden_values() {
    let (folder, given) = folder();
    let (mut read, mut wrong) = (0, Vec::new());
    for family in &FAMILIES {
        let path = folder.join(format!("{}.npz", family.name));
        if !path.exists() {
            println!("{:20} no file", family.name);
            continue;
        }
        read += 1;
        let agreements = (family.check)(&path).unwrap_or_else(|message| panic!("{message}"));
        for precision in ["f64", "f32"] {
            let own = agreements.iter().filter(|a| a.what.contains(precision));
            let worst = own
                .max_by(|a, b| a.error.total_cmp(&b.error))
                .expect("every family is compared");
            println!(
                "{:20} {precision} worst {:.1e} ({})",
                family.name, worst.error, worst.what
            );
        }
        wrong.extend(
            agreements
                .into_iter()
                // Not `error > tolerance`: a NaN is wrong too.
                .filter(|a| {
                    !matches!(
                        a.error.partial_cmp(&a.tolerance),
                        Some(std::cmp::Ordering::Less)
                    )
                })
                .map(|a| {
                    format!(
                        "{}: {} is off by {:.1e}, allowed {:.0e}",
                        family.name, a.what, a.error, a.tolerance
                    )
                }),
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // The repository leaves out one large file; a folder from outside must at least hold something.
    assert!(
        if given {
            read > 0
        } else {
            read >= FAMILIES.len() - 1
        },
        "{read} files in {}",
        folder.display()
    );
}

#[test]
fn fixtures_trajectories() {
    let (folder, given) = folder();
    for kind in ["esm", "ssm", "ssm_vr"] {
        let path = folder.join(format!("trajectory_{kind}.npz"));
        if given && !path.exists() {
            println!("trajectory_{kind}: no file");
            continue;
        }
        let run = run_trajectory(&path, kind).unwrap_or_else(|message| panic!("{message}"));
        println!(
            "trajectory_{kind}: {} steps, loss {:.1e}, parameters {:.1e}",
            run.steps, run.loss, run.parameters
        );
        assert!(
            run.loss <= 1e-7 && run.parameters <= 1e-6,
            "{kind}: {run:?}"
        );
    }
}
