//! Settings and files of runs that are changed at random: taken, or refused with a message. No panic, no more than some
//! seconds and gigabytes for any of them, and nothing of a run is lost by a command that refuses it.
//!
//! `SCOREMATCH_MUTATIONS` is the number of settings; for each fifty of them there is a training run and a run with a changed
//! file. Without it there are 15000. They are the same each time.

mod bounded;
mod changes;
mod folders;
mod settings;

/// Texts of settings, unless `SCOREMATCH_MUTATIONS` says otherwise.
const MUTATIONS: u64 = 15_000;
/// Texts for each process.
const EACH: u64 = 50;

pub(super) fn check() {
    let count = std::env::var("SCOREMATCH_MUTATIONS")
        .map_or(MUTATIONS, |text| text.parse().expect("a number"));
    settings::check(count, count / EACH);
    folders::check(count / EACH);
}
