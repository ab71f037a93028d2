//! Parameters: their names in a checkpoint, their sharing, and their initialisers.
//!
//! The full name of a parameter is the prefix of the `net` or the named call in which it is declared, a dot, and its
//! own name. A `net` declares its parameters in its first call; later calls reuse them.

use super::ast::{Place, Text};
use super::diagnostic::Outcome;
use super::lower::Lower;
use super::value::{InitRule, Value};
use crate::ir::{Init, NodeId};
use std::collections::{HashMap, HashSet};

/// The largest number of entries of a value. A larger one is assumed to be an error of the user.
const MAX_ENTRIES: u128 = 1 << 30;
const MAX_AXES: usize = 8;
/// The largest length of a full name, in bytes.
const MAX_NAME: usize = 255;

/// The parameters declared so far, and the prefix of the next one.
pub(super) struct Parameters {
    known: HashMap<String, Known>,
    naming: Vec<Naming>,
}

struct Known {
    node: NodeId,
    place: Place,
    /// Whether the parameter may remain unused.
    excused: bool,
}

/// A declared parameter.
pub(super) struct Declared<'p> {
    pub(super) name: &'p str,
    pub(super) node: NodeId,
    pub(super) place: Place,
    pub(super) excused: bool,
}

/// The naming of the parameters that are declared in one net, one named call or the model itself.
pub(super) struct Naming {
    prefix: String,
    dense: usize,
    mlp: usize,
    /// Whether an earlier call of the net has declared the parameters.
    again: bool,
    /// The place of the call.
    call: Option<Place>,
    seen: HashSet<String>,
}

impl Naming {
    fn new(prefix: String, again: bool, call: Option<Place>) -> Naming {
        Naming {
            prefix,
            dense: 0,
            mlp: 0,
            again,
            call,
            seen: HashSet::new(),
        }
    }
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            known: HashMap::new(),
            naming: vec![Naming::new(String::new(), false, None)],
        }
    }
}

impl Parameters {
    fn current(&mut self) -> &mut Naming {
        self.naming
            .last_mut()
            .expect("the model's own naming is never left")
    }

    /// The full name of a parameter with the name `local` in the current prefix.
    pub(super) fn full(&mut self, local: &str) -> String {
        match self.current().prefix.as_str() {
            "" => local.to_string(),
            prefix => format!("{prefix}.{local}"),
        }
    }

    /// Enters a net or a named call. `again`: whether an earlier call has declared its parameters.
    pub(super) fn enter(&mut self, prefix: String, again: bool, call: Place) {
        let again = again || self.current().again;
        self.naming.push(Naming::new(prefix, again, Some(call)));
    }

    pub(super) fn leave(&mut self) {
        self.naming.pop();
    }

    /// The next default name of a dense layer: `dense0`, `dense1`, …
    pub(super) fn next_dense(&mut self) -> String {
        let naming = self.current();
        naming.dense += 1;
        format!("dense{}", naming.dense - 1)
    }

    /// The full prefix of the layers of an mlp without a name: that of the enclosing net, or `net`; for further ones
    /// `net1`, …
    pub(super) fn next_mlp(&mut self) -> String {
        let naming = self.current();
        naming.mlp += 1;
        match (naming.mlp, naming.prefix.is_empty()) {
            (1, false) => naming.prefix.clone(),
            (1, true) => "net".to_string(),
            (n, _) => self.full(&format!("net{}", n - 1)),
        }
    }

    /// All declared parameters.
    pub(super) fn places(&self) -> impl Iterator<Item = Declared<'_>> {
        self.known.iter().map(|(name, known)| Declared {
            name,
            node: known.node,
            place: known.place,
            excused: known.excused,
        })
    }

    /// Records that a parameter may remain unused.
    pub(super) fn excuse(&mut self, name: &str) {
        if let Some(known) = self.known.get_mut(name) {
            known.excused = true;
        }
    }
}

