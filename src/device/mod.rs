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
    /// At least one; the first computes alone all that is not training.
    Cuda(Vec<Arc<Gpu>>),
}

impl Device {
    /// The CPU.
    #[must_use]
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
        return Ok(Device(Kind::Cuda(vec![Arc::new(Gpu::open(index)?)])));
        #[cfg(not(feature = "cuda"))]
        return Err(DeviceError::NotBuilt { index }.into());
    }

    /// Several NVIDIA GPUs of one model that train together, [`Device::cuda`] for one of them.
    ///
    /// Each takes a share of every batch, with the random numbers that its samples would have on one GPU, and all make
    /// the same update from the sum of what the shares found. What is not training runs on the first.
    ///
    /// ```no_run
    /// # use scorematch::{Device, Result};
    /// # use scorematch::train::{Objective, Trainer};
    /// # fn example() -> Result<()> {
    /// let trainer = Trainer::<f32>::new(Objective::esm()).device(Device::cudas(&[0, 1])?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Device`]: this build cannot (the feature `nccl`), a number twice, GPUs that are not alike, or what is
    /// missing on the machine; [`Error::InvalidSetting`]: no number.
    pub fn cudas(indices: &[usize]) -> Result<Self> {
        match indices {
            [] => Err(unknown("no GPU")),
            [index] => Device::cuda(*index),
            #[cfg(feature = "nccl")]
            _ => Ok(Device(Kind::Cuda(crate::cuda::open(indices)?))),
            #[cfg(not(feature = "nccl"))]
            _ => Err(DeviceError::NotBuiltForSeveral {
                devices: format!("cuda:{}", numbers(indices.iter().copied())),
            }
            .into()),
        }
    }

    /// The same GPU with products of TF32 numbers: one product on tensor cores where float32 takes three, and 11
    /// significant bits instead of 24.
    /// The CPU is as it was.
    #[must_use]
    pub fn tf32(self) -> Self {
        match self.0 {
            Kind::Cpu => self,
            #[cfg(feature = "cuda")]
            Kind::Cuda(gpus) => {
                let tf32 = gpus.iter().map(|gpu| Arc::new(gpu.with_tf32()));
                Device(Kind::Cuda(tf32.collect()))
            }
        }
    }

    /// Whether it is the CPU.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        matches!(self.0, Kind::Cpu)
    }

    /// The GPU, if it is one; the first of several.
    #[cfg(feature = "cuda")]
    pub(crate) fn gpu(&self) -> Option<&Arc<Gpu>> {
        self.gpus().first()
    }

    /// All GPUs, none for the CPU.
    #[cfg(feature = "cuda")]
    pub(crate) fn gpus(&self) -> &[Arc<Gpu>] {
        match &self.0 {
            Kind::Cpu => &[],
            Kind::Cuda(gpus) => gpus,
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Cpu => f.write_str("cpu"),
            #[cfg(feature = "cuda")]
            Kind::Cuda(gpus) => {
                let name = gpus.first().map_or("", |gpu| gpu.name());
                write!(
                    f,
                    "cuda:{} ({name})",
                    numbers(gpus.iter().map(|gpu| gpu.index()))
                )
            }
        }
    }
}

/// `0,1`.
fn numbers(indices: impl Iterator<Item = usize>) -> String {
    let texts: Vec<String> = indices.map(|index| index.to_string()).collect();
    texts.join(",")
}

fn unknown(found: impl Into<String>) -> Error {
    Error::InvalidSetting {
        setting: "the device",
        found: found.into(),
        expected: "write cpu, cuda, cuda:1, or cuda:0,1 for several GPUs".to_owned(),
    }
}

impl FromStr for Device {
    type Err = Error;

    /// `cpu`, `cuda`, `cuda:1`, or `cuda:0,1` for [`Device::cudas`].
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || unknown(format!("{text:?}"));
        match text.split_once(':') {
            None if text == "cpu" => Ok(Device::cpu()),
            None if text == "cuda" => Device::cuda(0),
            Some(("cuda", list)) => {
                let indices: Result<Vec<usize>, _> = list.split(',').map(str::parse).collect();
                Device::cudas(&indices.map_err(|_| unknown())?)
            }
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
        for text in [
            "", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:0,", "cuda:0;1", "cpu:0",
        ] {
            assert!(
                matches!(text.parse::<Device>(), Err(Error::InvalidSetting { .. })),
                "{text:?}"
            );
        }
    }

    #[cfg(not(feature = "nccl"))]
    #[test]
    fn a_build_without_nccl_says_so() {
        let message = "cuda:1,0".parse::<Device>().unwrap_err().to_string();
        assert_eq!(
            message,
            "cuda:1,0 was asked for, but this build of scorematch has no NCCL: build it with the feature `nccl`, or \
             name one GPU"
        );
        assert!(matches!(
            Device::cudas(&[]),
            Err(Error::InvalidSetting { .. })
        ));
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
