//! The kinds of the results of a graph, read from their names once.

/// The kind of a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The mean loss of the batch.
    Loss,
    /// The gradient of the parameter with that index.
    Gradient(usize),
    /// A value for every sample (and direction).
    Sample,
}

impl Outcome {
    /// The kind of the result with this name.
    ///
    /// # Panics
    ///
    /// The name of a gradient has no number: derivation numbers them.
    pub fn of(name: &str) -> Outcome {
        match name.strip_prefix("grad.") {
            Some(k) => Outcome::Gradient(k.parse().expect("gradients are numbered")),
            None if name == "loss" => Outcome::Loss,
            None => Outcome::Sample,
        }
    }
}
