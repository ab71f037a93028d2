//! The program of a spec: its models and its text in, an exit code out.
//!
//! A stand-in: it names the models, tells their energy at 0 and repeats its arguments.

use std::process::ExitCode;

use anyhow::Result;
use ndarray::Array2;
use scorematch::{EnergyModel, Model, Real, Spec};

use crate::process;
use crate::standard_output::say;

/// A model that was compiled into a program.
pub struct CompiledModel<T: Real> {
    name: &'static str,
    zeros: fn() -> Box<dyn EnergyModel<T>>,
}

impl<T: Real> CompiledModel<T> {
    /// The model of a spec.
    pub fn of<S: Spec>() -> CompiledModel<T> {
        CompiledModel {
            name: S::NAME,
            zeros: || Box::new(Model::<S, T>::zeros()),
        }
    }
}

/// Does what the arguments of the process ask for.
pub fn program<T: Real>(models: Vec<CompiledModel<T>>, source: &str) -> ExitCode {
    process::show_warnings();
    process::exit_code(run(&models, source))
}

fn run<T: Real>(models: &[CompiledModel<T>], source: &str) -> Result<()> {
    for CompiledModel { name, zeros } in models {
        let model = zeros();
        let energy = model.energy(Array2::zeros((1, model.dim())).view())?;
        say(format_args!("{name}: energy {} at 0", energy[0]));
    }
    say(format_args!("spec of {} bytes", source.len()));
    let arguments = std::env::args_os().skip(1);
    arguments.for_each(|argument| say(argument.display()));
    Ok(())
}
