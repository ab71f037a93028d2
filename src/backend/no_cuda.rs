//! In place of the CUDA backend, in builds without the feature `cuda`: it cannot be opened.

use std::sync::Arc;

use super::seam::{Place, gpus};
use crate::error::{DeviceError, Result};

/// The GPUs of these numbers.
///
/// # Errors
/// This build has none.
pub(crate) fn open(indices: &[usize]) -> Result<Arc<dyn Place>, DeviceError> {
    Err(match indices {
        [index] => DeviceError::NotBuilt { index: *index },
        _ => DeviceError::NotBuiltForSeveral {
            devices: gpus(indices.iter().copied()),
        },
    })
}

/// That the environment variables of the backend hold what they may: it reads none.
pub(crate) fn check_environment() -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Device;

    #[test]
    fn a_build_without_cuda_says_so() {
        let message = "cuda:1".parse::<Device>().unwrap_err().to_string();
        assert_eq!(
            message,
            "cuda:1 was asked for, but this build of scorematch has no CUDA: build it with the feature `cuda`"
        );
    }

    #[test]
    fn a_build_without_nccl_says_so() {
        let message = "cuda:1,0".parse::<Device>().unwrap_err().to_string();
        assert_eq!(
            message,
            "cuda:1,0 was asked for, but this build of scorematch has no NCCL: build it with the feature `nccl`, or \
             name one GPU"
        );
    }
}
