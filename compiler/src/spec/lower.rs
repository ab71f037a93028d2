//! From syntax to graph: evaluates a model once, in order, and collects all errors.
//!
//! Takes a parsed model; produces its graph, which has one output, `energy`. A definition that fails binds its name to
//! no value, so that uses of the name are not reported again.

use super::ast::{Item, Kind, Model, Place, Statement};
use super::budget::Budget;
use super::diagnostic::{Diagnostics, Outcome, Reported};
use super::function::declared_names;
use super::parameter::Parameters;
use super::scope::{Role, Scope};
use super::size::{Axis, Sizes};
use super::value::Value;
use crate::ir::{Graph, Input, NodeId};
use std::collections::{BTreeSet, HashSet};

/// The largest nesting depth of calls and parentheses. Evaluation is recursive.
const MAX_DEPTH: usize = 150;

/// The state of lowering one model.
pub(super) struct Lower<'a> {
    pub(super) graph: Graph,
    pub(super) diagnostics: Diagnostics,
    pub(super) scope: Scope<'a>,
    /// The sizes that are known from outside.
    pub(super) sizes: &'a Sizes,
    /// Those of them that the input of the model names.
    pub(super) free: BTreeSet<String>,
    pub(super) parameters: Parameters,
    /// Whether no function with a kink has been applied to a value that depends on x.
    pub(super) smooth: bool,
    /// The functions whose bodies are being evaluated.
    pub(super) inside: Vec<&'a str>,
    /// The names that the model declares anywhere, to distinguish a use before the declaration from an unknown name.
    pub(super) declared: HashSet<String>,
    /// Whether a statement could not be parsed. The names that it declares are not known.
    pub(super) lossy: bool,
    depth: usize,
    pub(super) budget: Budget,
    /// Number of copies of loop bodies so far.
    pub(super) copies: usize,
}

/// The result of lowering a model.
pub(super) struct Lowered {
    pub(super) graph: Graph,
    pub(super) smooth: bool,
    /// The free sizes of the model.
    pub(super) free: BTreeSet<String>,
}

/// Lowers a model, after the shared statements that precede it.
pub(super) fn lower<'a>(
    shared: &[&'a Item],
    model: &'a Model,
    sizes: &'a Sizes,
) -> (Option<Lowered>, Diagnostics) {
    let mut lower = Lower::before(shared, model, sizes);
    let first = lower.diagnostics.count();
    let energy = lower.model(model);
    if !lower.lossy {
        lower.report_unused();
    }
    if let (Ok(energy), true) = (energy, lower.diagnostics.count() == first) {
        lower.report_unreached(energy);
    }
    let done = (lower.diagnostics.count() == 0).then_some(Lowered {
        graph: lower.graph,
        smooth: lower.smooth,
        free: lower.free,
    });
    (done, lower.diagnostics)
}

/// The axes of a model's input, of which the free ones have no size.
pub(super) fn declared(shared: &[&Item], model: &Model) -> (Option<Vec<Axis>>, Diagnostics) {
    let none = Sizes::new();
    let mut lower = Lower::before(shared, model, &none);
    let axes = lower.axes(model).ok();
    (axes, lower.diagnostics)
}

/// Whether a statement at any depth could not be parsed.
fn unreadable(statements: &[Statement]) -> bool {
    statements.iter().any(|s| match s {
        Statement::Bad => true,
        Statement::For { body, .. } => unreadable(&body.statements),
        Statement::Function(f) => unreadable(&f.body.statements),
        _ => false,
    })
}

impl<'a> Lower<'a> {
    /// The state before a model, after the shared statements that precede it.
    fn before(shared: &[&'a Item], model: &'a Model, sizes: &'a Sizes) -> Lower<'a> {
        let mut lower = Lower {
            graph: Graph::new(vec![]),
            diagnostics: Diagnostics::default(),
            scope: Scope::default(),
            sizes,
            free: BTreeSet::new(),
            parameters: Parameters::default(),
            smooth: true,
            inside: vec![],
            declared: HashSet::new(),
            lossy: unreadable(&model.body.statements),
            depth: 0,
            budget: Budget::default(),
            copies: 0,
        };
        for item in shared {
            if let Item::Statement(statement) = item {
                declared_names(std::slice::from_ref(statement), &mut lower.declared);
                lower.statement(statement);
            }
        }
        lower.scope.forgive_unused();
        declared_names(&model.body.statements, &mut lower.declared);
        lower
    }

    pub(super) fn fail(&mut self, place: Place, message: impl Into<String>) -> Reported {
        self.diagnostics.error(place, message.into())
    }

    /// Enters one level of recursion; an error if it is too deep.
    pub(super) fn descend(&mut self, place: Place) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.depth -= 1;
            let message = format!(
                "calls and parentheses are nested deeper than {MAX_DEPTH}: give a part a name with `let`"
            );
            return Err(self.fail(place, message));
        }
        Ok(())
    }

    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }

    fn model(&mut self, model: &'a Model) -> Outcome<NodeId> {
        let shape = self.input_shape(model).and_then(|shape| {
            self.check_entries(&shape, model.shape.place)?;
            self.sample_fits(&shape, model.shape.place)?;
            Ok(shape)
        });
        let input = shape.is_ok().then(|| {
            self.graph.x_shape = shape.unwrap_or_default();
            let x = self.graph.input(Input::X);
            self.graph.hints.insert(x, model.input.text.clone());
            Value::Tensor(self.plain(x))
        });
        self.scope.bind(&model.input, Role::Input, false, input);
        let value = self.block(&model.body)?;
        let place = model
            .body
            .value
            .as_ref()
            .map_or(model.body.end, |v| v.place);
        let energy = self.tensor(&value, place)?;
        if self.lossy || model.damaged {
            return Err(Reported);
        }
        if energy.shape.iter().any(|&n| n != 1) {
            let shape = &energy.shape;
            let cure = match &model.body.value.as_ref().map(|v| &v.kind) {
                Some(Kind::Name(name)) => format!("`sum({name})`"),
                _ => "`sum(…)`".to_string(),
            };
            let message = format!(
                "the energy must be one number per sample, and this has shape {shape:?}: add it up with {cure}, or end \
                 with a layer of one unit, `dense(h, 1)`"
            );
            return Err(self.fail(place, message));
        }
        let energy = self.node(energy);
        self.in_range(place)?;
        if !self.graph.axes(energy).sample {
            let message = format!(
                "the energy does not depend on the input `{}`",
                model.input.text
            );
            return Err(self.fail(place, message));
        }
        let energy = self.graph.reshape(energy, vec![]);
        self.graph.outputs.push(("energy".to_string(), energy));
        Ok(energy)
    }

    /// Reports parameters that are used, but not in a value that the energy depends on.
    fn report_unreached(&mut self, energy: NodeId) {
        let mut reached = HashSet::new();
        let mut stack = vec![energy];
        while let Some(id) = stack.pop() {
            if reached.insert(id) {
                stack.extend(self.graph.operands(id));
            }
        }
        let places = self.parameters.places();
        let mut unreached: Vec<_> = places
            .filter(|p| !reached.contains(&p.node) && !p.excused)
            .map(|p| (p.node, p.name.to_string(), p.place))
            .collect();
        unreached.sort_by_key(|u| u.0);
        for (_, name, place) in unreached {
            let message = format!(
                "the energy does not depend on the parameter `{name}`: use what is computed from it, or remove it"
            );
            self.fail(place, message);
        }
    }
}
