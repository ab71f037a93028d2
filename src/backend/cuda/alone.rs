//! In place of what joins several GPUs, in builds without the feature `nccl`: they cannot train together.

use std::sync::Arc;

use super::gpu::Gpu;
use crate::backend::seam::gpus;
use crate::error::DeviceError;

/// The GPUs of these numbers, more than one.
pub(super) fn open(indices: &[usize]) -> Result<Vec<Arc<Gpu>>, DeviceError> {
    Err(DeviceError::NotBuiltForSeveral {
        devices: gpus(indices.iter().copied()),
    })
}

#[cfg(test)]
mod tests {
    use crate::Device;

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
