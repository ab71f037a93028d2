//! The command line of scorematch; `scorematch help` lists what it does.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    cli::run()
}
