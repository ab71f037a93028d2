//! Where a model computes: the CPU, or a GPU.
//!
//! What is asked for is what computes: a GPU that cannot be used is an error that says what is missing, never a reason
//! to compute elsewhere.

mod error;

use std::fmt;
use std::str::FromStr;
#[cfg(feature = "cuda")]
use std::sync::Arc;

#[cfg(feature = "cuda")]
use crate::cuda::Gpu;
use crate::error::{Error, Result};

pub use error::DeviceError;

/// What a model computes on.
///
/// ```no_run
/// # use scorematch::{Device, Model, Result, Spec};
/// # fn example<S: Spec>(model: &mut Model<S, f32>) -> Result<()> {
/// model.set_device(Device::cuda(0)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Device(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    Cpu,
    #[cfg(feature = "cuda")]
    Cuda(Arc<Gpu>),
}

impl Device {
    /// The CPU.
    pub fn cpu() -> Self {
        Device(Kind::Cpu)
    }

    /// The NVIDIA GPU of that number, from 0.
    ///
    /// Products have the accuracy of float32, see [`Device::tf32`].
    ///
    /// # Errors
    /// [`Error::Device`]: this build has no CUDA (the feature `cuda`), or what is missing on the machine.
    pub fn cuda(index: usize) -> Result<Self> {
        #[cfg(feature = "cuda")]
        return Ok(Device(Kind::Cuda(Arc::new(Gpu::open(index)?))));
        #[cfg(not(feature = "cuda"))]
        return Err(DeviceError::NotBuilt { index }.into());
    }

    /// The same GPU with products of TF32 numbers: one product on tensor cores where float32 takes three, and 11
    /// significant bits instead of 24.
    /// The CPU is as it was.
    #[must_use]
    pub fn tf32(self) -> Self {
        match self.0 {
            Kind::Cpu => self,
            #[cfg(feature = "cuda")]
            Kind::Cuda(gpu) => Device(Kind::Cuda(Arc::new(gpu.with_tf32()))),
        }
    }

    /// Whether it is the CPU.
    pub fn is_cpu(&self) -> bool {
        matches!(self.0, Kind::Cpu)
    }

    /// The GPU, if it is one.
    #[cfg(feature = "cuda")]
    pub(crate) fn gpu(&self) -> Option<&Arc<Gpu>> {
        match &self.0 {
            Kind::Cpu => None,
            Kind::Cuda(gpu) => Some(gpu),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Cpu => f.write_str("cpu"),
            #[cfg(feature = "cuda")]
            Kind::Cuda(gpu) => write!(f, "cuda:{} ({})", gpu.index(), gpu.name()),
        }
    }
}

impl FromStr for Device {
    type Err = Error;

    /// `cpu`, `cuda` or `cuda:1`.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || Error::InvalidSetting {
            setting: "the device",
            found: format!("{text:?}"),
            expected: "write cpu, cuda or cuda:1".to_owned(),
        };
        match text.split_once(':') {
            None if text == "cpu" => Ok(Device::cpu()),
            None if text == "cuda" => Device::cuda(0),
            Some(("cuda", index)) => Device::cuda(index.parse().map_err(|_| unknown())?),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named() {
        assert!("cpu".parse::<Device>().unwrap().is_cpu());
        assert_eq!(Device::cpu().tf32().to_string(), "cpu");
        for text in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0"] {
            assert!(
                matches!(text.parse::<Device>(), Err(Error::InvalidSetting { .. })),
                "{text:?}"
            );
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_says_so() {
        let message = "cuda:1".parse::<Device>().unwrap_err().to_string();
        assert_eq!(
            message,
            "cuda:1 was asked for, but this build of scorematch has no CUDA: build it with the feature `cuda`"
        );
    }
}