impl<'a> Lower<'a> {
    /// The node of the parameter with this full name. It is declared now, or reused in a later call of a net.
    pub(super) fn declare(
        &mut self,
        name: String,
        shape: Vec<usize>,
        rule: InitRule,
        place: Place,
    ) -> Outcome<NodeId> {
        self.check_entries(&shape, place)?;
        let again = self.parameters.current().again;
        let twice = !self.parameters.current().seen.insert(name.clone());
        match self.parameters.known.get(&name) {
            Some(known) if again && !twice => {
                let (node, call) = (known.node, self.parameters.current().call);
                let first = self.graph.shape(node).to_vec();
                if first == shape {
                    return Ok(node);
                }
                let message = format!(
                    "a net shares its parameters among its calls: `{name}` is {first:?} from the first call and would \
                     have to be {shape:?} here; call it with arrays of one width, or use `fn` for layers of their own"
                );
                return Err(self.fail(call.unwrap_or(place), message));
            }
            Some(_) => {
                let message = format!(
                    "there is a parameter `{name}` already: choose another name with `as \"…\"` (in a loop `as \"a{{i}}\"`), \
                     or share layers by calling one `net` twice"
                );
                return Err(self.fail(place, message));
            }
            None => {}
        }
        let init = match rule {
            InitRule::Fixed(init) => init,
            InitRule::FanIn => match shape.last() {
                Some(&inputs) => Init::Uniform(1.0 / (inputs as f64).sqrt()),
                None => {
                    return Err(self.fail(
                        place,
                        "fan_in() needs an axis to count, and this shape is []".to_string(),
                    ));
                }
            },
        };
        // Checkpoints are safetensors files: a JSON object that contains the tensors by name, and this key for
        // metadata.
        if name == "__metadata__" {
            let message = "`__metadata__` is reserved in checkpoints: choose another name, also by `as \"…\"`";
            return Err(self.fail(place, message));
        }
        if name.len() > MAX_NAME {
            let message = format!(
                "a name of {} bytes, prefixes included, is too long for checkpoints; the most is {MAX_NAME}",
                name.len()
            );
            return Err(self.fail(place, message));
        }
        let node = self.graph.param(&name, shape, init);
        let known = Known {
            node,
            place,
            excused: false,
        };
        self.parameters.known.insert(name, known);
        Ok(node)
    }

    /// Reports an error if a shape has too many axes or entries.
    pub(super) fn check_entries(&mut self, shape: &[usize], place: Place) -> Outcome<()> {
        let entries = shape
            .iter()
            .fold(1u128, |n, &s| n.saturating_mul(s as u128));
        if shape.len() > MAX_AXES {
            let message = format!(
                "shape {shape:?} has {} axes; the most is {MAX_AXES}",
                shape.len()
            );
            return Err(self.fail(place, message));
        }
        if entries > MAX_ENTRIES {
            let message = format!("shape {shape:?} has {entries} entries; the most is 2^30");
            return Err(self.fail(place, message));
        }
        Ok(())
    }

    /// A name from a string literal, with every `{i}` replaced by the value of that variable.
    pub(super) fn interpolated(&mut self, text: &Text) -> Outcome<String> {
        let mut name = String::new();
        let mut rest = text.text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            name.push_str(before);
            let Some((variable, after)) = after.split_once('}') else {
                return Err(self.fail(
                    text.place,
                    "`{` without `}`: a number is inserted as `{i}`".to_string(),
                ));
            };
            let value = self.named_value(variable.trim(), text.place)?;
            let what = format!("`{variable}`");
            name.push_str(&self.integer(&value, text.place, &what)?.to_string());
            rest = after;
        }
        name.push_str(rest);
        let word = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if !name.split('.').all(word) {
            let message = format!(
                "`{name}` is no parameter name: names are words joined by dots, such as `net.0`"
            );
            return Err(self.fail(text.place, message));
        }
        Ok(name)
    }

    /// The initialiser given by a value.
    pub(super) fn init_rule(&mut self, value: &Value<'a>, place: Place) -> Outcome<InitRule> {
        match value {
            Value::Init(rule) => Ok(*rule),
            other => {
                let message = format!(
                    "expected an initialiser, found {}: zeros(), ones(), constant(c), normal(std), uniform(bound) or fan_in()",
                    other.describe()
                );
                Err(self.fail(place, message))
            }
        }
    }
}
