//! Specs that are changed at random: compiled, or refused with a text that names a place in them. No panic, also none that
//! the compiler turns into a message, no more than some seconds and a gigabyte for any of them.
//!
//! `SCOREMATCH_MUTATIONS` is the number of specs, 4000 if it is not set. They are the same in each run. A spec that ends the
//! process or takes too long stands in the file that is named first.

mod changes;
mod memory;
mod specs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use changes::{Random, changed};
use scorematch_compiler::{Axis, Sizes, compile_source, declared, torch_module};

/// Specs of a run, unless `SCOREMATCH_MUTATIONS` says otherwise.
const MUTATIONS: u64 = 4000;
/// The time that a spec may take.
const MOST: Duration = Duration::from_secs(10);
/// Sizes for axes that a spec leaves free.
const SIZES: [usize; 9] = [1, 2, 3, 7, 64, 1000, 0, 1 << 30, usize::MAX];

#[test]
fn changed_specs_compile_or_are_refused() {
    let count = std::env::var("SCOREMATCH_MUTATIONS")
        .map_or(MUTATIONS, |text| text.parse().expect("a number"));
    let specs = specs::all();
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let [refused, compiled] = [AtomicU64::new(0), AtomicU64::new(0)];
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (specs, next, refused, compiled, faults) =
                (&specs, &next, &refused, &compiled, &faults);
            scope.spawn(move || {
                let watched = Watched::new(worker);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        return;
                    }
                    let mut random = Random::new(seed);
                    let source = changed(specs, &mut random);
                    watched.begin(&source);
                    match is_compiled(&source, &mut random) {
                        Ok(true) => compiled.fetch_add(1, Ordering::Relaxed),
                        Ok(false) => refused.fetch_add(1, Ordering::Relaxed),
                        Err(fault) => {
                            let mut faults = faults.lock().expect("no panic");
                            let start: String = fault.chars().take(2000).collect();
                            faults.push(format!("seed {seed}: {start}"));
                            0
                        }
                    };
                    watched.end();
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no panic");
    let shown = faults.iter().take(20).cloned().collect::<Vec<_>>();
    assert!(
        faults.is_empty(),
        "{} specs: {}",
        faults.len(),
        shown.join("\n\n")
    );
    let [refused, compiled] = [refused.into_inner(), compiled.into_inner()];
    println!("{compiled} specs were compiled, {refused} refused");
    assert!(
        compiled > count / 20 && refused > count / 20,
        "{compiled} of {count} were compiled: such changes test little"
    );
}

/// Whether a spec is compiled; otherwise it is refused. The error is what else happened.
fn is_compiled(source: &str, random: &mut Random) -> Result<bool, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| compiled(source, random)));
    let text = match outcome {
        Ok(Ok(())) => return Ok(true),
        Ok(Err(text)) => text,
        Err(_) => return Err(format!("a panic is not guarded, of this spec:\n{source}")),
    };
    match text.starts_with("spec") && !text.contains("internal error") && text.len() < 1 << 16 {
        true => Ok(false),
        false => Err(format!("{text}\nis said of this spec:\n{source}")),
    }
}

fn compiled(source: &str, random: &mut Random) -> Result<(), String> {
    let models = declared(source, "spec")?;
    let mut sizes = Sizes::new();
    for axis in models.iter().flat_map(|model| &model.shape) {
        if let Axis::Free(name) = axis {
            // Most specs compile with small ones alone.
            let among = if random.below(8) == 0 { SIZES.len() } else { 5 };
            sizes.insert(name.clone(), SIZES[random.below(among)]);
        }
    }
    let rust = compile_source(source, "spec", &sizes, None)?.rust;
    assert!(rust.len() < 64 << 20, "{} bytes of Rust", rust.len());
    if let Some(model) = models.first() {
        let dim = dim(&model.shape, &sizes);
        let units = (vec![0.5; dim.min(1 << 16)], vec![2.0; dim.min(1 << 16)]);
        let units =
            (dim == units.0.len() && random.below(2) == 0).then_some((&units.0[..], &units.1[..]));
        // A model without a bound on what it writes would be one without a use.
        torch_module(source, "spec", &sizes, &model.name, units)?;
    }
    Ok(())
}

fn dim(shape: &[Axis], sizes: &Sizes) -> usize {
    let sizes = shape.iter().map(|axis| match axis {
        Axis::Fixed(size) => *size,
        Axis::Free(name) => sizes.get(name).copied().unwrap_or(1),
    });
    sizes.fold(1, usize::saturating_mul)
}

/// What sees to it that no spec takes too long, from a thread of its own.
struct Watched {
    file: std::path::PathBuf,
    to: Sender<bool>,
}

impl Watched {
    fn new(worker: usize) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("changed-{worker}.energy"));
        let (to, from) = channel();
        let shown = file.clone();
        std::thread::spawn(move || {
            let mut working = false;
            let mut since = Instant::now();
            loop {
                match from.recv_timeout(Duration::from_millis(500)) {
                    Ok(begins) => (working, since) = (begins, Instant::now()),
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {}
                }
                if working && since.elapsed() > MOST {
                    eprintln!("{} takes longer than {MOST:?}", shown.display());
                    std::process::abort();
                }
            }
        });
        Watched { file, to }
    }

    fn begin(&self, source: &str) {
        std::fs::write(&self.file, source).expect("the spec is kept");
        self.to.send(true).expect("the thread watches");
    }

    fn end(&self) {
        self.to.send(false).expect("the thread watches");
    }
}
