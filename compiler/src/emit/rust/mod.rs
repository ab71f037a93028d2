//! Rust that implements the runtime's `Spec` and `Program` for a planned model.
//!
//! Enters: plans. Leaves: text that names nothing but `::scorematch`. What must hold: the text depends on the plans
//! alone, its length on the number of operations and not on their widths.

mod chains;
mod contraction;
mod device;
mod expression;
mod kernel;
mod loops;
mod moves;
mod region;
mod shared;
mod turned;
pub(super) mod writer;

use super::Planned;
use crate::diff::Program;
use crate::ir::{Init, Input, NodeId, Op};
use crate::plan::{Phase, Plan, Step, Stream};
use expression::literal;
use region::Regions;
use turned::Turned;
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
        w.line("use ::scorematch::__private as rt;");
        w.line("use rt::Vector as _;");
        w.line("");
        spec_impl(w, model, &spec);
        for (program, plan) in &model.programs {
            w.line("");
            program_impl(w, *program, plan);
        }
    });
    w.finish()
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

fn program_impl(w: &mut Writer, program: Program, plan: &Plan) {
    let name = program.name();
    let turned = &Turned::of(plan);
    w.line(format!("pub enum {name} {{}}"));
    w.block(format!("impl rt::Program for {name}"), |w| {
        layout(w, program, plan, turned);
        if cfg!(feature = "cuda") {
            w.line("");
            device::device(w, program, plan);
        }
        shared::prologue(w, plan, turned);
        w.line("");
        w.line("#[inline(always)]");
        tile(w, plan, turned);
        shared::epilogue(w, plan);
    });
}

/// Output rows of a panel (and direction, where directions are given and every one has results).
fn out_rows(plan: &Plan) -> usize {
    let g = &plan.graph;
    g.outputs
        .iter()
        .filter(|o| o.0 != "loss" && !o.0.starts_with("grad."))
        .map(|o| g.node(o.1).len())
        .sum()
}

fn layout(w: &mut Writer, program: Program, plan: &Plan, turned: &Turned) {
    let s = &plan.sizes;
    let tangents = match (plan.stream, program) {
        // The caller gives directions even to an energy that has no use for them.
        (Stream::Given, _) | (_, Program::Curvature | Program::Ssm | Program::SsmVr) => "Given",
        (Stream::Exact(count), _) => &format!("Exact({count})"),
        (Stream::None, _) => "None",
    };
    let stretches = |stretches: &mut dyn Iterator<Item = (usize, usize)>| {
        let stretches = stretches.map(|(at, len)| format!("({at}, {len})"));
        stretches.collect::<Vec<_>>().join(", ")
    };
    let deferred: Vec<String> = plan
        .deferred
        .iter()
        .map(|d| {
            let crate::plan::Place::Acc(at) = plan.place(d.node) else {
                unreachable!("a deferred sum accumulates")
            };
            let with = match d.with {
                Input::Directions => "Directions",
                _ => "Samples",
            };
            format!(
                "rt::Deferred {{ acc: {at}, m: {}, with: rt::Factor::{with} }}",
                d.rows
            )
        })
        .collect();
    w.block_with("const LAYOUT: rt::Layout = rt::Layout", "};", |w| {
        w.line(format!("shared: {},", turned.shared));
        w.line(format!("scratch_rows: {},", s.sample + s.tangent * s.chunk));
        let reads = stretches(&mut plan.direction_reads().into_iter());
        w.line(format!("stream_reads: &[{reads}],"));
        let sums = stretches(&mut plan.direction_sums());
        w.line(format!("stream_sums: &[{sums}],"));
        w.line(format!("acc: {},", s.acc));
        w.line(format!("panels: {},", s.panels));
        w.line(format!("chunk: {},", s.chunk));
        w.line(format!("tangents: rt::Tangents::{tangents},"));
        w.line(format!("out_rows: {},", out_rows(plan)));
        w.line(format!(
            "uses: rt::Uses {{ v: {}, omega: {} }},",
            plan.uses(Input::V),
            plan.uses(Input::Omega)
        ));
        w.line(format!("deferred: &[{}],", deferred.join(", ")));
    });
}

