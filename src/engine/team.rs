//! Threads: a team that empties a queue together.
//!
//! Must hold: who takes which item decides nothing but the time it takes; items carry their own place in
//! the order of summation.

use std::sync::{Mutex, PoisonError};

/// Does `work` on every member of a team, each on a thread of its own; the first is the caller's.
pub(super) fn team<W: Send>(members: &mut [W], work: impl Fn(&mut W) + Sync) {
    let Some((own, others)) = members.split_first_mut() else {
        return;
    };
    if others.is_empty() {
        return work(own);
    }
    rayon::in_place_scope(|scope| {
        for other in others {
            scope.spawn(|_| work(other));
        }
        work(own);
    });
}

/// The next item of a queue that threads share.
pub(super) fn take<I: Iterator>(queue: &Mutex<I>) -> Option<I::Item> {
    // A panic elsewhere cannot leave a queue half advanced; it reaches the caller through the team.
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}
