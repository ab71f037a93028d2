//! NCCL, as far as sums over several GPUs of one process need it.
//!
//! Enters: streams of distinct GPUs, and on each as many numbers. Leaves: their sums in the place of each. Must hold:
//! nothing is called before the library is known to be there. It is loaded here by the name that NVIDIA's packages
//! install, `libnccl.so.2`; cudarc's bindings look for `libnccl.so`, which only the development package has, and panic.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use cudarc::driver::CudaStream;
use libloading::Library;

use super::library::driver_error;
use crate::error::DeviceError;

/// Names of the library; the first is the one to install.
const NAMES: [&str; 2] = ["libnccl.so.2", "libnccl.so"];

/// `ncclSuccess`, `ncclFloat32` and `ncclSum`.
const SUCCESS: c_int = 0;
const FLOAT: c_int = 7;
const SUM: c_int = 0;

/// `ncclComm_t`: the communicator of one GPU.
type Handle = *mut c_void;

/// The functions that are called.
struct Nccl {
    version: unsafe extern "C" fn(*mut c_int) -> c_int,
    init_all: unsafe extern "C" fn(*mut Handle, c_int, *const c_int) -> c_int,
    abort: unsafe extern "C" fn(Handle) -> c_int,
    group_start: unsafe extern "C" fn() -> c_int,
    group_end: unsafe extern "C" fn() -> c_int,
    all_reduce: unsafe extern "C" fn(
        *const c_void,
        *mut c_void,
        usize,
        c_int,
        c_int,
        Handle,
        *mut c_void,
    ) -> c_int,
    error_string: unsafe extern "C" fn(c_int) -> *const c_char,
    /// Keeps the library loaded, so that the functions stay valid.
    _library: Library,
}

impl Nccl {
    fn open(name: &str) -> Result<Nccl, libloading::Error> {
        // SAFETY: loading the library runs its initialisers only; the types are those of nccl.h.
        unsafe {
            let library = Library::new(name)?;
            Ok(Nccl {
                version: *library.get(b"ncclGetVersion\0")?,
                init_all: *library.get(b"ncclCommInitAll\0")?,
                abort: *library.get(b"ncclCommAbort\0")?,
                group_start: *library.get(b"ncclGroupStart\0")?,
                group_end: *library.get(b"ncclGroupEnd\0")?,
                all_reduce: *library.get(b"ncclAllReduce\0")?,
                error_string: *library.get(b"ncclGetErrorString\0")?,
                _library: library,
            })
        }
    }

    /// Checks that a call succeeded.
    fn check(&self, action: &'static str, code: c_int) -> Result<(), DeviceError> {
        if code == SUCCESS {
            return Ok(());
        }
        // SAFETY: the library describes any number by a text that stays.
        let text = unsafe { (self.error_string)(code) };
        let message = if text.is_null() {
            "an error without a name".into()
        } else {
            // SAFETY: as above; it ends with a zero.
            unsafe { CStr::from_ptr(text) }.to_string_lossy()
        };
        Err(DeviceError::Nccl {
            action,
            message: format!("{message} ({code})"),
        })
    }
}

/// The library, loaded once.
fn library() -> Result<&'static Nccl, DeviceError> {
    static LIBRARY: OnceLock<Option<Nccl>> = OnceLock::new();
    LIBRARY
        .get_or_init(|| NAMES.iter().find_map(|name| Nccl::open(name).ok()))
        .as_ref()
        .ok_or(DeviceError::NoNccl { library: NAMES[0] })
}

/// The version of NCCL, if it can be loaded.
pub(super) fn version() -> Result<String, DeviceError> {
    let nccl = library()?;
    let mut number = 0;
    // SAFETY: it writes one number.
    nccl.check("tell its version", unsafe { (nccl.version)(&mut number) })?;
    Ok(format!(
        "{}.{}.{}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    ))
}

/// The communicators of GPUs that add up their numbers.
pub(super) struct Comms {
    nccl: &'static Nccl,
    handles: Vec<Handle>,
}

impl Comms {
    /// Joins the GPUs of these numbers.
    pub(super) fn new(gpus: &[usize]) -> Result<Self, DeviceError> {
        let nccl = library()?;
        let numbers: Vec<c_int> = gpus.iter().map(|&gpu| gpu as c_int).collect();
        let mut handles = vec![std::ptr::null_mut(); gpus.len()];
        // SAFETY: both arrays have the length that is told.
        let code = unsafe {
            (nccl.init_all)(
                handles.as_mut_ptr(),
                numbers.len() as c_int,
                numbers.as_ptr(),
            )
        };
        nccl.check("join the GPUs", code)?;
        Ok(Comms { nccl, handles })
    }

    /// Puts the sum of the `len` numbers at these addresses into the place of each, on the streams of the GPUs.
    ///
    /// # Safety
    /// Each address is that of so many numbers on the GPU of its stream, which live until the stream is done; the order
    /// is that of [`Comms::new`].
    pub(super) unsafe fn add_up(
        &self,
        parts: &[(u64, &CudaStream)],
        len: usize,
    ) -> Result<(), DeviceError> {
        let nccl = self.nccl;
        let each = |handle: Handle, (address, stream): (u64, &CudaStream)| {
            let context = stream.context();
            context
                .bind_to_thread()
                .map_err(|e| driver_error("go to a GPU", &e))?;
            let numbers = address as *mut c_void;
            // SAFETY: the caller's promise; the communicator is that of the stream's GPU.
            let code = unsafe {
                (nccl.all_reduce)(
                    numbers,
                    numbers,
                    len,
                    FLOAT,
                    SUM,
                    handle,
                    stream.cu_stream().cast(),
                )
            };
            nccl.check("add up the GPUs' sums", code)
        };
        // SAFETY: the group ends below, whatever happens between.
        nccl.check("begin a sum", unsafe { (nccl.group_start)() })?;
        let begun = self
            .handles
            .iter()
            .zip(parts)
            .try_for_each(|(&handle, &part)| each(handle, part));
        // SAFETY: it was started above.
        let ended = nccl.check("add up the GPUs' sums", unsafe { (nccl.group_end)() });
        begun.and(ended)
    }
}

impl Drop for Comms {
    /// A GPU that waits for a failed one stops waiting; where no GPU waits, the communicators end normally.
    fn drop(&mut self) {
        for &handle in &self.handles {
            // SAFETY: the library made each communicator, and each is given back once. An error here cannot be
            // reported.
            unsafe { (self.nccl.abort)(handle) };
        }
    }
}
