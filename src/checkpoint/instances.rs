//! What of checkpoints is compiled in this crate: see [`instances!`].

use std::path::Path;

use super::{Names, file};
use crate::data::Standardization;
use crate::error::Result;
use crate::instances::instances;
use crate::model::AnyModel;

instances! {
    /// [`Trained::save_with`](super::Trained::save_with).
    fn save(
        path: &Path,
        model: &AnyModel<T>,
        standardization: Option<&Standardization>,
        step: u64,
        names: &Names,
    ) -> Result<()> = file::write;

    /// [`Trained::load_with`](super::Trained::load_with), into a model: its parameters. Gives the units and the step.
    fn load(
        path: &Path,
        model: &mut AnyModel<T>,
        names: &Names,
    ) -> Result<(Option<Standardization>, u64)> = file::read;
}
