//! Every program of every family and of the shapes that are timed, through NVIDIA's compiler: no stack, no spills.
//!
//! Needs no GPU, but the library: `SCOREMATCH_NVRTC` names it (`libnvrtc.so.13`; the wheel `nvidia-cuda-nvrtc` has it).
//! Without it the test says so and checks nothing. With it the figures are written to `benches/registers.csv`, unless
//! `SCOREMATCH_NVRTC_ONLY` names the one architecture that is to be checked, `sm_90a`.

#[cfg(unix)]
mod library;

#[cfg(unix)]
mod reference;

/// The compiler, if the environment names one.
#[cfg(unix)]
fn nvrtc() -> Option<library::Nvrtc> {
    let Some(path) = std::env::var_os("SCOREMATCH_NVRTC") else {
        println!("SCOREMATCH_NVRTC names no library: nothing is checked");
        return None;
    };
    Some(library::Nvrtc::open(path.as_ref()).unwrap_or_else(|e| panic!("{e}")))
}

#[cfg(unix)]
#[test]
fn programs_need_no_stack() {
    let Some(nvrtc) = nvrtc() else { return };
    let figures = check::figures(&nvrtc);
    let wrong: Vec<String> = figures.iter().filter_map(check::Figure::fault).collect();
    if check::only().is_none() {
        check::write(&figures);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[cfg(unix)]
mod check {
    use super::library::Nvrtc;
    use scorematch_compiler::diff::Program;
    use scorematch_compiler::emit::{Launch, cuda};
    use scorematch_compiler::ir::Graph;
    use scorematch_compiler::lower::{Target, lower};
    use scorematch_compiler::plan::plan;
    use scorematch_compiler::spec::parse_and_check;
    use scorematch_kernels::cuda as sources;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Architectures, with the shared memory of a block in bytes.
    const ARCHITECTURES: [(&str, usize); 3] = [
        ("sm_80", 163 << 10),
        ("sm_90a", 227 << 10),
        ("sm_100", 227 << 10),
    ];

    /// Shapes of the benchmark: dimensions and width of three SiLU layers.
    const TIMED: [(usize, usize); 6] = [
        (2, 64),
        (10, 128),
        (50, 128),
        (200, 128),
        (784, 128),
        (128, 256),
    ];

    /// What the compiler says of one program.
    pub(super) struct Figure {
        energy: String,
        program: &'static str,
        launch: Launch,
        architecture: &'static str,
        registers: usize,
        stack: usize,
        spills: usize,
        failure: Option<String>,
    }

    impl Figure {
        /// What is wrong with it, if anything.
        pub(super) fn fault(&self) -> Option<String> {
            let what = format!("{} {} {}", self.energy, self.program, self.architecture);
            match &self.failure {
                Some(log) => Some(format!("{what}: {log}")),
                None if self.stack + self.spills > 0 => Some(format!(
                    "{what}: {} bytes of stack, {} spilled",
                    self.stack, self.spills
                )),
                None => None,
            }
        }
    }

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    fn energy(spec: &str) -> Graph {
        let tokens = spec.parse().expect("the spec is made of tokens");
        parse_and_check(tokens)
            .expect("the spec is sound")
            .remove(0)
            .graph
    }

    pub(super) fn energies() -> Vec<(String, Graph)> {
        let mut files: Vec<_> = std::fs::read_dir(root().join("tests/specs"))
            .expect("the folder is there")
            .map(|entry| entry.expect("the folder can be read").path())
            .collect();
        files.sort();
        let mut all: Vec<(String, Graph)> = files
            .iter()
            .map(|path| {
                let name = path
                    .file_stem()
                    .expect("files have names")
                    .to_string_lossy();
                let source = std::fs::read_to_string(path).expect("the file can be read");
                (name.into_owned(), energy(&source))
            })
            .collect();
        for (dim, width) in TIMED {
            let spec =
                format!("pub Net(x: [{dim}]) {{ mlp(x, [{width}, {width}, {width}], silu) }}");
            all.push((format!("timed_{dim}x{width}"), energy(&spec)));
        }
        all
    }

    /// The one architecture to check, if not all are.
    pub(super) fn only() -> Option<String> {
        std::env::var("SCOREMATCH_NVRTC_ONLY").ok()
    }

    fn architectures() -> Vec<(&'static str, usize)> {
        let only = only();
        let chosen: Vec<_> = ARCHITECTURES
            .into_iter()
            .filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name))
            .collect();
        assert!(!chosen.is_empty(), "{only:?} is none of {ARCHITECTURES:?}");
        chosen
    }

    pub(super) fn figures(nvrtc: &Nvrtc) -> Vec<Figure> {
        let architectures = architectures();
        let [sources, training] =
            [&sources::PROGRAM[..], &sources::TRAINING[..]].map(sources::text);
        let energies = energies();
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut figures = Vec::new();
            // One energy after another, by whoever is free.
            while let Some((name, energy)) = energies.get(next.fetch_add(1, Ordering::Relaxed)) {
                for program in Program::ALL {
                    let plan = plan(&scorematch_compiler::program(energy, program));
                    let emitted = cuda(program, &lower(&plan, &Target::CUDA));
                    // Losses in the form that trains, which holds the other.
                    let text = if program.objective().is_some() {
                        format!("{sources}#define TRAINING\n{training}{}", emitted.source)
                    } else {
                        format!("{sources}{}", emitted.source)
                    };
                    for &(architecture, shared) in &architectures {
                        let launch = widest(&emitted.launches, shared);
                        let options = options(&launch, architecture, shared);
                        let (well, log) = nvrtc.compile(&text, &options);
                        figures.push(Figure {
                            energy: name.clone(),
                            program: program.name(),
                            launch,
                            architecture,
                            registers: number(&log, "Used ", " registers"),
                            stack: number(&log, "", " bytes stack frame"),
                            spills: number(&log, ", ", " bytes spill stores"),
                            failure: (!well).then(|| log.clone()),
                        });
                    }
                }
                println!("{name}: {} compilations", figures.len());
            }
            figures
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut figures: Vec<Figure> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
            let done = workers.into_iter().map(|worker| worker.join());
            done.flat_map(|figures| figures.expect("a worker's panic is the test's"))
                .collect()
        });
        let place = |figure: &Figure| energies.iter().position(|(name, _)| *name == figure.energy);
        figures.sort_by_key(place);
        figures
    }

    /// The shape with most columns, and of these most samples, whose per-direction scratch fits shared memory.
    fn widest(launches: &[Launch], shared: usize) -> Launch {
        let fits = launches.iter().filter(|l| 4 * l.chunk_scratch <= shared);
        let widest = fits.max_by_key(|l| (l.samples * l.directions, l.samples));
        *widest.unwrap_or(&launches[0])
    }

    fn options(launch: &Launch, architecture: &str, shared: usize) -> Vec<String> {
        let all = 4 * (launch.sample_scratch + launch.chunk_scratch);
        let place = match (all <= shared, 4 * launch.chunk_scratch <= shared) {
            (true, _) => 2,
            (false, true) => 1,
            _ => 0,
        };
        vec![
            format!("--gpu-architecture={architecture}"),
            "--ptxas-options=-v".to_string(),
            format!("-DSAMPLES={}", launch.samples),
            format!("-DDIRECTIONS={}", launch.directions),
            format!("-DSCRATCH_IN_SHARED={place}"),
        ]
    }

    /// The number that stands between two texts of the log.
    fn number(log: &str, before: &str, after: &str) -> usize {
        log.lines()
            .filter_map(|line| line.split_once(after))
            .filter_map(|(head, _)| match before {
                "" => head.split_whitespace().last(),
                _ => head.rsplit(before).next(),
            })
            .find_map(|n| n.trim().parse().ok())
            .unwrap_or(0)
    }

    pub(super) fn write(figures: &[Figure]) {
        let mut text = String::from(
            "energy,program,samples,directions,architecture,registers,stack_bytes,spilled_bytes\n",
        );
        for f in figures {
            text += &format!(
                "{},{},{},{},{},{},{},{}\n",
                f.energy,
                f.program,
                f.launch.samples,
                f.launch.directions,
                f.architecture,
                f.registers,
                f.stack,
                f.spills
            );
        }
        std::fs::write(root().join("benches/registers.csv"), text)
            .expect("the file can be written");
    }
}
