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
pub(super) mod writer;

use super::Planned;
use crate::diff::Program;
use crate::ir::{Init, Input};
use crate::lower::{Lowered, Span, Target, TileStatement, View, lower};
use crate::plan::{Plan, Stream};
use expression::literal;
use hole::filled;
use region::Regions;
use writer::Writer;

/// The items that a declared energy becomes.
pub fn rust(model: &Planned) -> String {
    let mut w = Writer::default();
    let (name, spec, vis) = (
        &model.name,
        format!("{}Spec", model.name),
        &model.visibility,
    );
    for doc in &model.docs {
        w.line(format!("#[doc = {doc:?}]"));
    }
    // Whether a `pub` can be reached from outside is the including crate's affair.
    w.line("#[allow(unreachable_pub)]");
    w.line(format!("{vis} type {name}<T = f32> = ::scorematch::Model<{spec}, T>;").trim_start());
    w.line(format!("#[doc = \"The compiled form of [`{name}`].\"]"));
    w.line("#[allow(unreachable_pub)]");
    w.line(format!("{vis} enum {spec} {{}}").trim_start());
    w.line("#[allow(clippy::all, clippy::pedantic, unused, unreachable_pub)]");
    w.block_with("const _: () =", "};", |w| {
        w.line("use ::scorematch::rt;");
        w.line("use rt::Vector as _;");
        w.line("");
        spec_impl(w, model, &spec);
        for (program, plan) in &model.programs {
            w.line("");
            program_impl(w, *program, plan);
        }
    });
    filled(&w.finish())
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
        for (program, _) in &model.programs {
            w.line(format!("type {0} = {0};", program.name()));
        }
    });
}

fn program_impl(w: &mut Writer, kind: Program, plan: &Plan) {
    let name = kind.name();
    let program = &lower(plan, &Target::CPU);
    w.line(format!("pub enum {name} {{}}"));
    w.block(format!("impl rt::Program for {name}"), |w| {
        layout(w, kind, program);
        if cfg!(feature = "cuda") {
            w.line("");
            device::device(w, kind, plan);
        }
        batch::phase(w, program, "prologue", &program.prologue);
        w.line("");
        w.line("#[inline(always)]");
        tile(w, program);
        batch::phase(w, program, "epilogue", &program.epilogue);
    });
}

