//! Where a model computes: the CPU, or a GPU.
//!
//! What is asked for is what computes: a GPU that cannot be used is an error that says what is missing, never a reason
//! to compute elsewhere.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use scorematch_kernels::simd::{ForScalar, Real};

use crate::backend::{Backend, Host, Place, cuda};
use crate::error::{DeviceError, Error, Result};

/// What a model computes on.
///
/// ```no_run
/// # use scorematch::{Device, Model, Result, Spec};
/// # fn example<S: Spec>(model: &mut Model<S, f32>) -> Result<()> {
/// model.set_device(Device::cuda(0)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Device(Arc<dyn Place>);

impl Device {
    /// The CPU.
    #[must_use]
    pub fn cpu() -> Self {
        Device(Arc::new(Host))
    }

    /// The NVIDIA GPU of that number, from 0.
    ///
    /// Products have the accuracy of float32, see [`Device::tf32`].
    ///
    /// # Errors
    /// [`Error::Device`]: this build has no CUDA (the feature `cuda`), or what is missing on the machine.
    pub fn cuda(index: usize) -> Result<Self> {
        Ok(Device(cuda::open(&[index])?))
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
    /// let trainer = Trainer::<f32>::new(Objective::esm()).device(Device::cuda_devices(&[0, 1])?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Device`]: this build cannot (the feature `nccl`), a number twice, GPUs that are not alike, or what is
    /// missing on the machine; [`Error::InvalidSetting`]: no number.
    pub fn cuda_devices(indices: &[usize]) -> Result<Self> {
        match indices {
            [] => Err(unknown("no GPU")),
            _ => Ok(Device(cuda::open(indices)?)),
        }
    }

    /// The same GPU with products of TF32 numbers: one product on tensor cores where float32 takes three, and 11
    /// significant bits instead of 24.
    /// The CPU is as it was.
    #[must_use]
    pub fn tf32(self) -> Self {
        match self.0.tf32() {
            Some(place) => Device(place),
            None => self,
        }
    }

    /// Whether it is the CPU.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        self.0.is_cpu()
    }

    /// A backend for scalars `T`, with buffers of its own.
    ///
    /// # Errors
    /// [`DeviceError::Precision`]: the device does not compute in `T`.
    pub(crate) fn backend<T: Real>(&self) -> Result<Box<dyn Backend<T>>> {
        let backend = T::choose(BackendAt(&*self.0));
        Ok(backend.ok_or(DeviceError::Precision { found: T::NAME })?)
    }
}

/// A place's backend for either type.
struct BackendAt<'p>(&'p dyn Place);

impl ForScalar for BackendAt<'_> {
    type Out<T: Real> = Option<Box<dyn Backend<T>>>;

    fn single(self) -> Option<Box<dyn Backend<f32>>> {
        Some(self.0.single())
    }

    fn double(self) -> Option<Box<dyn Backend<f64>>> {
        self.0.double()
    }
}

impl Default for Device {
    /// [`Device::cpu`].
    fn default() -> Self {
        Device::cpu()
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.0).finish()
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
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

    /// `cpu`, `cuda`, `cuda:1`, or `cuda:0,1` for [`Device::cuda_devices`].
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || unknown(format!("{text:?}"));
        match text.split_once(':') {
            None if text == "cpu" => Ok(Device::cpu()),
            None if text == "cuda" => Device::cuda(0),
            Some(("cuda", list)) => {
                let indices: Result<Vec<usize>, _> = list.split(',').map(str::parse).collect();
                Device::cuda_devices(&indices.map_err(|_| unknown())?)
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

    #[test]
    fn devices_need_a_number() {
        assert!(matches!(
            Device::cuda_devices(&[]),
            Err(Error::InvalidSetting { .. })
        ));
    }

    #[test]
    fn the_cpu_computes_in_both_types() {
        assert!(Device::cpu().backend::<f32>().is_ok());
        assert!(Device::cpu().backend::<f64>().is_ok());
        assert_eq!(format!("{:?}", Device::cpu()), "Device(Cpu)");
    }
}
