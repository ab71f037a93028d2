//! A launch of emitted code on the emulation: compile, run, read back.

use scorematch_compiler::diff::Program;
use scorematch_compiler::emit::{Cuda, cuda};
use scorematch_compiler::ir::{Feed, Graph, Input};
use scorematch_compiler::lower::{Lowered, Target, lower};
use scorematch_compiler::plan::plan;
use scorematch_kernels::cuda as sources;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn test_source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cuda")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One program of an energy, ready to be compared.
pub struct Emitted {
    pub program: Program,
    pub graph: Graph,
    pub lowered: Lowered,
    pub cuda: Cuda,
}

pub fn emitted(energy: &Graph, program: Program) -> Emitted {
    let graph = scorematch_compiler::program(energy, program);
    let lowered = lower(&plan(&graph), &Target::CUDA);
    let cuda = cuda(program, &lowered);
    Emitted {
        program,
        graph,
        lowered,
        cuda,
    }
}

/// How sources are compiled.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub threads: usize,
    pub samples: usize,
    pub directions: usize,
    pub tf32_products: usize,
    pub scratch_in_shared: usize,
    pub sanitize: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            threads: 64,
            samples: 8,
            directions: 2,
            tf32_products: 3,
            scratch_in_shared: 2,
            sanitize: false,
        }
    }
}

/// A compiled file of programs.
#[derive(Clone, Debug)]
pub struct Binary {
    path: PathBuf,
    options: Options,
    /// What it finds in its environment.
    variables: Vec<(&'static str, String)>,
}

impl Binary {
    /// Compiles programs; `edit` may plant a fault into the text.
    pub fn of(
        name: &str,
        programs: &[Emitted],
        options: Options,
        edit: impl Fn(String) -> String,
    ) -> Binary {
        let mut text = test_source("emulation.hpp");
        // The emulation takes the place of the first.
        text += &sources::text(&sources::PROGRAM[1..]);
        let mut table = String::new();
        for p in programs {
            text += &p.cuda.source;
            let space = p.program.name().to_lowercase();
            table += &format!("{{\"{0}\", {space}::{0}}}, ", p.cuda.entry);
        }
        text += &test_source("driver.hpp");
        text += &format!("int main() {{ return driver::run({{{table}}}); }}\n");
        Binary::compile(name, &edit(text), options)
    }

    pub fn compile(name: &str, text: &str, options: Options) -> Binary {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let (source, path) = (folder.join(format!("{name}.cpp")), folder.join(name));
        std::fs::write(&source, text).expect("the source can be written");
        let mut gxx = Command::new("g++");
        gxx.args(["-std=c++17", "-O1", "-w", "-mfma", "-ffp-contract=off"])
            .arg(format!("-DTHREADS={}", options.threads))
            .arg(format!("-DSAMPLES={}", options.samples))
            .arg(format!("-DDIRECTIONS={}", options.directions))
            .arg(format!("-DTF32_PRODUCTS={}", options.tf32_products))
            .arg(format!("-DSCRATCH_IN_SHARED={}", options.scratch_in_shared));
        if options.sanitize {
            gxx.args([
                "-g",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
            ]);
        }
        let output = gxx
            .arg("-o")
            .arg(&path)
            .arg(&source)
            .output()
            .expect("g++ can be started");
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Binary {
            path,
            options,
            variables: Vec::new(),
        }
    }

    /// The same with a variable in its environment.
    pub fn with(&self, name: &'static str, value: String) -> Binary {
        let mut other = self.clone();
        other.variables.push((name, value));
        other
    }

    /// Scalars of per-sample and per-direction scratch, as the launch table has them.
    fn scratch(&self, emitted: &Emitted) -> [usize; 2] {
        let Options {
            samples,
            directions,
            ..
        } = self.options;
        let launches = &emitted.cuda.launches;
        let row = launches
            .iter()
            .find(|l| l.samples == samples && (l.directions == directions || l.chunk_scratch == 0))
            .unwrap_or_else(|| panic!("{samples} x {directions} is in no launch table"));
        [row.sample_scratch, row.chunk_scratch]
    }

    /// Runs the program with that number; what it wrote and what it summed up, or what it said.
    pub fn run(
        &self,
        index: usize,
        emitted: &Emitted,
        feed: &Feed,
        grid: usize,
        reverse: bool,
    ) -> Result<(Vec<f32>, Vec<f32>), String> {
        let g = &emitted.graph;
        let lowered = &emitted.lowered;
        let (dim, batch) = (g.dim(), feed.batch);
        let streamed = g.outputs.iter().any(|o| g.axes(o.1).tangent);
        let width = lowered.out_rows();
        let outs = batch * width * if streamed { feed.directions } else { 1 };
        let deferred: usize = lowered.deferred.iter().map(|d| d.rows).sum();
        let [in_samples, in_chunk] = self.scratch(emitted);
        let (shared, workspace) = match self.options.scratch_in_shared {
            0 => (0, in_samples + in_chunk),
            1 => (in_chunk, in_samples),
            _ => (in_samples + in_chunk, 0),
        };
        let products = if deferred > 0 {
            self.options.threads / 32 * 512
        } else {
            0
        };
        let shared_bytes = 4 * shared.max(products);
        let mut input: Vec<u8> = Vec::new();
        let int = |n: usize, input: &mut Vec<u8>| input.extend((n as i32).to_le_bytes());
        for n in [
            index,
            grid,
            shared_bytes,
            usize::from(reverse),
            batch,
            // Samples of the whole batch, of which this is a share.
            feed.inputs[&Input::Omega]
                .first()
                .map_or(0, |omega| omega.recip().round() as usize),
            feed.directions,
            outs,
            deferred * batch,
            lowered.sums,
            lowered.shared,
            workspace,
        ] {
            int(n, &mut input);
        }
        let mut array = |values: &[f64]| {
            int(values.len(), &mut input);
            for &v in values {
                input.extend((v as f32).to_le_bytes());
            }
        };
        array(&[
            feed.inputs[&Input::Weight][0],
            feed.inputs[&Input::Sigma][0],
        ]);
        array(&feed.params.concat());
        array(&feed.inputs[&Input::X]);
        array(&feed.inputs[&Input::V]);
        array(&feed.inputs[&Input::Directions]);
        assert_eq!(feed.inputs[&Input::X].len(), batch * dim);
        let mut child = Command::new(&self.path)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        child
            .stdin
            .take()
            .expect("it was piped")
            .write_all(&input)
            .expect("the program reads its launch");
        let (mut bytes, mut said) = (Vec::new(), String::new());
        child
            .stdout
            .take()
            .expect("it was piped")
            .read_to_end(&mut bytes)
            .expect("it can be read");
        child
            .stderr
            .take()
            .expect("it was piped")
            .read_to_string(&mut said)
            .expect("it is text");
        if !child.wait().expect("it was started").success() {
            return Err(said);
        }
        let mut values: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        let sums = values.split_off(outs);
        Ok((values, sums))
    }
}

/// Some samples of a batch, each with the weight that it has there.
pub fn share(g: &Graph, feed: &Feed, samples: std::ops::Range<usize>) -> Feed {
    let mut share = feed.clone();
    share.batch = samples.len();
    for (input, width) in [
        (Input::X, g.dim()),
        (Input::V, g.dim()),
        (Input::Directions, g.dim()),
        (Input::Omega, 1),
    ] {
        let of_batch = |values: &[f64]| values[samples.start * width..samples.end * width].to_vec();
        let all = feed.inputs[&input].chunks(feed.batch * width);
        share.inputs.insert(input, all.flat_map(of_batch).collect());
    }
    share
}
