//! Whether NVIDIA's libraries can be loaded. This is checked first, because the bindings panic where a library is
//! missing.

use cudarc::{driver, nvrtc};

use crate::error::DeviceError;

/// The driver's library on this system.
pub(super) const DRIVER: &str = if cfg!(windows) {
    "nvcuda.dll"
} else {
    "libcuda.so.1"
};

/// The compiler's library on this system.
pub(super) const NVRTC: &str = if cfg!(windows) {
    "nvrtc64_130_0.dll"
} else {
    "libnvrtc.so.13"
};

/// Checks that the driver's library can be loaded.
pub(super) fn require_driver() -> Result<(), DeviceError> {
    // SAFETY: loading the library runs its initialisers only.
    if unsafe { driver::sys::is_culib_present() } {
        Ok(())
    } else {
        Err(DeviceError::NoDriver { library: DRIVER })
    }
}

/// Checks that the compiler's library can be loaded.
pub(super) fn require_nvrtc() -> Result<(), DeviceError> {
    // SAFETY: loading the library runs its initialisers only.
    if unsafe { nvrtc::sys::is_culib_present() } {
        Ok(())
    } else {
        Err(DeviceError::NoNvrtc { library: NVRTC })
    }
}

/// A version of CUDA.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Version {
    pub(super) major: i32,
    pub(super) minor: i32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The version of CUDA that the driver supports. The driver must have been found.
pub(super) fn driver_version() -> Result<Version, DeviceError> {
    let mut number = 0;
    // SAFETY: the library is there, and writes one number.
    let result = unsafe { driver::sys::cuDriverGetVersion(&mut number) };
    result
        .result()
        .map_err(|e| driver_error("tell its version", &e))?;
    Ok(Version {
        major: number / 1000,
        minor: number % 1000 / 10,
    })
}

/// The version of CUDA that the compiler belongs to. The compiler must have been found.
pub(super) fn nvrtc_version() -> Result<Version, DeviceError> {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: the library is there, and writes two numbers.
    let result = unsafe { nvrtc::sys::nvrtcVersion(&mut major, &mut minor) };
    result.result().map_err(|e| DeviceError::Driver {
        action: "tell the version of NVRTC",
        message: format!("{e:?}"),
    })?;
    Ok(Version { major, minor })
}

/// An error of the driver in its own words.
pub(super) fn driver_error(action: &'static str, error: &driver::DriverError) -> DeviceError {
    let text = |found: Result<&std::ffi::CStr, driver::DriverError>| {
        found.map_or_else(
            |_| "an error without a name".to_owned(),
            |text| text.to_string_lossy().into_owned(),
        )
    };
    DeviceError::Driver {
        action,
        message: format!(
            "{} ({})",
            text(error.error_string()),
            text(error.error_name())
        ),
    }
}
