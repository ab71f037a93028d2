//! Signals while a model trains: what each does, however the process was started.
//!
//! Every case is a process of its own: this executable, asked for the ignored test. A shell sets what is ignored, and the
//! two wait for each other by lines of text alone.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Lines};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use ndarray::Array2;
use scorematch::checkpoint::Trained;
use scorematch::train::{Objective, Stop, Trainer};
use scorematch::{Model, energy};

energy! {
    Bowl(x: [2]) { param k: [] = ones(); k * sum(sq(x)) }
}

const CHECKPOINT: &str = "TEST_CHECKPOINT";
const WAITS: &str = "TEST_WAITS_FOR_EVER";
const ASKS: &str = "TEST_ASKS_FOR_SIGNALS";

/// Trains without end, and tells of the first steps.
#[test]
#[ignore = "a process of its own, started by the others"]
fn child() {
    /// Prints what the library logs.
    struct Printed;
    impl log::Log for Printed {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            println!("logged: {}", record.args());
        }
        fn flush(&self) {}
    }
    log::set_logger(&Printed).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let path = std::env::var_os(CHECKPOINT).unwrap();
    let waits = std::env::var_os(WAITS).is_some();
    let x = Array2::from_shape_fn((16, 2), |(row, column)| (row + 3 * column) as f32 / 8.0);
    let mut model: Bowl<f32> = Model::zeros();
    let report = Trainer::new(Objective::esm())
        .steps(u64::MAX)
        .data_guard(scorematch::data::Guard::Silent)
        .threads(1)
        .stop_on_signals(std::env::var_os(ASKS).is_some())
        .checkpoint(path)
        .on_step(|info| {
            if info.step == 0 {
                println!("\nfirst step");
            }
            if waits {
                // Parking may return without a reason.
                loop {
                    std::thread::park();
                }
            }
        })
        .fit(&mut model, &x)
        .unwrap();
    assert_eq!(report.stop, Stop::Interrupted);
    println!("interrupted");
}

/// A run of [`child`] whose process begins with these signals ignored.
struct Run {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    logged: Vec<String>,
}

impl Run {
    fn start(ignored: &str, checkpoint: &Path, waits: bool) -> Self {
        Self::start_with(
            ignored,
            checkpoint,
            &if waits { vec![ASKS, WAITS] } else { vec![ASKS] },
        )
    }

    fn start_with(ignored: &str, checkpoint: &Path, variables: &[&str]) -> Self {
        let mut command = Command::new("sh");
        // All three are at their default unless told otherwise, however the tests were started: a shell cannot reset
        // what it found ignored, but `env` can.
        let reset = "exec env --default-signal=INT,TERM,HUP sh -c \"$0\" \"$@\"";
        let trap = match ignored {
            "" => "exec \"$0\" \"$@\"".to_owned(),
            signals => format!("trap '' {signals}; exec \"$0\" \"$@\""),
        };
        command
            .args(["-c", reset, &trap])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(CHECKPOINT, checkpoint)
            .stdout(Stdio::piped());
        for variable in variables {
            command.env(variable, "1");
        }
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut run = Run {
            process,
            lines,
            logged: Vec::new(),
        };
        assert!(run.reads("first step"));
        run
    }

    /// Whether a line says this before the output ends.
    fn reads(&mut self, expected: &str) -> bool {
        for line in self.lines.by_ref().map(Result::unwrap) {
            if let Some((_, text)) = line.split_once("logged: ") {
                self.logged.push(text.to_owned());
            }
            if line == expected {
                return true;
            }
        }
        false
    }

    fn send(&self, signal: &str) {
        let target = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &target]).status();
        assert!(sent.unwrap().success());
    }

    fn end(mut self) -> (ExitStatus, bool, Vec<String>) {
        let interrupted = self.reads("interrupted");
        while self.lines.next().is_some() {}
        (self.process.wait().unwrap(), interrupted, self.logged)
    }
}

#[test]
fn every_signal_at_its_default_ends_the_run_and_saves_it() {
    let folder = tempfile::tempdir().unwrap();
    for (case, (ignored, signal)) in [
        ("", "INT"),
        ("", "TERM"),
        ("", "HUP"),
        // As under `nohup`.
        ("HUP", "TERM"),
        ("HUP", "INT"),
        // As with `&` in a script.
        ("INT", "TERM"),
        ("INT", "HUP"),
        ("INT HUP", "TERM"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(case.to_string());
        let run = Run::start(ignored, &path, false);
        // What is ignored stays so.
        for ignored in ignored.split_whitespace() {
            run.send(ignored);
        }
        run.send(signal);
        let (status, interrupted, logged) = run.end();
        assert!(
            status.success() && interrupted,
            "{ignored:?}, {signal}: {status}"
        );
        let trained = Trained::<BowlSpec, f32>::load(&path).unwrap();
        assert!(trained.step > 0);
        let names: Vec<_> = ignored.split_whitespace().collect();
        assert_eq!(logged.len(), names.len(), "{logged:?}");
        for (text, name) in logged.iter().zip(names) {
            assert!(
                text.contains(&format!("SIG{name}")) && text.contains("ignored"),
                "{text}"
            );
        }
    }
}

/// Unless the trainer is told to, nothing handles a signal: each does what it does to any process.
#[test]
fn signals_are_left_alone_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let run = Run::start_with("", &folder.path().join(signal), &[]);
        run.send(signal);
        let (status, interrupted, logged) = run.end();
        assert!(!interrupted && logged.is_empty(), "{logged:?}");
        assert_eq!(status.signal(), Some(number), "{status}");
    }
}

#[test]
fn a_second_signal_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    // The first is noted, but its step never ends.
    let run = Run::start("", &folder.path().join("model"), true);
    run.send("INT");
    run.send("TERM");
    let (status, interrupted, _) = run.end();
    assert!(!interrupted);
    assert!([Some(2), Some(15)].contains(&status.signal()), "{status}");
}
