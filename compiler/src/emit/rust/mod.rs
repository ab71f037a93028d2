//! Rust that implements the runtime's `Spec` and `Program` for a planned model.
//!
//! Enters: plans. Leaves: text that names nothing but `::scorematch`. What must hold: the text depends on the plans
//! alone, its length on the number of operations and not on their widths.

mod chains;
mod contraction;
mod device;
mod expression;
mod loops;
mod moves;
mod region;
mod shared;
pub(super) mod writer;

use super::Planned;
use crate::diff::Program;
use crate::ir::{Init, Input, NodeId, Op};
use crate::plan::{Phase, Plan, Step, Stream};
use expression::literal;
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
    w.line(format!("pub enum {name} {{}}"));
    w.block(format!("impl rt::Program for {name}"), |w| {
        layout(w, program, plan);
        if cfg!(feature = "cuda") {
            w.line("");
            device::device(w, program, plan);
        }
        shared::steps(w, plan, Phase::Prologue);
        w.line("");
        w.line("#[inline(always)]");
        w.block(
            "fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>)",
            |w| tile(w, plan),
        );
        shared::steps(w, plan, Phase::Epilogue);
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

fn layout(w: &mut Writer, program: Program, plan: &Plan) {
    let s = &plan.sizes;
    let tangents = match (plan.stream, program) {
        // The caller gives directions even to an energy that has no use for them.
        (Stream::Given, _) | (_, Program::Curvature | Program::Ssm | Program::SsmVr) => "Given",
        (Stream::Exact(_), _) => "Exact",
        (Stream::None, _) => "None",
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
        w.line(format!("shared: {},", s.shared));
        w.line(format!("scratch_rows: {},", s.sample + s.tangent * s.chunk));
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

/// Steps that are loops are functions of their own, called through `Vector::apart`; calls of kernels stand in place.
fn tile(w: &mut Writer, plan: &Plan) {
    let mut functions = Vec::new();
    w.line("let pn = tile.panels;");
    for step in plan.steps(Phase::Samples) {
        tile_step(w, plan, step, false, &mut functions);
    }
    if !plan.steps(Phase::Stream).is_empty() {
        let count = match plan.stream {
            Stream::Exact(count) => count.to_string(),
            Stream::Given | Stream::None => "tile.tangents".to_string(),
        };
        w.line(format!("let count = {count};"));
        w.line(format!(
            "let most = rt::chunk(count, {}, pn);",
            plan.sizes.chunk
        ));
        lower_suffices(w, plan);
        w.line("let mut t0 = 0;");
        w.block("while t0 < count", |w| {
            w.line("let tn = (count - t0).min(most);");
            for step in plan.steps(Phase::Stream) {
                tile_step(w, plan, step, true, &mut functions);
            }
            w.line("t0 += tn;");
        });
    }
    for step in plan.steps(Phase::Finish) {
        tile_step(w, plan, step, false, &mut functions);
    }
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
}

fn tile_step<'p>(
    w: &mut Writer,
    plan: &Plan,
    step: &'p Step,
    streamed: bool,
    functions: &mut Vec<(&'p Step, String)>,
) {
    match step {
        Step::Loop(_) | Step::Contract(_) | Step::Move(_) => {
            let name = format!("step{}", functions.len());
            let chunk = if streamed { "t0, tn" } else { "0, 0" };
            w.line(format!("V::apart({name}::<V>, (&mut *tile, {chunk}));"));
            functions.push((step, name));
        }
        Step::Product(p) => contraction::product(w, plan, p),
        Step::Outer(o) => contraction::outer(w, plan, o),
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
