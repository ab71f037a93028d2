//! The files of a finished run, of which one is changed: each command takes what it finds or refuses it, and one that
//! refuses leaves all files as they are.

use std::fs;
use std::path::Path;

use super::bounded::{each, files, outcome};
use super::changes::{Random, changed};
use crate::process::{program, said, train};

/// The files that are changed.
const FILES: [&str; 9] = [
    "settings.toml",
    "data.json",
    "environment.json",
    "metrics.jsonl",
    "report.json",
    "checkpoints/run.state",
    "model.safetensors",
    "reference.npy",
    "spec.energy",
];
const COMMANDS: [&str; 5] = ["resume", "eval", "sample", "report", "runs"];

pub(super) fn check(count: u64) {
    let root = tempfile::tempdir().expect("a folder");
    let root = root.path();
    let data = root.join("data.csv");
    let rows: String = (0..60)
        .map(|row| format!("{},{}\n", f64::from(row).sin(), f64::from(row).cos()))
        .collect();
    fs::write(&data, format!("a,b\n{rows}")).expect("the data");
    let run = root.join("sound");
    said(train(
        "Two",
        &data,
        &run,
        "--steps 20 --batch 16 --evaluate-every 5 --ema 0.9 --threads 1 --no-report",
    ));
    let sound = files(&run);
    let done = each(count, |seed| one(root, &data, &sound, seed));
    println!(
        "{count} runs of which a file was changed: {done} commands did their work, {} refused",
        count - done
    );
    assert!(done > count / 20 && count - done > count / 20);
}

/// Whether a command takes a run of which a file was changed.
fn one(root: &Path, data: &Path, sound: &[(String, Vec<u8>)], seed: u64) -> bool {
    let mut random = Random::new(seed);
    let run = root.join(format!("run-{seed}"));
    fs::create_dir_all(run.join("checkpoints")).expect("a folder");
    let file = FILES[random.below(FILES.len())];
    let mut shown = String::new();
    for (name, bytes) in sound {
        let path = run.join(name);
        if name == file {
            let bytes = changed(bytes, &mut random);
            shown = String::from_utf8_lossy(&bytes).chars().take(1500).collect();
            fs::write(path, bytes).expect("a file");
        } else {
            fs::write(path, bytes).expect("a file");
        }
    }
    let before = files(&run);
    let name = COMMANDS[random.below(COMMANDS.len())];
    let mut command = program();
    command.arg(name).arg(&run).current_dir(root);
    match name {
        // Settings that ask for more steps than anyone waits for are sound ones.
        "resume" if random.below(4) == 0 || file == "settings.toml" => {
            command.args([
                "--steps",
                "30",
                "--threads",
                "1",
                "--no-progress",
                "--no-report",
            ]);
        }
        "resume" => {
            command.args(["--threads", "1", "--no-progress", "--no-report"]);
        }
        "eval" => {
            command
                .arg("--data")
                .arg(data)
                .args(["--threads", "1", "--top", "2"]);
        }
        "sample" => {
            command.args(["-n", "10", "--steps", "20", "--threads", "1"]);
        }
        _ => {}
    }
    let what = format!("{name} with a changed {file} (seed {seed}):\n{shown}\n");
    let (is_done, told) = outcome(command, &what);
    if !is_done && !told.contains("diverged") {
        let after = files(&run);
        for (before, after) in before.iter().zip(&after) {
            assert!(
                before == after,
                "{} is another one: {told}: {what}",
                before.0
            );
        }
        assert_eq!(before.len(), after.len(), "{told}: {what}");
    }
    fs::remove_dir_all(&run).expect("the run is removed");
    is_done
}
