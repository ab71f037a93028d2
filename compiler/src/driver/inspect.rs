//! A spec at one stage of the pipeline, as text for people.

use super::source::{all_located, checked, located, torch_text};
use super::{complete, emitted, finite_program, plan_model, programs};
use crate::diff::{Adjoint, Program};
use crate::emit::cuda;
use crate::ir::print;
use crate::lower::{self, Target, lower};
use crate::plan::{self, Plan};
use crate::spec::{Checked, Sizes};

/// A stage of the pipeline that can be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The energy as declared.
    Ir,
    /// Every program's graph after the passes.
    Opt,
    /// Every program's phases, loops, products and buffers.
    Plan,
    /// Every program's statements over buffers.
    Lower,
    /// The emitted Rust.
    Rust,
    /// The emitted CUDA C, which follows the sources of `kernels/cuda/`.
    Cuda,
    /// A PyTorch module of each model.
    Torch,
}

/// A spec at one stage, as text. `file` names the source in messages; `sizes` are the values of the sizes that the spec
/// leaves free.
///
/// # Errors
///
/// As [`compile_source`](super::compile_source).
pub fn inspect(source: &str, file: &str, stage: Stage, sizes: &Sizes) -> Result<String, String> {
    let models = checked(source, file, sizes, None)?;
    let at = |error: syn::Error| located(&error, file, source);
    let each = |show: &dyn Fn(&Checked) -> Result<String, syn::Error>| -> Result<String, String> {
        let shown = models.iter().map(|model| complete(model, || show(model)));
        shown.map(|text| text.map_err(at)).collect()
    };
    let plans = |show: fn(Program, &Plan) -> String| {
        each(&|model| {
            let planned = plan_model(model)?;
            let text = |(p, plan): &(Program, Plan)| {
                format!("{}{}\n", title(stage, model, *p), show(*p, plan))
            };
            Ok(planned.programs.iter().map(text).collect())
        })
    };
    match stage {
        Stage::Ir => each(&|model| Ok(format!("{}\n{}\n", model.name, print(&model.graph)))),
        Stage::Opt => each(&|model| {
            let adjoint = Adjoint::of(&model.graph);
            let text = |p| {
                let graph = finite_program(model, &adjoint, p)?;
                Ok(format!("{}{}\n", title(stage, model, p), print(&graph)))
            };
            programs(model).map(text).collect()
        }),
        Stage::Plan => plans(|_, plan| plan::print(plan)),
        Stage::Lower => plans(|_, plan| lower::print(&lower(plan, &Target::CPU))),
        Stage::Rust => {
            emitted(&models, |text| text).map_err(|errors| all_located(&errors, file, source))
        }
        Stage::Cuda => plans(|p, plan| {
            let program = cuda(p, &lower(plan, &Target::CUDA));
            let launches = program.launches.iter().map(|l| format!("// {l}\n"));
            let launches: String = launches.collect();
            format!("{launches}{}", program.source)
        }),
        Stage::Torch => each(&|model| Ok(torch_text(model, None) + "\n\n")),
    }
}

/// The line above a program.
fn title(stage: Stage, model: &Checked, program: Program) -> String {
    let comment = match stage {
        Stage::Cuda => "// ",
        Stage::Ir | Stage::Opt | Stage::Plan | Stage::Lower | Stage::Rust | Stage::Torch => "",
    };
    format!("{comment}{} {}\n", model.name, program.name())
}
