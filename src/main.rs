//! The command line of scorematch.

fn main() {}
