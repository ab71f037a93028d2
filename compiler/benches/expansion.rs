//! What depth costs at build time: expansion, emitted lines, rustc.
//!
//! `cargo bench -p scorematch-compiler --bench expansion [-- --rustc]`. A network of 2, 3, 8, 32 and 64 SiLU layers of 64
//! units is expanded as by the macro; with `--rustc` a crate that trains it with every objective in f32 is also built
//! in release, its dependencies being ready, and the time of that last build printed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, io};

use scorematch_compiler::{Sizes, Stage, inspect};

fn spec(layers: usize) -> String {
    format!(
        "pub Deep(x: [8]) {{ mlp(x, [{}], silu) }}",
        vec!["64"; layers].join(", ")
    )
}

/// A crate that trains the model.
fn package(folder: &Path, root: &Path, spec: &str) -> io::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"deep\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         scorematch = {{ path = {root:?} }}\nndarray = \"0.17\"\nrand = \"0.10\"\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let main = format!(
        "use scorematch::train::{{Objective, Trainer}};\n\
         scorematch::energy! {{ {spec} }}\n\
         fn main() -> scorematch::Result<()> {{\n\
             let mut model: Deep = Deep::init(&mut rand::rng());\n\
             let x = ndarray::Array2::from_elem((64, 8), 0.5);\n\
             println!(\"{{}}\", Trainer::new(Objective::esm()).fit(&mut model, &x)?);\n\
             Ok(())\n\
         }}\n"
    );
    fs::write(folder.join("src/main.rs"), main)
}

fn build(folder: &Path) -> io::Result<f64> {
    let start = Instant::now();
    let done = Command::new(env!("CARGO"))
        .args(["build", "--release", "-q"])
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .stdout(Stdio::null())
        .status()?;
    if !done.success() {
        return Err(io::Error::other("the crate did not build"));
    }
    Ok(start.elapsed().as_secs_f64())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("the compiler is a workspace's member")?;
    let rustc = std::env::args().any(|arg| arg == "--rustc");
    let folder = std::env::temp_dir().join(format!("scorematch-expansion-{}", std::process::id()));
    println!("layers  expansion ms   lines  rustc s");
    for layers in [2, 3, 8, 32, 64] {
        let text = spec(layers);
        let tokens: proc_macro2::TokenStream = text.parse().map_err(|e| format!("{text}: {e}"))?;
        let times = (0..5).map(|_| {
            let start = Instant::now();
            std::hint::black_box(scorematch_compiler::expand(tokens.clone()));
            start.elapsed().as_secs_f64()
        });
        let best = times.fold(f64::INFINITY, f64::min);
        let lines = inspect(&text, "deep", Stage::Rust, &Sizes::new())?
            .lines()
            .count();
        let seconds = if rustc {
            package(&folder, root, &spec(1))?;
            build(&folder)?;
            package(&folder, root, &text)?;
            format!("{:7.1}", build(&folder)?)
        } else {
            "-".to_string()
        };
        println!("{layers:6}  {:12.1}  {lines:6}  {seconds:>7}", best * 1e3);
    }
    if rustc {
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}
