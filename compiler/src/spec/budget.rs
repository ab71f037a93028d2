//! Limits on the work that a spec causes in the compiler. A short source can require more work than is feasible,
//! because loops repeat work and nested functions and lists multiply it. Work is therefore counted where it arises, and
//! an error is reported before the work is done.

use super::ast::Place;
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::value::{List, Value};
use crate::ir::{Graph, NodeId};

/// The largest number of evaluated expressions, those of function bodies counted at every call, and of list entries
/// read.
pub(super) const MAX_EVALUATIONS: usize = 1 << 18;
/// The largest number of nodes in the graph of the energy. Each node becomes about ten nodes in the emitted programs,
/// and about 15 KB of Rust.
pub(super) const MAX_NODES: usize = 1 << 11;
/// The largest count of numbers in the emitted code, from lists that are arrays and from lists of indices. Every
/// program contains all of them.
pub(super) const MAX_TABLE: usize = 1 << 16;
/// The largest number of entries of a list, including those of nested lists.
const MAX_LIST: usize = 1 << 16;
/// The largest nesting depth of lists. Arrays have fewer axes.
const MAX_DEPTH: usize = 16;
/// The largest number of entries of a value that depends on the sample: 16 samples are in memory at a time.
const MAX_SAMPLE: usize = 1 << 24;
/// The largest number of reported errors.
const MAX_MISTAKES: usize = 100;

/// The counts of work so far.
#[derive(Default)]
pub(super) struct Budget {
    evaluations: usize,
    table: usize,
    /// The call in the model's own source that is being evaluated. A limit that is exceeded inside it is reported
    /// there.
    call: Option<Place>,
    /// The message of the limit that was exceeded, and whether it has been reported. Evaluation stops when this is set.
    exceeded: Option<(String, bool)>,
}

impl<'a> Lower<'a> {
    /// Counts one evaluation, and returns an error if evaluation must stop.
    pub(super) fn proceed(&mut self, place: Place) -> Outcome<()> {
        if self.diagnostics.count() >= MAX_MISTAKES {
            return Err(Reported);
        }
        self.spend(1, place)
    }

    /// Counts work before it is done.
    pub(super) fn spend(&mut self, work: usize, place: Place) -> Outcome<()> {
        self.budget.evaluations = self.budget.evaluations.saturating_add(work);
        if self.budget.evaluations <= MAX_EVALUATIONS && self.budget.exceeded.is_none() {
            return Ok(());
        }
        let message = format!(
            "this takes the model beyond {MAX_EVALUATIONS} evaluated expressions, every call and every repetition \
             counted: repeat less, give what is computed twice a name with `let`, or use arrays and broadcasting"
        );
        Err(self.exceed(place, message))
    }

    /// Evaluates a call. A limit that is exceeded inside nested calls is reported at the outermost one.
    pub(super) fn blamed<T>(
        &mut self,
        place: Place,
        call: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        if self.budget.call.is_some() {
            return call(self);
        }
        self.budget.call = Some(place);
        let result = call(self);
        self.budget.call = None;
        if let Some((message, false)) = self.budget.exceeded.clone() {
            self.exceed(place, message);
        }
        result
    }

    fn exceed(&mut self, place: Place, message: String) -> Reported {
        let (message, reported) = self.budget.exceeded.get_or_insert((message, false)).clone();
        if reported || self.budget.call.is_some() {
            return Reported;
        }
        self.budget.exceeded = Some((message.clone(), true));
        self.fail(place, message)
    }

    /// Reports an error if the value is too large or makes the graph too large.
    pub(super) fn affordable(&mut self, value: &Value<'a>, place: Place) -> Outcome<()> {
        if let Value::Tensor(lazy) = value
            && lazy.axes.sample
        {
            self.sample_fits(&lazy.shape, place)?;
        }
        self.in_range(place)?;
        self.graph_affordable(place)
    }

    /// Reports an error if constant folding has produced a constant outside the range of float32.
    pub(super) fn in_range(&mut self, place: Place) -> Outcome<()> {
        match self.graph.scalars.take_out_of_range() {
            Some(constant) => Err(self.out_of_range(constant, place)),
            None => Ok(()),
        }
    }

    pub(super) fn out_of_range(&mut self, constant: f64, place: Place) -> Reported {
        let message = match constant.is_finite() {
            true => format!(
                "the constant {constant:e} is too large: models exist in float32 too, which ends at 3.4e38; measure in other units"
            ),
            false => {
                format!("this is {constant}, not a number to compute with")
            }
        };
        self.fail(place, message)
    }

    /// The result of arithmetic on numbers as a value; an error if it is not finite.
    pub(super) fn finite(&mut self, number: f64, place: Place) -> Outcome<Value<'a>> {
        if number.is_finite() {
            return Ok(Value::Number(number));
        }
        Err(self.out_of_range(number, place))
    }

    /// Reports an error if the shape of a value that depends on the sample has too many entries.
    pub(super) fn sample_fits(&mut self, shape: &[usize], place: Place) -> Outcome<()> {
        let entries: usize = shape.iter().product();
        if entries <= MAX_SAMPLE {
            return Ok(());
        }
        let message = format!(
            "shape {shape:?} has {entries} entries, of which every sample has its own; the most is {MAX_SAMPLE}"
        );
        Err(self.fail(place, message))
    }

    pub(super) fn graph_affordable(&mut self, place: Place) -> Outcome<()> {
        if self.graph.nodes.len() <= MAX_NODES {
            return Ok(());
        }
        let message = format!(
            "this takes the model beyond {MAX_NODES} operations and parameters: in place of repeated statements use arrays \
             and broadcasting, such as one parameter with an axis more, or fewer layers of more units"
        );
        Err(self.exceed(place, message))
    }

    /// Adds a node that puts a table of `entries` numbers into the emitted code.
    pub(super) fn tabled(
        &mut self,
        entries: usize,
        place: Place,
        node: impl FnOnce(&mut Graph) -> NodeId,
    ) -> Outcome<NodeId> {
        self.table_fits(entries, place)?;
        self.spend(entries, place)?;
        let before = self.graph.nodes.len();
        let node = node(&mut self.graph);
        // Equal tables are one node and count once.
        if self.graph.nodes.len() > before {
            self.budget.table += entries;
            self.table_fits(0, place)?;
        }
        Ok(node)
    }

    /// Reports an error if `entries`, or the numbers counted so far, exceed the limit.
    pub(super) fn table_fits(&mut self, entries: usize, place: Place) -> Outcome<()> {
        let total = entries.max(self.budget.table);
        if total <= MAX_TABLE {
            return Ok(());
        }
        let message = format!(
            "this needs {total} numbers in the emitted code, indices included; the most a model may have is {MAX_TABLE}"
        );
        Err(self.fail(place, message))
    }

    /// A list or a tuple of the items; an error if it is too large or nested too deeply.
    pub(super) fn listed(&mut self, items: Vec<Value<'a>>, place: Place) -> Outcome<List<'a>> {
        let list = List::new(items);
        if list.entries() > MAX_LIST {
            let message = format!(
                "this list has {} entries, those of the lists inside it counted too; the most is {MAX_LIST}",
                list.entries()
            );
            return Err(self.fail(place, message));
        }
        if list.depth() > MAX_DEPTH {
            let message = format!("lists are nested deeper than {MAX_DEPTH}");
            return Err(self.fail(place, message));
        }
        Ok(list)
    }
}
