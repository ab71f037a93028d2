//! Runs that are killed at random times, resumed and killed again end in the bits of a run that is not.
//!
//! `SCOREMATCH_KILLS` is the number of runs, 50 if it is not set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use super::process::{self, finished, program, refused, start, text};

pub(super) fn check() {
    let root = tempfile::tempdir().expect("a folder");
    let data = root.path().join("data.csv");
    fs::write(&data, table()).expect("the data is written");
    let undisturbed = Undisturbed::new(root.path(), &data);
    let kills =
        std::env::var("SCOREMATCH_KILLS").map_or(50, |text| text.parse().expect("a number"));
    for seed in 0..kills {
        killed(root.path(), &data, &undisturbed, seed);
    }
    println!("{kills} runs that were killed: the same bits");
    full_disk(root.path(), &data, &undisturbed);
    println!("a run whose disk was full: the same bits");
    interrupted(root.path(), &data, &undisturbed);
    println!("a run that was interrupted by a signal: the same bits");
    foreign_folder(&data);
}

/// Three columns that depend on each other.
fn table() -> String {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut text = "a,b,c\n".to_owned();
    for _ in 0..400 {
        let [u, v, w]: [f64; 3] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
        text += &format!("{:.5},{:.5},{:.5}\n", u, u * u + 0.3 * v, 5.0 + 2.0 * w);
    }
    text
}

/// A run without a break.
struct Undisturbed {
    model: Vec<u8>,
    report: Value,
    metrics: Vec<Value>,
    seconds: f64,
}

impl Undisturbed {
    fn new(root: &Path, data: &Path) -> Self {
        let run = root.join("undisturbed");
        let started = Instant::now();
        let output = finished(start(train(data, &run)));
        assert!(output.status.success(), "{}", text(&output));
        Undisturbed {
            seconds: started.elapsed().as_secs_f64(),
            model: fs::read(run.join("model.safetensors")).expect("a model"),
            report: report(&run),
            metrics: metrics(&run),
        }
    }

    /// That a run has ended in the same bits.
    fn is_that_of(&self, run: &Path, what: &str) {
        let model = fs::read(run.join("model.safetensors")).expect("a model");
        assert!(model == self.model, "{what}: another model");
        assert_eq!(report(run), self.report, "{what}");
        let found = metrics(run);
        let lines = found.iter().zip(&self.metrics).enumerate();
        for (place, (found, expected)) in lines {
            assert_eq!(found, expected, "{what}: line {place} of the metrics");
        }
        assert_eq!(
            found.len(),
            self.metrics.len(),
            "{what}: lines of the metrics"
        );
    }
}

/// The report without times and without the places at which it was resumed.
fn report(run: &Path) -> Value {
    let text = fs::read_to_string(run.join("report.json")).expect("a report");
    let mut report: Value = serde_json::from_str(&text).expect("JSON");
    let fields = report.as_object_mut().expect("an object");
    for name in ["step_ends", "seconds", "seconds_per_step", "resumed"] {
        fields.remove(name);
    }
    without_seconds(&mut report);
    report
}

/// The lines of the metrics without times and without those that tell of being resumed.
fn metrics(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).expect("metrics");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let mut lines: Vec<Value> = lines
        .filter(|line: &Value| line["kind"] != "resumed")
        .collect();
    lines.iter_mut().for_each(without_seconds);
    lines
}

fn without_seconds(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("seconds");
            fields.values_mut().for_each(without_seconds);
        }
        Value::Array(values) => values.iter_mut().for_each(without_seconds),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn train(data: &Path, run: &Path) -> Command {
    process::train(
        "Ring",
        data,
        run,
        "--steps 1500 --batch 32 --ema 0.9 --jitter 0.05 --valid-fraction 0.2 --evaluate-every 100 --report-every 70 \
         --checkpoint-every 0.005",
    )
}

fn resume(run: &Path) -> Command {
    let mut command = program();
    command.arg("resume").arg(run);
    command
}

/// A run that is killed at random times until it has ended.
fn killed(root: &Path, data: &Path, undisturbed: &Undisturbed, seed: u64) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let run = root.join(format!("killed-{seed}"));
    // After some kills it is left alone.
    for life in 0.. {
        let child = start(match run.join("settings.toml").exists() {
            true => resume(&run),
            false => train(data, &run),
        });
        if life < 6 {
            let part: f64 = rng.random_range(0.0..0.7);
            sleep(Duration::from_secs_f64(part * undisturbed.seconds));
            // SAFETY: a signal to a child that has not been waited for.
            unsafe { libc::kill(child.id() as i32, libc::SIGKILL) };
        }
        let output = finished(child);
        if output.status.success() {
            break;
        }
        let was_killed = output.status.code().is_none();
        assert!(was_killed, "seed {seed}, life {life}: {}", text(&output));
    }
    undisturbed.is_that_of(&run, &format!("seed {seed}"));
    fs::remove_dir_all(&run).expect("the run is removed");
}

/// No file can grow beyond some blocks: the state and the model cannot be written.
fn full_disk(root: &Path, data: &Path, undisturbed: &Undisturbed) {
    let run = root.join("full");
    let whole = train(data, &run);
    let arguments: Vec<String> = whole
        .get_args()
        .map(|argument| argument.to_str().expect("text").to_owned())
        .collect();
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -f 8; trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(whole.get_program())
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = finished(start(limited));
    let told = text(&output);
    assert!(
        !output.status.success() && told.contains("error: "),
        "{told}"
    );
    assert!(told.contains("full/"), "it names the file: {told}");
    let left = |name: &str| run.join(name).exists();
    assert!(
        !left("model.safetensors") || left("settings.toml"),
        "{told}"
    );
    let output = finished(start(match left("settings.toml") {
        true => resume(&run),
        false => train(data, &run),
    }));
    assert!(output.status.success(), "{}", text(&output));
    undisturbed.is_that_of(&run, "after a full disk");
}

/// A signal ends a run after its step, with everything saved. SIGINT may be ignored from the start where tests run in the
/// background.
fn interrupted(root: &Path, data: &Path, undisturbed: &Undisturbed) {
    let run = root.join("interrupted");
    let child = start(train(data, &run));
    while !run.join("model.safetensors").exists() {
        sleep(Duration::from_millis(1));
    }
    // SAFETY: a signal to a child that has not been waited for.
    unsafe { libc::kill(child.id() as i32, libc::SIGTERM) };
    let output = finished(child);
    assert!(output.status.success(), "{}", text(&output));
    let output = finished(start(resume(&run)));
    assert!(output.status.success(), "{}", text(&output));
    undisturbed.is_that_of(&run, "after an interruption");
    let again = finished(start(resume(&run)));
    assert!(again.status.success(), "{}", text(&again));
    undisturbed.is_that_of(&run, "resumed after its end");
}

/// A folder that takes no files is told before anything is trained.
fn foreign_folder(data: &Path) {
    let run = PathBuf::from("/proc/no-run");
    let told = refused(train(data, &run));
    assert!(told.contains("--run"), "{told}");
}
