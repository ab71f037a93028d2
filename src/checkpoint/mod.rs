//! Models on disk. Enters: a model, and the units it was trained in. Leaves: a safetensors file
//! with the names and shapes that PyTorch gives the parameters. A file is written whole or not at
//! all.

mod file;
mod hash;
mod instances;
mod metadata;
mod model;
mod names;
mod tensor;
mod trained;

#[cfg(test)]
mod tests;

pub(crate) use file::write;
pub(crate) use hash::content_hash;
pub use names::Names;
pub(crate) use tensor::{dtype, values as tensor_values};
pub use trained::{Trained, load, save};
