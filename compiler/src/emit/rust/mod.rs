//! Rust that implements the runtime's `Spec` and `Program` for a planned model.
//!
//! Enters: plans. Leaves: text that names nothing but `::scorematch`. What must hold: the text depends on the plans
//! alone, its length on the number of operations and not on their widths.

mod batch;
mod chains;
mod contraction;
mod device;
mod expression;
mod gemm;
mod hole;
mod loops;
mod movement;
mod region;
mod results;
mod share;
pub(super) mod writer;

use super::Planned;
use crate::diff::Program;
use crate::ir::Init;
use crate::lower::{Lowered, Span, Target, TileStatement, View, lower};
use crate::plan::{DeferredWith, Plan, Stream};
use expression::literal;
use region::Regions;
use share::{Body, Call, Context, Functions, Shared};
use writer::Writer;

/// The items that models become which are declared together. Statements that they have in common are one function.
pub fn rust(models: &[Planned]) -> String {
    let mut w = Writer::default();
    for model in models {
        types(&mut w, model);
    }
    let mut functions = Functions::default();
    let models: Vec<(&Planned, Vec<Emitted>)> = models
        .iter()
        .map(|model| {
            let programs = model.programs.iter();
            let emitted = programs.map(|(kind, plan)| Emitted::new(&mut functions, *kind, plan));
            (model, emitted.collect())
        })
        .collect();
    let functions = functions.complete();
    w.line("#[allow(clippy::all, clippy::pedantic, unused, unreachable_pub)]");
    w.block_with("const _: () =", "};", |w| {
        // `rt` stands for the runtime: emitted text names its private interface and nothing else.
        w.line("use ::scorematch::__private as rt;");
        w.line("use rt::Vector as _;");
        for (model, programs) in &models {
            w.line("");
            // The names of programs are those of their quantities, in every model.
            w.block_with("const _: () =", "};", |w| {
                spec_impl(w, model, &spec_name(model));
                for program in programs {
                    w.line("");
                    program.write(w, &functions);
                }
            });
        }
        functions.write(w);
    });
    w.finish()
}

/// The types by which a model is named.
fn types(w: &mut Writer, model: &Planned) {
    let (name, spec, vis) = (&model.name, spec_name(model), &model.visibility);
    for doc in &model.docs {
        w.line(format!("#[doc = {doc:?}]"));
    }
    // The including crate decides whether a `pub` item can be reached from outside.
    w.line("#[allow(unreachable_pub)]");
    w.line(format!("{vis} type {name}<T = f32> = ::scorematch::Model<{spec}, T>;").trim_start());
    w.line(format!("#[doc = \"The compiled form of [`{name}`].\"]"));
    w.line("#[allow(unreachable_pub)]");
    w.line(format!("{vis} enum {spec} {{}}").trim_start());
}

fn spec_name(model: &Planned) -> String {
    format!("{}Spec", model.name)
}

fn spec_impl(w: &mut Writer, model: &Planned, spec: &str) {
    let g = &model.energy;
    w.block(format!("impl rt::Spec for {spec}"), |w| {
        w.line(format!("const NAME: &'static str = {:?};", model.name));
        w.line(format!(
            "const X_SHAPE: &'static [usize] = &{:?};",
            g.x_shape
        ));
        w.line(format!("const DIM: usize = {};", g.dim()));
        let mut offset = 0;
        w.line("const PARAMS: &'static [rt::ParamInfo] = &[");
        for p in &g.params {
            w.line(format!(
                "    rt::ParamInfo {{ name: {:?}, shape: &{:?}, offset: {offset}, init: {} }},",
                p.name,
                p.shape,
                init(p.init)
            ));
            offset += p.shape.iter().product::<usize>();
        }
        w.line("];");
        w.line(format!("const PARAM_LEN: usize = {offset};"));
        w.line(format!("const SMOOTH: bool = {};", model.smooth));
        programs(w, model);
    });
}

