//! Compiles specs/ring.energy to Rust that src/main.rs includes.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const SPEC: &str = "specs/ring.energy";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SPEC}");
    let rust =
        scorematch_compiler::compile_file(Path::new(SPEC)).map_err(|error| error.to_string())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("ring.rs"), rust)?;
    Ok(())
}
