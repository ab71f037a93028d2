//! What can go wrong with a user's arrays, parameters, files and settings.
//!
//! Every message states what was expected, what was found, where, and the cure. Rows and columns of
//! arrays count from 0, as they are indexed; lines and columns of files from 1.

mod cause;
mod device;

use std::fmt;
use std::path::PathBuf;

use scorematch_kernels::simd::InstructionSetError;

use crate::data::DataError;
#[cfg(feature = "tables")]
use crate::data::TableError;

pub use cause::Cause;
pub(crate) use cause::story;
pub use device::DeviceError;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An array of the wrong shape.
    #[error("{what} has shape {found:?}; expected {expected}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// The shape it must have, with the meaning of each axis.
        expected: String,
        /// The shape it has.
        found: Vec<usize>,
    },

    /// A NaN or an infinity where numbers are needed.
    #[error(
        "{what} holds {value} at row {row}, column {column} (from 0); \
         every value must be finite: drop or repair that row"
    )]
    NonFinite {
        /// Which array.
        what: String,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// The value.
        value: f64,
    },

    /// An array without samples.
    #[error("{what} has no rows; at least one sample is needed")]
    EmptyBatch {
        /// Which array.
        what: &'static str,
    },

    /// A name that is not a parameter of the model.
    #[error(
        "the model {model} has no parameter {name:?}{}; its parameters are {}",
        nearest.as_ref().map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default(),
        all.join(", ")
    )]
    UnknownParameter {
        /// The model's name.
        model: &'static str,
        /// The name asked for.
        name: String,
        /// The parameter whose name is nearest, if one is near.
        nearest: Option<&'static str>,
        /// The names there are.
        all: Vec<&'static str>,
    },

    /// An array for a parameter of another shape.
    #[error("parameter {name:?} has shape {expected:?}; the array given has {found:?}")]
    ParameterShape {
        /// The parameter.
        name: &'static str,
        /// The shape declared.
        expected: &'static [usize],
        /// The shape found.
        found: Vec<usize>,
    },

    /// An objective whose training program a model does not have.
    #[error(
        "the model {model} was compiled without the objective {objective}: add it to `#[objectives(…)]` in the model's \
         declaration, or leave that out for all of them"
    )]
    ObjectiveNotCompiled {
        /// The model's name.
        model: &'static str,
        /// The objective.
        objective: &'static str,
    },

    /// A setting that cannot be used.
    #[error("{setting} is {found}; {expected}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: String,
    },

    /// `SCOREMATCH_SIMD` asks for an instruction set that cannot be used.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),

    /// A device that cannot be used, and what to do about it.
    #[error(transparent)]
    Device(#[from] DeviceError),

    /// A loss, gradient or parameter that is no longer finite.
    #[error(
        "{}: {}",
        if *at_start { "training cannot start".to_owned() } else { format!("training diverged at step {step}") },
        story(what, *value, *at_start, cause.as_deref())
    )]
    Diverged {
        /// The step, from 0.
        step: u64,
        /// What left the finite numbers.
        what: String,
        /// Its value.
        value: f64,
        /// Whether it did so at the parameters that training started from: nothing was trained.
        at_start: bool,
        /// What made it so, if that was found.
        cause: Option<Box<Cause>>,
    },

    /// A sampling chain that left the finite numbers.
    #[error(
        "chain {chain} (from 0) is no longer finite after {step} steps; \
         take a smaller step size, or start nearer to the data"
    )]
    ChainLost {
        /// The chain's row, from 0.
        chain: usize,
        /// Steps made.
        step: u64,
    },

    /// Data that cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),

    /// A file of numbers that cannot be read.
    #[cfg(feature = "tables")]
    #[error(transparent)]
    Table(#[from] TableError),

    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A checkpoint that does not fit the model or is damaged.
    #[error("checkpoint {}: {message}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
}

impl Error {
    /// An [`Error::Io`] for `path`.
    #[must_use]
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Error::Io {
            path: path.into(),
            source,
        }
    }
}

/// The message: a `main` that returns an error, and `unwrap`, print this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use scorematch_kernels::simd::InstructionSet;

    use super::*;

    /// What `main() -> Result<(), E>` prints for each kind of error that the crate gives.
    #[test]
    fn debug_is_the_message() {
        let io = Error::io("model.safetensors", std::io::ErrorKind::NotFound.into());
        let data = DataError::TooFewRows {
            what: "a split",
            found: 1,
            needed: 2,
        };
        let device = DeviceError::Repeated { index: 1 };
        let isa = InstructionSetError::Unsupported(InstructionSet::Avx2);
        let pairs = [
            (format!("{io:?}"), io.to_string()),
            (format!("{data:?}"), data.to_string()),
            (format!("{device:?}"), device.to_string()),
            (format!("{isa:?}"), isa.to_string()),
            (
                format!("{:?}", Error::Data(data)),
                "1 rows, but a split needs at least 2".to_owned(),
            ),
            (
                format!("{:?}", Error::InstructionSet(isa.clone())),
                isa.to_string(),
            ),
        ];
        for (debug, message) in pairs {
            assert_eq!(debug, message);
        }
        assert!(
            format!("{io:?}").contains("entity not found"),
            "the cause is told: {io:?}"
        );
    }

    /// An error type that is added later is one of these too.
    #[test]
    fn no_error_type_derives_debug() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("src"), root.join("kernels/src")];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let lines: Vec<&str> = text.lines().collect();
                for (place, line) in lines.iter().enumerate() {
                    let is_error = ["pub enum ", "pub struct "].iter().any(|item| {
                        line.strip_prefix(item).is_some_and(|rest| {
                            rest.split(|c: char| !c.is_alphanumeric())
                                .next()
                                .unwrap()
                                .ends_with("Error")
                        })
                    });
                    if !is_error {
                        continue;
                    }
                    found += 1;
                    let attributes = lines[..place]
                        .iter()
                        .rev()
                        .take_while(|line| line.starts_with("#["));
                    for attribute in attributes {
                        assert!(!attribute.contains("Debug"), "{}: {line}", path.display());
                    }
                }
            }
        }
        assert!(found >= 6, "the error types are found by name");
    }
}