/// The functions by which the runtime finds the programs.
fn programs(w: &mut Writer, model: &Planned) {
    // Not inlined: it would be compiled where it is inlined, with all that it names.
    w.line("#[inline(never)]");
    w.block("fn single() -> &'static rt::Programs<f32>", |w| {
        w.line("Self::programs()");
    });
    let head = "fn programs<T: rt::Real>() -> &'static rt::Programs<T>";
    w.block(head, |w| {
        w.line("const { &rt::Programs {");
        for (program, _) in &model.programs {
            let name = program.name();
            if program.objective().is_none() {
                let field = name.to_lowercase();
                w.line(format!("    {field}: rt::Compiled::of::<{name}>(),"));
            }
        }
        w.line("    losses: &[");
        for (program, _) in &model.programs {
            if let Some(objective) = program.objective() {
                let (name, program) = (objective.name, objective.program);
                w.line(format!(
                    "        ({name:?}, rt::Compiled::of::<{program}>()),"
                ));
            }
        }
        w.line("    ],");
        w.line("} }");
    });
}

/// A program as calls of a model's functions.
struct Emitted<'a> {
    kind: Program,
    plan: &'a Plan,
    program: Lowered,
    prologue: Vec<Call>,
    samples: Vec<Call>,
    stream: Vec<Call>,
    finish: Vec<Call>,
    epilogue: Vec<Call>,
}