/// The functions of a tile: what comes before its directions, some of them, and what comes after.
fn tile(w: &mut Writer, plan: &Plan, turned: &Turned) {
    let tile = "tile: &mut rt::Tile<'_, V::Scalar>";
    let once = |w: &mut Writer, name: &str, phase: Phase| {
        let head = format!("fn {name}<V: rt::Vector>({tile})");
        function(w, plan, head, |w, functions| {
            for step in plan.steps(phase) {
                tile_step(w, plan, turned, step, false, functions);
            }
        });
    };
    once(w, "tile", Phase::Samples);
    if !plan.steps(Phase::Stream).is_empty() {
        w.line("");
        w.line("#[inline(always)]");
        let head = format!("fn stream<V: rt::Vector>({tile}, directions: std::ops::Range<usize>)");
        function(w, plan, head, |w, functions| {
            w.line(format!(
                "let most = rt::chunk(directions.len(), {}, pn);",
                plan.sizes.chunk
            ));
            lower_suffices(w, plan);
            w.line("let mut t0 = directions.start;");
            w.block("while t0 < directions.end", |w| {
                w.line("let tn = (directions.end - t0).min(most);");
                for step in plan.steps(Phase::Stream) {
                    tile_step(w, plan, turned, step, true, functions);
                }
                w.line("t0 += tn;");
            });
        });
    }
    if !plan.steps(Phase::Finish).is_empty() {
        w.line("");
        w.line("#[inline(always)]");
        once(w, "finish", Phase::Finish);
    }
}

/// Steps in one function. Those that are loops are functions of their own, inside it, called through `Vector::apart`;
/// calls of kernels stand in place.
fn function<'p>(
    w: &mut Writer,
    plan: &'p Plan,
    head: String,
    body: impl FnOnce(&mut Writer, &mut Vec<(&'p Step, String)>),
) {
    let mut functions = Vec::new();
    w.block(head, |w| {
        w.line("let pn = tile.panels;");
        body(w, &mut functions);
        for (step, name) in functions {
            w.line("");
            w.line("#[inline(always)]");
            let head = format!(
                "fn {name}<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize))"
            );
            w.block(head, |w| {
                w.line("let pn = tile.panels;");
                w.line("let vectors = rt::vectors::<V>(tile.lanes);");
                match step {
                    Step::Loop(l) => loops::tile_loop(w, plan, l),
                    Step::Contract(id) => contraction::tile_contract(w, plan, *id),
                    Step::Move(id) => moves::moved(w, plan, *id, true),
                    _ => unreachable!("only loops stand apart"),
                }
            });
        }
    });
}

/// A call of the function `name` through `Vector::apart`. In a closure, since a function that is passed by its name is called
/// through one of the compiler's own, which large functions are not inlined into: those would then be compiled without the form's
/// instructions.
fn apart(name: &str, argument: &str) -> String {
    format!("V::apart(#[inline(always)] |at| {name}::<V>(at), {argument});")
}

fn tile_step<'p>(
    w: &mut Writer,
    plan: &Plan,
    turned: &Turned,
    step: &'p Step,
    streamed: bool,
    functions: &mut Vec<(&'p Step, String)>,
) {
    match step {
        Step::Loop(_) | Step::Contract(_) | Step::Move(_) => {
            let name = format!("step{}", functions.len());
            let chunk = if streamed { "t0, tn" } else { "0, 0" };
            w.line(apart(&name, &format!("(&mut *tile, {chunk})")));
            functions.push((step, name));
        }
        Step::Product(p) => kernel::product(w, plan, turned, p),
        Step::Outer(o) => kernel::outer(w, plan, o),
        Step::Directions(id) => bound(w, plan, *id, |name| {
            format!("(tile.directions)(t0, tn, {name});")
        }),
        Step::Zero(id) => {
            bound(w, plan, *id, |name| {
                format!("{name}.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);")
            });
        }
        Step::Stack(id) => moves::stack(w, plan, *id),
        Step::Defer { outer, index } => moves::defer(w, plan, outer, *index),
        Step::Output(i) => moves::output(w, plan, *i, out_rows(plan), streamed),
        Step::Lq { .. } | Step::LqGradient(_) | Step::Fill(_) | Step::Deliver { .. } => {
            unreachable!("shared steps are in no tile")
        }
    }
}

/// One line about one region.
fn bound(w: &mut Writer, plan: &Plan, id: NodeId, line: impl Fn(&str) -> String) {
    let mut regions = Regions::new(plan, true);
    let region = regions.of(id);
    w.block("", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(line(&region.name));
    });
}

/// Binds, where products ask, whether they may leave out what lies above the diagonal of the gradient of L.
fn lower_suffices(w: &mut Writer, plan: &Plan) {
    let asks = |step: &Step| matches!(step, Step::Product(p) if p.needless.is_some());
    let is_lower = |id: &NodeId| matches!(plan.graph.node(*id).op, Op::LqLower(_));
    let Some(lower) = plan.graph.ids().find(is_lower) else {
        return;
    };
    if !plan.steps(Phase::Stream).iter().any(asks) {
        return;
    }
    let shape = plan.graph.shape(lower);
    let mut regions = Regions::new(plan, true);
    let l = regions.of(lower);
    w.block_with("let lower_suffices =", "};", |w| {
        regions.bind().iter().for_each(|line| w.line(line));
        w.line(format!(
            "rt::lower_suffices({}, [{}, {}])",
            l.name, shape[0], shape[1]
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
