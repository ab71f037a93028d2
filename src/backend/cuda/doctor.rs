//! The parts of GPU support that this machine has, and what to do about missing ones.

use super::cache;
use super::gpu::{self, Gpu};
use super::library::{driver_version, nvrtc_version, require_driver, require_nvrtc};
use crate::error::DeviceError;

/// One thing that training on a GPU needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: String,
    /// What was found, or why it cannot be used and what to do.
    pub found: Result<String, DeviceError>,
}

/// Looks for the driver, the compiler, every GPU and the folder of compiled programs; with the feature `nccl` for NCCL
/// too.
pub fn findings() -> Vec<Finding> {
    let finding = |what: &str, found| Finding {
        what: what.to_owned(),
        found,
    };
    let driver = require_driver()
        .and_then(|()| driver_version())
        .map(|version| format!("CUDA {version}"));
    let devices = match &driver {
        Ok(_) => gpu::count(),
        Err(error) => Err(error.clone()),
    };
    let compiler = require_nvrtc()
        .and_then(|()| nvrtc_version())
        .map(|version| format!("NVRTC {version}"));
    let mut findings = vec![finding("driver", driver), finding("compiler", compiler)];
    #[cfg(feature = "nccl")]
    findings.push(finding(
        "several GPUs",
        super::nccl::version().map(|version| format!("NCCL {version}")),
    ));
    match devices {
        Ok(0) => findings.push(finding(
            "GPU",
            Err(DeviceError::NoDevice { index: 0, found: 0 }),
        )),
        Ok(count) => findings.extend((0..count).map(|index| {
            let opened = Gpu::open(index).map(|gpu| format!("{gpu:?}"));
            finding("GPU", opened)
        })),
        // Without a driver no GPU can be listed.
        Err(_) => {}
    }
    if let Some(folder) = cache::folder() {
        findings.push(finding(
            "compiled programs",
            Ok(folder.display().to_string()),
        ));
    }
    findings
}