impl<'a> Emitted<'a> {
    fn new(functions: &mut Functions, kind: Program, plan: &'a Plan) -> Emitted<'a> {
        let program = lower(plan, &Target::CPU);
        Emitted {
            prologue: batch::calls(functions, &program, &program.prologue),
            samples: tile_calls(functions, &program, &program.samples),
            stream: tile_calls(functions, &program, &program.stream_body),
            finish: tile_calls(functions, &program, &program.finish),
            epilogue: batch::calls(functions, &program, &program.epilogue),
            kind,
            plan,
            program,
        }
    }

    fn write(&self, w: &mut Writer, functions: &Shared) {
        let name = self.kind.name();
        let tile = "tile: &mut rt::Tile<'_, V::Scalar>";
        let common = "common: &mut rt::Common<'_, V::Scalar>";
        let phase = |w: &mut Writer, head: String, run: String, calls: &[Call]| {
            w.line("");
            w.line("#[inline(always)]");
            w.block(head, |w| {
                w.line(format!("{run}, &["));
                let entries = functions.table(calls);
                entries
                    .iter()
                    .for_each(|entry| w.line(format!("    {entry}")));
                w.line("]);");
            });
        };
        let batch = |w: &mut Writer, name: &str, calls: &[Call]| {
            if !calls.is_empty() {
                let head = format!("fn {name}<V: rt::Vector>({common})");
                phase(w, head, "rt::run_batch(common".to_string(), calls);
            }
        };
        w.line(format!("pub enum {name} {{}}"));
        w.block(format!("impl rt::Program for {name}"), |w| {
            layout(w, self.kind, &self.program);
            if cfg!(feature = "cuda") {
                w.line("");
                device::device(w, self.kind, self.plan);
            }
            batch(w, "prologue", &self.prologue);
            let once = "rt::run_tile(tile".to_string();
            let head = format!("fn tile<V: rt::Vector>({tile})");
            phase(w, head, once.clone(), &self.samples);
            if !self.stream.is_empty() {
                let directions = "directions: std::ops::Range<usize>";
                let head = format!("fn stream<V: rt::Vector>({tile}, {directions})");
                phase(w, head, self.run_chunks(), &self.stream);
            }
            if !self.finish.is_empty() {
                let head = format!("fn finish<V: rt::Vector>({tile})");
                phase(w, head, once, &self.finish);
            }
            batch(w, "epilogue", &self.epilogue);
        });
    }

    /// The call that streams directions, up to its table. For GEMM calls with a dead triangle it determines whether
    /// they may leave out the entries above the diagonal of the gradient of L.
    fn run_chunks(&self) -> String {
        let lower_suffices = self.program.triangle.as_ref().map(|lower| {
            let ([rows, columns], at, len) = (lower.shape, lower.view.offset, lower.view.len);
            format!("rt::lower_suffices(&tile.shared[{at}..][..{len}], [{rows}, {columns}])")
        });
        let lower_suffices = lower_suffices.unwrap_or_else(|| "false".to_string());
        let most = self.program.chunk;
        format!("let lower = {lower_suffices}; rt::run_chunks(tile, directions, {most}, lower")
    }
}

fn layout(w: &mut Writer, kind: Program, program: &Lowered) {
    let tangents = match (program.stream, kind) {
        // The caller passes directions even to an energy that does not use them.
        (Stream::Given, _) => "Given",
        (_, kind) if kind.takes_directions() => "Given",
        (Stream::Exact(count), _) => &format!("Exact({count})"),
        (Stream::None, _) => "None",
    };
    let spans = |spans: Vec<Span>| {
        let spans = spans.iter().map(|(at, len)| format!("({at}, {len})"));
        spans.collect::<Vec<_>>().join(", ")
    };
    let deferred: Vec<String> = program
        .deferred
        .iter()
        .map(|d| {
            let with = match d.with {
                DeferredWith::Directions => "Directions",
                DeferredWith::Samples => "Samples",
            };
            let (at, m) = (d.to.offset, d.rows);
            format!("rt::Deferred {{ acc: {at}, m: {m}, with: rt::Factor::{with} }}")
        })
        .collect();
    let scratch = program.sample_rows + program.chunk_rows * program.chunk;
    w.block_with("const LAYOUT: rt::Layout = rt::Layout", "};", |w| {
        w.line(format!("shared: {},", program.shared));
        w.line(format!("scratch_rows: {scratch},"));
        w.line(format!(
            "stream_reads: &[{}],",
            spans(program.direction_reads())
        ));
        w.line(format!(
            "stream_sums: &[{}],",
            spans(program.direction_sums())
        ));
        w.line(format!("acc: {},", program.sums));
        w.line(format!("panels: {},", program.panels));
        w.line(format!("chunk: {},", program.chunk));
        w.line(format!("tangents: rt::Tangents::{tangents},"));
        w.line(format!("out_rows: {},", program.out_rows()));
        w.line(format!(
            "uses: rt::Uses {{ v: {}, omega: {} }},",
            program.inputs.v, program.inputs.omega
        ));
        w.line(format!("deferred: &[{}],", deferred.join(", ")));
    });
}

/// Statements of a tile, as calls.
fn tile_calls(
    functions: &mut Functions,
    program: &Lowered,
    statements: &[TileStatement],
) -> Vec<Call> {
    let call = |statement| {
        let mut w = Writer::default();
        w.line("let pn = tile.panels;");
        w.line("let rt::Chunk { t0, tn, lower_suffices } = chunk;");
        let body = tile_statement(&mut w, program, statement);
        functions.add(Context::Tile, body, &w.finish())
    };
    statements.iter().map(call).collect()
}

fn tile_statement(w: &mut Writer, program: &Lowered, statement: &TileStatement) -> Body {
    let vectors = |w: &mut Writer| w.line("let vectors = rt::vectors::<V>(tile.lanes);");
    match statement {
        TileStatement::Loop(nest) => {
            vectors(w);
            loops::tile_loop(w, program, nest);
            return Body::Vectors;
        }
        TileStatement::Contraction(c) => {
            vectors(w);
            contraction::tile_contraction(w, program, c);
            return Body::Vectors;
        }
        TileStatement::Movement(m) => {
            movement::movement(w, program, m, true);
            return Body::Vectors;
        }
        TileStatement::SampleSum(sum) => contraction::sample_sum(w, program, sum),
        TileStatement::Gemm(gemm) => gemm::gemm(w, program, gemm),
        TileStatement::RankK(update) => gemm::rank_k(w, program, update),
        TileStatement::Directions(view) => bound(w, program, view, |name| {
            format!("(tile.directions)(t0, tn, {name});")
        }),
        TileStatement::Zero(view) => bound(w, program, view, |name| {
            format!("{name}.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);")
        }),
        TileStatement::ReduceToColumns(c) => contraction::reduce_to_columns(w, program, c),
        TileStatement::Defer(d) => results::defer(w, program, d),
        TileStatement::Result(r) => results::result(w, program, r),
    }
    Body::Calls
}

/// One line about one region.
fn bound(w: &mut Writer, program: &Lowered, view: &View, line: impl Fn(&str) -> String) {
    let mut regions = Regions::new(program, true);
    let region = regions.of(view);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(line(&region.name));
    });
}

fn init(init: Init) -> String {
    match init {
        Init::Constant(c) => format!("rt::Init::Constant({})", literal(c)),
        Init::Normal(std) => format!("rt::Init::Normal {{ std: {} }}", literal(std)),
        Init::Uniform(bound) => format!("rt::Init::Uniform {{ bound: {} }}", literal(bound)),
    }
}
