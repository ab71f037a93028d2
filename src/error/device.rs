//! Why a GPU cannot be used, and what to do about it.

use std::fmt;

/// What went wrong with a device.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
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

    /// The crate was built without support for several GPUs at a time.
    #[error(
        "{devices} was asked for, but this build of scorematch has no NCCL: build it with the feature `nccl`, or name \
         one GPU"
    )]
    NotBuiltForSeveral {
        /// The devices asked for.
        devices: String,
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

    /// The library that adds up over several GPUs cannot be loaded.
    #[error(
        "no NCCL: {library} cannot be loaded. Install it (`apt install libnccl2`, or `pip install nvidia-nccl-cu13` and \
         add its folder nvidia/nccl/lib to LD_LIBRARY_PATH), or name one GPU"
    )]
    NoNccl {
        /// The library looked for.
        library: &'static str,
    },

    /// A GPU that was named more than once.
    #[error("cuda:{index} was asked for twice: each GPU takes one share of a batch, name it once")]
    Repeated {
        /// The device.
        index: usize,
    },

    /// GPUs of which the same program need not make the same bits.
    #[error(
        "{first} and {other} are not alike: GPUs that train together must be of one model, so that all of them make the \
         same update to the last bit; name GPUs of one model"
    )]
    Unlike {
        /// The first GPU.
        first: String,
        /// One that differs.
        other: String,
    },

    /// GPUs of one training run that hold different parameters.
    #[error(
        "{what} {at} (from 0) is {first} and {other}: GPUs that train together must hold the same bits. A sum arrived \
         with other bits, by a fault of NCCL, of a link or of memory: start again from the last checkpoint, on one GPU or \
         on others"
    )]
    RanksDiffer {
        /// Which of the numbers that a run keeps.
        what: &'static str,
        /// Its place among the parameters.
        at: usize,
        /// What the first GPU holds.
        first: String,
        /// What another holds.
        other: String,
    },

    /// A call of NCCL that failed.
    #[error("NCCL cannot {action}: {message}. NCCL_DEBUG=INFO makes it tell more")]
    Nccl {
        /// What was tried.
        action: &'static str,
        /// What NCCL says.
        message: String,
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

/// The message: a `main` that returns an error, and `unwrap`, print this.
impl fmt::Debug for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
