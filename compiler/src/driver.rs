//! The pipeline, one stage a line, and the doors to it: a macro's tokens, a file, a stage to look at.

use crate::diff::{Program, derive, gradient};
use crate::emit::{Planned, cuda, rust};
use crate::ir::{Graph, print};
use crate::opt::{compress_entry, optimize};
use crate::plan::{self, plan};
use crate::spec::{Checked, declared_models, parse_and_check, render, warning_tokens};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::path::Path;

/// Directions of a training loss from which a triangle pays for its factorisation: with layers of 128 it saved .01 ms of
/// 3.0 at 10 of them and cost .02, and saved .96 ms of 12.7 at 50 and cost .12.
const TRIANGLE_FROM: usize = 16;

/// The optimised graph of a program over an energy.
pub fn program(energy: &Graph, program: Program) -> Graph {
    optimize(&differentiated(energy, program))
}

fn differentiated(energy: &Graph, program: Program) -> Graph {
    let mut g = derive(energy, program);
    g = match program {
        // Half the products of two layers, forward and back, and a gradient to be had from half its entries.
        Program::Esm => compress_entry(&g, Some(TRIANGLE_FROM)),
        // Half of one product, which a small batch would not repay.
        Program::Laplacian => compress_entry(&g, None),
        _ => g,
    };
    if program.is_loss() {
        gradient(&mut g);
    }
    g
}

/// Every program of a checked model, planned.
///
/// # Errors
///
/// One at the model's name, where a derivative has a constant that float32 lacks.
pub fn plan_model(model: &Checked) -> Result<Planned, syn::Error> {
    let mut programs = Vec::new();
    for p in Program::ALL {
        let mut g = differentiated(&model.graph, p);
        if let Some(constant) = g.scalars.take_out_of_range() {
            let message = format!(
                "derivatives of the energy of `{}` have the constant {constant}, and float32 ends at 3.4e38: measure in other \
                 units, so that factors and exponents are smaller",
                model.name
            );
            return Err(syn::Error::new(model.name.span(), message));
        }
        programs.push((p, plan(&optimize(&g))));
    }
    Ok(Planned {
        name: model.name.to_string(),
        visibility: model.vis.to_token_stream().to_string(),
        docs: model.docs.iter().filter_map(doc_line).collect(),
        smooth: model.smooth,
        energy: model.graph.clone(),
        programs,
    })
}

/// Every model, planned, or what is wrong with some of them.
fn planned(models: &[Checked]) -> Result<Vec<Planned>, Vec<syn::Error>> {
    let (mut planned, mut errors) = (Vec::new(), Vec::new());
    for model in models {
        match plan_model(model) {
            Ok(plan) => planned.push(plan),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(planned)
    } else {
        Err(errors)
    }
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
    let planned = parse_and_check(tokens.clone()).and_then(|models| {
        let texts = planned(&models)?.iter().map(rust).collect::<Vec<String>>();
        Ok((models, texts))
    });
    match planned {
        Ok((models, texts)) => models
            .iter()
            .zip(texts)
            .map(|(model, text)| {
                let items: TokenStream = text.parse().expect("emitted code is made of tokens");
                let warnings = warning_tokens(&model.warnings);
                quote! { #items #warnings }
            })
            .collect(),
        Err(errors) => {
            let messages = errors.iter().map(syn::Error::to_compile_error);
            let stand_ins = declared_models(tokens).into_iter().map(|(vis, name)| {
                quote! { #vis type #name<T = f32> = ::scorematch::Model<::scorematch::rt::Failed, T>; }
            });
            quote! { #(#messages)* #(#stand_ins)* }
        }
    }
}

/// Rust for every model of a spec file, for a build script to write and the crate to `include!`.
///
/// Warnings of the spec go to standard output as `cargo:warning=` lines.
///
/// # Errors
///
/// One text with every mistake: file, line, column, the line itself and what to do.
pub fn compile_file(path: impl AsRef<Path>) -> Result<String, String> {
    let path = path.as_ref();
    let source = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let models = checked(&source, &path.display().to_string())?;
    for (span, message) in models.iter().flat_map(|m| &m.warnings) {
        let at = span.start();
        println!(
            "cargo:warning={}:{}:{}: {message}",
            path.display(),
            at.line,
            at.column + 1
        );
    }
    let planned =
        planned(&models).map_err(|e| rendered(&e, &path.display().to_string(), &source))?;
    let items: Vec<String> = planned.iter().map(rust).collect();
    Ok(format!(
        "// Generated by scorematch-compiler; edits are lost.\n\n{}",
        items.join("\n")
    ))
}

fn checked(source: &str, file: &str) -> Result<Vec<Checked>, String> {
    let tokens: TokenStream = source.parse().map_err(|e: proc_macro2::LexError| {
        render(e.span(), "this is not made of Rust tokens", file, source)
    })?;
    parse_and_check(tokens).map_err(|errors| rendered(&errors, file, source))
}

fn rendered(errors: &[syn::Error], file: &str, source: &str) -> String {
    let texts: Vec<String> = errors
        .iter()
        .map(|e| render(e.span(), &e.to_string(), file, source))
        .collect();
    texts.join("\n\n")
}

/// A stage of the pipeline that can be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The energy as declared.
    Ir,
    /// Every program's graph after the passes.
    Opt,
    /// Every program's phases, loops, products and buffers.
    Plan,
    /// The emitted Rust.
    Rust,
    /// The emitted CUDA C, which follows the sources of `kernels/`.
    Cuda,
}

/// A spec at one stage, as text. `file` names the source in messages.
///
/// # Errors
///
/// As [`compile_file`].
pub fn inspect(source: &str, file: &str, stage: Stage) -> Result<String, String> {
    let mut text = String::new();
    let planned =
        |model: &Checked| plan_model(model).map_err(|error| rendered(&[error], file, source));
    for model in checked(source, file)? {
        match stage {
            Stage::Ir => text.push_str(&format!("{}\n{}\n", model.name, print(&model.graph))),
            Stage::Opt => {
                for p in Program::ALL {
                    text.push_str(&format!(
                        "{} {}\n{}\n",
                        model.name,
                        p.name(),
                        print(&program(&model.graph, p))
                    ));
                }
            }
            Stage::Plan => {
                for (p, plan) in planned(&model)?.programs {
                    text.push_str(&format!(
                        "{} {}\n{}\n",
                        model.name,
                        p.name(),
                        plan::print(&plan)
                    ));
                }
            }
            Stage::Rust => text.push_str(&rust(&planned(&model)?)),
            Stage::Cuda => {
                for (p, plan) in planned(&model)?.programs {
                    let program = cuda(p, &plan);
                    text.push_str(&format!("// {} {}\n", model.name, p.name()));
                    for launch in &program.launches {
                        text.push_str(&format!("// {launch}\n"));
                    }
                    text.push_str(&format!("{}\n", program.source));
                }
            }
        }
    }
    Ok(text)
}
