//! The environment variables of this library.

use scorematch_kernels::pool::{self, ThreadsError};
use scorematch_kernels::simd::InstructionSet;

use crate::backend::cuda;
use crate::error::{Error, Result};

/// That the environment variables of this library hold what they may. Where a call cannot report an error, a variable that
/// holds anything else is a logged warning and counts as unset.
///
/// # Errors
/// The first that does not, with its value and what to do.
pub fn check_environment() -> Result<()> {
    pool::check_variable().map_err(|error| Error::InvalidSetting {
        setting: ThreadsError::VARIABLE,
        found: error.found,
        expected: ThreadsError::CURE.to_owned(),
    })?;
    InstructionSet::detect()?;
    cuda::check_environment()
}
