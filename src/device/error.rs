//! Why a GPU cannot be used, and what to do about it.

/// What went wrong with a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The crate was built without support for GPUs.
    #[error(
        "cuda:{index} was asked for, but this build of scorematch has no CUDA: build it with the feature `cuda`"
    )]
    NotBuilt {
        /// The device asked for.
        index: usize,
    },

    /// The driver library cannot be loaded.
    #[error(
        "no NVIDIA driver: {library} cannot be loaded. Install the driver of the GPU (`nvidia-smi` shows one that \
         works), or compute on the CPU"
    )]
    NoDriver {
        /// The library looked for.
        library: &'static str,
    },

    /// The driver is older than what NVRTC compiles for.
    #[error(
        "the NVIDIA driver supports CUDA {found}, NVRTC compiles for CUDA {needed}: install a newer driver, or an NVRTC \
         of CUDA {found}"
    )]
    DriverTooOld {
        /// What the driver supports.
        found: String,
        /// What is needed.
        needed: String,
    },

    /// There is no such GPU.
    #[error(
        "cuda:{index} was asked for, but the NVIDIA driver finds {found} GPUs; they count from 0"
    )]
    NoDevice {
        /// The device asked for.
        index: usize,
        /// How many there are.
        found: usize,
    },

    /// A GPU without what the programs need.
    #[error(
        "cuda:{index} ({name}) has compute capability {found}; the products need the tensor cores of 8.0 or later \
         (GPUs since 2020)"
    )]
    Unsupported {
        /// The device asked for.
        index: usize,
        /// Its name.
        name: String,
        /// Its compute capability.
        found: String,
    },

    /// The compiler library cannot be loaded.
    #[error(
        "no NVRTC: {library} cannot be loaded. Install the CUDA toolkit, or `pip install nvidia-cuda-nvrtc==13.0.88` and \
         add its folder nvidia/cu13/lib to LD_LIBRARY_PATH"
    )]
    NoNvrtc {
        /// The library looked for.
        library: &'static str,
    },

    /// A program does not compile for the device.
    #[error("NVRTC does not compile {entry} for {architecture}:\n{log}")]
    Compile {
        /// The kernel.
        entry: &'static str,
        /// What it was compiled for.
        architecture: String,
        /// What the compiler says.
        log: String,
    },

    /// A call of the driver or of NVRTC that failed.
    #[error("the NVIDIA driver cannot {action}: {message}")]
    Driver {
        /// What was tried.
        action: &'static str,
        /// What the driver says.
        message: String,
    },

    /// A model that has no program for a device.
    #[error(
        "{entry} has no program for a GPU: the model was written or generated without one. Compile its spec with this \
         version of scorematch"
    )]
    NoProgram {
        /// Which program.
        entry: &'static str,
    },

    /// Another type than the GPU computes with.
    #[error(
        "GPUs compute in f32 here, the model has parameters of type {found}: use Model<f32>, or the CPU"
    )]
    Precision {
        /// The model's type.
        found: &'static str,
    },
}
