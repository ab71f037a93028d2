//! The models that a program can train and use.

use anyhow::{Result, bail};
use scorematch::__private::{AnySpec, CompiledSpec};
use scorematch::{Model, Real, Spec};

/// A compiled model, as an entry of a program's table.
#[derive(Clone, Copy, Debug)]
pub struct CompiledModel<T: 'static>(CompiledSpec<T>);

/// A model of any spec.
pub(crate) type AnyModel<T> = Model<AnySpec, T>;

impl<T: Real> CompiledModel<T> {
    /// The model of a spec.
    #[must_use]
    pub fn of<S: Spec>() -> Self {
        CompiledModel(CompiledSpec::of::<S>())
    }

    /// Its name in the spec.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Features of a sample.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.0.dim
    }

    /// Numbers in its parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.0.param_len
    }

    pub(crate) fn spec(&self) -> CompiledSpec<T> {
        self.0
    }
}

/// What a program is made of: compiled models, and the text of the spec that they are of.
#[derive(Clone, Debug)]
pub struct Models<T: 'static> {
    /// The models.
    pub models: Vec<CompiledModel<T>>,
    /// The text of the spec.
    pub source: String,
}

impl<T: Real> Models<T> {
    /// The model of this name; the only one, if the name is empty.
    ///
    /// # Errors
    /// There is no such model, or several and no name.
    pub fn get(&self, name: &str) -> Result<CompiledModel<T>> {
        let named = |model: &&CompiledModel<T>| name.is_empty() || model.name() == name;
        let found: Vec<_> = self.models.iter().filter(named).collect();
        match found[..] {
            [model] => Ok(*model),
            _ => bail!(
                "name one of these models with --model: {}",
                self.models
                    .iter()
                    .map(CompiledModel::name)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        }
    }
}
