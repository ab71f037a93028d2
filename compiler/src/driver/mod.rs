//! The pipeline, one stage a line, and its entry points: a macro's tokens here, spec files in `source`, one stage as text
//! in `inspect`.

mod inspect;
mod source;

pub use inspect::{Stage, inspect};
pub use source::{Compiled, compile_file, compile_source, declared, torch_module};

use crate::diff::{Adjoint, Program, gradient};
use crate::emit::{Planned, rust};
use crate::guard::guarded;
use crate::ir::Graph;
use crate::opt::{compress_entry, optimize};
use crate::plan::plan;
use crate::spec::{Checked, declared_models, parse_and_check, warning_tokens};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// Directions of a training loss from which a triangle pays for its factorisation: with layers of 128 it saved .01 ms of
/// 3.0 at 10 of them and cost .02, and saved .96 ms of 12.7 at 50 and cost .12.
const TRIANGLE_FROM: usize = 16;

/// The optimised graph of a program over an energy.
pub fn program(energy: &Graph, program: Program) -> Graph {
    optimize(&differentiated(&Adjoint::of(energy), program))
}

fn differentiated(adjoint: &Adjoint, program: Program) -> Graph {
    let mut g = adjoint.derive(program);
    g = match program {
        // Half the products of two layers, forward and back, and a gradient to be had from half its entries.
        Program::Loss(objective) if objective.uses_laplacian() => {
            compress_entry(&g, Some(TRIANGLE_FROM))
        }
        // Half of one product, which a small batch would not repay.
        Program::Laplacian => compress_entry(&g, None),
        Program::Energy | Program::Score | Program::Hvp | Program::Curvature | Program::Loss(_) => {
            g
        }
    };
    if program.objective().is_some() {
        gradient(&mut g);
    }
    g
}

/// [`program`] of a checked model and its adjoint, whose derivatives may have a constant that float32 lacks.
fn finite_program(model: &Checked, adjoint: &Adjoint, p: Program) -> Result<Graph, syn::Error> {
    let mut g = differentiated(adjoint, p);
    let Some(constant) = g.scalars.take_out_of_range() else {
        return Ok(optimize(&g));
    };
    let message = format!(
        "derivatives of the energy of `{}` have the constant {constant}, and float32 ends at 3.4e38: measure in other units, \
         so that factors and exponents are smaller",
        model.name
    );
    Err(syn::Error::new(model.name.span(), message))
}

/// The programs of a checked model: every quantity, and the objectives that it names.
fn programs(model: &Checked) -> impl Iterator<Item = Program> {
    let is_wanted = |program: &Program| match program.objective() {
        Some(objective) => model.objectives.contains(&objective),
        None => true,
    };
    Program::ALL.into_iter().filter(is_wanted)
}

/// Every program of a checked model, planned.
///
/// # Errors
///
/// At the model's name, where a derivative has a constant that float32 lacks.
pub fn plan_model(model: &Checked) -> Result<Planned, syn::Error> {
    let adjoint = Adjoint::of(&model.graph);
    let programs = programs(model)
        .map(|p| Ok((p, plan(&finite_program(model, &adjoint, p)?))))
        .collect::<Result<_, syn::Error>>()?;
    Ok(Planned {
        name: model.name.to_string(),
        visibility: model.vis.to_token_stream().to_string(),
        docs: doc_lines(model),
        smooth: model.smooth,
        energy: model.graph.clone(),
        programs,
    })
}

/// The documentation of a model.
fn doc_lines(model: &Checked) -> Vec<String> {
    model.docs.iter().filter_map(doc_line).collect()
}

/// The text of a doc attribute.
fn doc_line(attribute: &syn::Attribute) -> Option<String> {
    match &attribute.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(literal),
            ..
        }) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// What `energy!` expands to. Mistakes become compile errors at the user's tokens, and stand-ins for the models keep
/// the code that uses them from failing too.
pub fn expand(tokens: TokenStream) -> TokenStream {
    let models = parse_and_check(tokens.clone());
    models
        .and_then(|models| expand_models(&models))
        .unwrap_or_else(|errors| {
            let messages = errors.iter().map(syn::Error::to_compile_error);
            let stand_ins = declared_models(tokens)
                .into_iter()
                .map(|(vis, name)| stand_in(&vis, &name));
            quote! { #(#messages)* #(#stand_ins)* }
        })
}

fn expand_models(models: &[Checked]) -> Result<TokenStream, Vec<syn::Error>> {
    let items: TokenStream = emitted(models, |text| {
        text.parse().expect("emitted code is made of tokens")
    })?;
    let warnings = models.iter().map(|model| warning_tokens(&model.warnings));
    Ok(quote! { #items #(#warnings)* })
}

/// What `read` makes of the Rust of all models.
///
/// # Errors
///
/// Those of the models' plans. One in the emission itself is at the name of the first model.
fn emitted<R>(models: &[Checked], read: impl Fn(String) -> R) -> Result<R, Vec<syn::Error>> {
    let (mut planned, mut errors) = (Vec::new(), Vec::new());
    for model in models {
        match complete(model, || plan_model(model)) {
            Ok(plans) => planned.push(plans),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    match models.first() {
        Some(first) => complete(first, || Ok(read(rust(&planned)))).map_err(|error| vec![error]),
        None => Ok(read(String::new())),
    }
}

fn stand_in(vis: &syn::Visibility, name: &syn::Ident) -> TokenStream {
    quote! { #vis type #name<T = f32> = ::scorematch::Model<::scorematch::__private::Failed, T>; }
}

/// Runs `work` on a checked model. A panic becomes an error at the model's name.
fn complete<R>(
    model: &Checked,
    work: impl FnOnce() -> Result<R, syn::Error>,
) -> Result<R, syn::Error> {
    guarded(work).unwrap_or_else(|internal| Err(syn::Error::new(model.name.span(), internal)))
}
