//! What a spec may ask of the compiler. A short text can ask for more work than any machine does: loops repeat, functions
//! and lists double. So work is counted where it arises, and refused before it is done.

use super::ast::Place;
use super::diagnostic::{Outcome, Reported};
use super::lower::Lower;
use super::value::{List, Value};
use crate::ir::{Graph, NodeId};

/// Expressions that are evaluated, those of function bodies at every call, and entries of lists that are read.
pub(super) const MAX_EVALUATIONS: usize = 1 << 18;
/// Nodes of the energy's graph. Each becomes some ten in the programs that are emitted, and some 15 KB of Rust.
pub(super) const MAX_NODES: usize = 1 << 11;
/// Numbers that stand in the emitted code: lists that are arrays, and lists of indices. Each stands there in every
/// program.
pub(super) const MAX_TABLE: usize = 1 << 16;
/// Entries of a list, those of lists inside it counted too.
const MAX_LIST: usize = 1 << 16;
/// Lists inside each other. An array has fewer axes.
const MAX_DEPTH: usize = 16;
/// Entries of a value that varies over samples: 16 samples are held at a time.
const MAX_SAMPLE: usize = 1 << 24;
/// Mistakes that are reported.
const MAX_MISTAKES: usize = 100;

/// What has been spent.
#[derive(Default)]
pub(super) struct Budget {
    evaluations: usize,
    table: usize,
    /// The call in the model's own text that is being evaluated: what is too large is so because of it.
    call: Option<Place>,
    /// What was exceeded, and whether that has been reported. Nothing is evaluated from then on.
    exceeded: Option<(String, bool)>,
}

impl<'a> Lower<'a> {
    /// Whether evaluation goes on.
    pub(super) fn proceed(&mut self, place: Place) -> Outcome<()> {
        if self.diagnostics.count() >= MAX_MISTAKES {
            return Err(Reported);
        }
        self.spend(1, place)
    }

    /// Counts work that is about to be done.
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

    /// Evaluates a call, of which the outermost is blamed for what is exceeded inside.
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

    /// Refuses a value that is too large, or that makes the graph so.
    pub(super) fn affordable(&mut self, value: &Value<'a>, place: Place) -> Outcome<()> {
        if let Value::Tensor(lazy) = value
            && lazy.axes.sample
        {
            self.sample_fits(&lazy.shape, place)?;
        }
        self.in_range(place)?;
        self.graph_affordable(place)
    }

    /// Refuses a constant that was folded on the way to this point and that no float32 model could hold.
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

    /// A number that arithmetic on numbers has made.
    pub(super) fn finite(&mut self, number: f64, place: Place) -> Outcome<Value<'a>> {
        if number.is_finite() {
            return Ok(Value::Number(number));
        }
        Err(self.out_of_range(number, place))
    }

    /// Refuses the shape of a value that every sample has of its own.
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

    /// A node that brings a table of numbers into the emitted code.
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
        // The same table twice is one.
        if self.graph.nodes.len() > before {
            self.budget.table += entries;
            self.table_fits(0, place)?;
        }
        Ok(node)
    }

    /// Refuses `entries` numbers more than there are.
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

    /// Items as a list or tuple.
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
