//! The error of a `SCOREMATCH_THREADS` that holds no number.

use std::fmt;

use super::VARIABLE;

/// `SCOREMATCH_THREADS` holds no number.
#[derive(Clone, PartialEq, Eq)]
pub struct ThreadsError {
    /// What it holds, in quotes.
    pub found: String,
}

impl ThreadsError {
    /// The variable.
    pub const VARIABLE: &str = VARIABLE;
    /// What to do about it.
    pub const CURE: &str =
        "set it to a number of threads, or unset it for as many as there are cores";
}

impl fmt::Display for ThreadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VARIABLE} is {}; {}", self.found, Self::CURE)
    }
}

/// The message: a `main` that returns an error, and `unwrap`, print this.
impl fmt::Debug for ThreadsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ThreadsError {}