fn layout(w: &mut Writer, kind: Program, program: &Lowered) {
    let tangents = match (program.stream, kind) {
        // The caller gives directions even to an energy that has no use for them.
        (Stream::Given, _) | (_, Program::Curvature | Program::Ssm | Program::SsmVr) => "Given",
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
                Input::Directions => "Directions",
                _ => "Samples",
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

/// The functions of a tile: what comes before its directions, some of them, and what comes after.
fn tile(w: &mut Writer, program: &Lowered) {
    let tile = "tile: &mut rt::Tile<'_, V::Scalar>";
    let once = |w: &mut Writer, name: &str, statements: &[TileStatement]| {
        let head = format!("fn {name}<V: rt::Vector>({tile})");
        function(w, head, |w, outlined| {
            for statement in statements {
                tile_statement(w, program, statement, "0, 0", outlined);
            }
        });
    };
    once(w, "tile", &program.samples);
    if !program.stream_body.is_empty() {
        w.line("");
        w.line("#[inline(always)]");
        let head = format!("fn stream<V: rt::Vector>({tile}, directions: std::ops::Range<usize>)");
        function(w, head, |w, outlined| {
            w.line(format!(
                "let most = rt::chunk(directions.len(), {}, pn);",
                program.chunk
            ));
            lower_suffices(w, program);
            w.line("let mut t0 = directions.start;");
            w.block("while t0 < directions.end", |w| {
                w.line("let tn = (directions.end - t0).min(most);");
                for statement in &program.stream_body {
                    tile_statement(w, program, statement, "t0, tn", outlined);
                }
                w.line("t0 += tn;");
            });
        });
    }
    if !program.finish.is_empty() {
        w.line("");
        w.line("#[inline(always)]");
        once(w, "finish", &program.finish);
    }
}

/// The body of a function that `Vector::apart` outlines.
type Outlined<'p> = Box<dyn Fn(&mut Writer) + 'p>;

/// Statements in one function. Those that are loops are functions of their own, inside it, called through `Vector::apart`;
/// calls of kernels stand in place.
fn function<'p>(
    w: &mut Writer,
    head: String,
    body: impl FnOnce(&mut Writer, &mut Vec<Outlined<'p>>),
) {
    let mut outlined = Vec::new();
    w.block(head, |w| {
        w.line("let pn = tile.panels;");
        body(w, &mut outlined);
        for (i, body) in outlined.iter().enumerate() {
            w.line("");
            w.line("#[inline(always)]");
            let head = format!(
                "fn step{i}<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize))"
            );
            w.block(head, |w| {
                w.line("let pn = tile.panels;");
                w.line("let vectors = rt::vectors::<V>(tile.lanes);");
                body(w);
            });
        }
    });
}

/// A call of the function `name` through `Vector::apart`. In a closure, since a function that is passed by its name is called
/// through one of the compiler's own, which large functions are not inlined into: those would then be compiled without the form's
/// instructions.
fn outline(name: &str, argument: &str) -> String {
    format!("V::apart(#[inline(always)] |at| {name}::<V>(at), {argument});")
}

fn tile_statement<'p>(
    w: &mut Writer,
    program: &'p Lowered,
    statement: &'p TileStatement,
    chunk: &str,
    outlined: &mut Vec<Outlined<'p>>,
) {
    let mut apart = |w: &mut Writer, body: Outlined<'p>| {
        let name = format!("step{}", outlined.len());
        w.line(outline(&name, &format!("(&mut *tile, {chunk})")));
        outlined.push(body);
    };
    match statement {
        TileStatement::Loop(nest) => {
            apart(w, Box::new(|w| loops::tile_loop(w, program, nest)));
        }
        TileStatement::Contraction(c) => {
            apart(
                w,
                Box::new(|w| contraction::tile_contraction(w, program, c)),
            );
        }
        TileStatement::SampleSum(sum) => {
            apart(w, Box::new(|w| contraction::sample_sum(w, program, sum)));
        }
        TileStatement::Movement(m) => {
            apart(w, Box::new(|w| movement::movement(w, program, m, true)));
        }
        TileStatement::Gemm(gemm) => gemm::gemm(w, program, gemm),
        TileStatement::RankK(update) => gemm::rank_k(w, program, update),
        TileStatement::Directions(view) => bound(w, program, view, |name| {
            format!("(tile.directions)(t0, tn, {name});")
        }),
        TileStatement::Zero(view) => bound(w, program, view, |name| {
            format!("{name}.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);")
        }),
        TileStatement::ToColumns(c) => contraction::to_columns(w, program, c),
        TileStatement::Defer(d) => results::defer(w, program, d),
        TileStatement::Result(r) => results::result(w, program, r),
    }
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

/// Binds, where GEMM calls ask, whether they may leave out what lies above the diagonal of the gradient of L.
fn lower_suffices(w: &mut Writer, program: &Lowered) {
    let Some(lower) = &program.triangle else {
        return;
    };
    let mut regions = Regions::new(program, true);
    let l = regions.of(&lower.view);
    w.block_with("let lower_suffices =", "};", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        let [rows, columns] = lower.shape;
        w.line(format!(
            "rt::lower_suffices({}, [{rows}, {columns}])",
            l.name
        ));
    });
}

fn init(init: Init) -> String {
    match init {
        Init::Constant(c) => format!("rt::Init::Constant({})", literal(c)),
        Init::Normal(std) => format!("rt::Init::Normal {{ std: {} }}", literal(std)),
        Init::Uniform(bound) => format!("rt::Init::Uniform {{ bound: {} }}", literal(bound)),
    }
}
