//! Sizes that a spec leaves free: axes of the input that are names of no constant.
//!
//! Takes the header of a model and the sizes that the caller knows. Binds every free name to its size, which the model
//! then uses as it uses a constant; or tells what the header declares.

use super::ast::{Kind, Model, Name};
use super::builtin;
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::scope::Role;
use super::value::Value;
use std::collections::BTreeMap;

/// Values of free sizes by name.
pub type Sizes = BTreeMap<String, usize>;

/// A model as its header declares it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declaration {
    /// The model's name.
    pub name: String,
    /// The shape of its input.
    pub shape: Vec<Axis>,
}

/// The length of an axis of the input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Axis {
    /// A number in the spec.
    Fixed(usize),
    /// The name of a size that whoever compiles the spec decides.
    Free(String),
}

impl<'a> Lower<'a> {
    /// The axes of the input. No size of them is bound.
    pub(super) fn axes(&mut self, model: &'a Model) -> Outcome<Vec<Axis>> {
        let Kind::List(items) = &model.shape.kind else {
            return Err(Reported);
        };
        let axes: Vec<Outcome<Axis>> = items
            .iter()
            .map(|item| {
                if let Kind::Name(name) = &item.kind
                    && self.is_free(name)
                {
                    return Ok(Axis::Free(name.clone()));
                }
                let value = self.expression(item)?;
                self.size(&value, item.place, "this size").map(Axis::Fixed)
            })
            .collect();
        axes.into_iter().collect()
    }

    /// The shape of the input. Its free sizes are visible from here on.
    pub(super) fn input_shape(&mut self, model: &'a Model) -> Outcome<Vec<usize>> {
        let axes = self.axes(model);
        for name in &model.axes {
            if self.is_free(&name.text) {
                let size = self.free_size(model, name).ok();
                let value = size.map(|size| Value::Number(size as f64));
                self.scope.bind(name, Role::Size, false, value);
                self.free.extend(size.map(|_| name.text.clone()));
            }
        }
        let length = |axis| match axis {
            Axis::Fixed(length) => Ok(length),
            Axis::Free(name) if self.free.contains(&name) => Ok(self.sizes[&name]),
            Axis::Free(_) => Err(Reported),
        };
        axes?.into_iter().map(length).collect()
    }

    /// Whether nothing that is visible has the name.
    fn is_free(&self, name: &str) -> bool {
        self.scope.value(name).is_none()
            && self.scope.function(name).is_none()
            && builtin::find(name).is_none()
            && name != "PI"
    }

    fn free_size(&mut self, model: &'a Model, name: &'a Name) -> Outcome<usize> {
        let text = &name.text;
        // A declaration that could not be parsed may be that of the name.
        if self.lossy {
            return Err(Reported);
        }
        if self.declared.contains(text) {
            let message = format!(
                "`{text}` is declared inside the model, where the input cannot see it: move `const {text} = …;` above the \
                 model, or give one of the two another name"
            );
            return Err(self.fail(name.place, message));
        }
        match self.sizes.get(text) {
            Some(0) => {
                let message = format!("the size of `{text}` is 0; sizes are at least 1");
                Err(self.fail(name.place, message))
            }
            Some(&size) => Ok(size),
            None => {
                let mut message = format!(
                    "the size of `{text}` is not known here: write a number; `scorematch train` takes it from the data"
                );
                let leads = model.axes.first().is_some_and(|first| first.text == *text);
                if leads && matches!(&model.shape.kind, Kind::List(items) if items.len() > 1) {
                    message.push_str(&format!(
                        ". If `{text}` is the batch, leave it out: a spec describes one sample and has no batch axis"
                    ));
                }
                Err(self.fail(name.place, message))
            }
        }
    }
}
