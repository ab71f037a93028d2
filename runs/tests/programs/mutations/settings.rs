//! Settings: read, and then a run of some steps begun with them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use scorematch::train::{AdamW, Estimator, Length, Objective, Schedule, Sgd};
use scorematch_runs::settings::Settings;

use super::bounded::{each, files, outcome};
use super::changes::{Random, changed};
use crate::process::program;

/// The longest run.
const STEPS: u64 = 12;

pub(super) fn check(texts: u64, runs: u64) {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let data = root.join("data.csv");
    let rows: String = (0..40)
        .map(|row| format!("{},{}\n", f64::from(row).sin(), f64::from(row).cos()))
        .collect();
    fs::write(&data, format!("a,b\n{rows}")).expect("the data");
    let sound = sound(&data);
    let read = Mutex::new(Vec::new());
    let count = each(texts, |seed| {
        let mut random = Random::new(seed);
        let text = changed(sound[random.below(sound.len())].as_bytes(), &mut random);
        let text = String::from_utf8_lossy(&text);
        let parsed = catch_unwind(AssertUnwindSafe(|| Settings::parse(&text)));
        let Ok(parsed) = parsed else {
            panic!("a panic at the settings\n{text}");
        };
        let Ok(settings) = parsed else { return false };
        // What is read is written, and then read as the same, but for NaN, which is equal to nothing.
        if let Ok(written) = settings.text() {
            let again =
                Settings::parse(&written).unwrap_or_else(|error| panic!("{error:#}: {written}"));
            assert_eq!(format!("{again:?}"), format!("{settings:?}"), "{text}");
        }
        let mut read = read.lock().expect("no panic");
        if (read.len() as u64) < runs {
            read.push((seed, text.into_owned(), settings));
        }
        true
    });
    let mut read = read.into_inner().expect("no panic");
    read.sort_by_key(|(seed, ..)| *seed);
    let trained = each(read.len() as u64, |number| {
        let (seed, text, settings) = &read[number as usize];
        trained(root, *seed, text, settings)
    });
    println!(
        "{texts} settings: {count} were read; {trained} of {} runs were trained",
        read.len()
    );
    assert!(count > texts / 20 && trained > runs / 20);
}

/// Settings of every kind.
fn sound(data: &Path) -> Vec<String> {
    let mut all = vec![Settings::default(); 4];
    all[1].train.objective = Objective::ssm(4);
    all[1].train.optimizer = AdamW::new(3e-3, 0.1).into();
    all[1].train.clip = Some(2.5);
    all[1].train.ema = Some(0.9);
    all[1].train.jitter = 0.1;
    all[2].train.objective = Objective::dsm(0.2);
    all[2].train.optimizer = Sgd::new(1e-3, 0.9).into();
    all[2].train.schedule = Schedule::constant().warm_up(4);
    all[2].train.held_out_draws = Some(3);
    all[2].train.held_out_noise = Some(0.1);
    all[2].train.held_out_estimator = Some(Estimator::Trimmed(0.1));
    all[3].data.valid_fraction = 0.0;
    all[3].train.keep_short_last = true;
    for settings in &mut all {
        settings.model = "Two".to_owned();
        settings.threads = 1;
        settings.data.file = data.to_owned();
        settings.train.length = Length::Steps(STEPS);
    }
    all.iter()
        .map(|settings| settings.text().expect("a text"))
        .collect()
}

/// Whether a run with these settings is trained. Otherwise it is refused, and no folder is left in the way of another try.
fn trained(root: &Path, seed: u64, text: &str, settings: &Settings) -> bool {
    let (config, run) = (
        root.join(format!("{seed}.toml")),
        root.join(format!("run-{seed}")),
    );
    fs::write(&config, text).expect("the settings");
    let steps = match settings.train.length {
        Length::Steps(0..=STEPS) | Length::Epochs(0..=STEPS) => vec![],
        _ => vec!["--steps".to_owned(), STEPS.to_string()],
    };
    let mut command = program();
    command
        .args([
            "train",
            "spec.energy",
            "--no-report",
            "--no-progress",
            "--run",
        ])
        .arg(&run);
    command
        .arg("--config")
        .arg(&config)
        .args(steps)
        .current_dir(root);
    let (is_trained, told) = outcome(command, text);
    match is_trained {
        true => assert!(
            files(&run).iter().any(|(name, _)| name == "report.json"),
            "{told}"
        ),
        false => assert!(
            !run.exists() || told.contains("diverged"),
            "a run that is refused has a folder: {told}: {text}"
        ),
    }
    let _ = fs::remove_dir_all(run);
    let _ = fs::remove_file(config);
    is_trained
}
