//! Processes that may take so much memory and time, of which several run at once.

use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::process::{finished, start, text};

/// The time that a command may take, also on a busy machine.
const MOST_SECONDS: u64 = 20;
/// The addresses that it may take.
const MOST_BYTES: u64 = 4 << 30;

/// What a command says, and whether it ends well. Otherwise it ends with a message that says so.
pub(super) fn outcome(mut command: Command, what: &str) -> (bool, String) {
    let limit = libc::rlimit {
        rlim_cur: MOST_BYTES,
        rlim_max: MOST_BYTES,
    };
    // SAFETY: one system call, which may follow a fork.
    unsafe {
        command.pre_exec(move || match libc::setrlimit(libc::RLIMIT_AS, &limit) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        });
    }
    let child = start(command);
    let id = child.id() as i32;
    let (to, from) = channel();
    let waiting = std::thread::spawn(move || to.send(finished(child)));
    let Ok(output) = from.recv_timeout(Duration::from_secs(MOST_SECONDS)) else {
        // SAFETY: a signal to a child that has not been waited for.
        unsafe { libc::kill(id, libc::SIGKILL) };
        panic!("{what}: takes longer than {MOST_SECONDS} s");
    };
    let _ = waiting.join();
    let told = text(&output);
    let code = output.status.code();
    assert!(
        !told.contains("panicked") && matches!(code, Some(0 | 1)),
        "{:?}: {told}: {what}",
        output.status
    );
    assert!(
        code == Some(0) || told.contains("error: "),
        "{what}: fails without a message: {told}"
    );
    (code == Some(0), told)
}

/// Calls a function with each number below a count, on all cores, and counts where it returns true.
///
/// # Panics
/// Where it has panicked at all, after all numbers.
pub(super) fn each(count: u64, work: impl Fn(u64) -> bool + Sync) -> u64 {
    let next = AtomicU64::new(0);
    let [found, faults] = [AtomicU64::new(0), AtomicU64::new(0)];
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    match catch_unwind(AssertUnwindSafe(|| work(number))) {
                        Ok(true) => found.fetch_add(1, Ordering::Relaxed),
                        Ok(false) => continue,
                        Err(_) => faults.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    assert_eq!(faults.into_inner(), 0, "inputs with faults");
    found.into_inner()
}

/// The files of a folder with their content, by their names, but for the lock.
pub(super) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for part in ["", "checkpoints"] {
        for entry in std::fs::read_dir(folder.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .strip_prefix(folder)
                .expect("inside")
                .display()
                .to_string();
            if path.is_file() && name != ".lock" {
                found.push((name, std::fs::read(&path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}
