//! cuBLAS: products of the compiler's list as calls of the library.

use std::sync::Arc;

use cudarc::cublas::sys::cublasMath_t::{CUBLAS_DEFAULT_MATH, CUBLAS_TF32_TENSOR_OP_MATH};
use cudarc::cublas::sys::cublasOperation_t::{CUBLAS_OP_N, CUBLAS_OP_T};
use cudarc::cublas::{result, sys};
use cudarc::driver::{CudaSlice, CudaStream, DevicePtr};
use scorematch_compiler::emit::CublasGemm;

use super::{Result, failed};

/// What the library recommends for its own use on the largest devices. It is given, since the library cannot ask for it
/// while a graph is captured.
const WORKSPACE: usize = 32 << 20;

/// The library, on one stream.
pub(super) struct Blas {
    handle: sys::cublasHandle_t,
    _workspace: CudaSlice<u8>,
}

impl Blas {
    /// Products are of TF32 numbers, or of float32.
    pub(super) fn new(stream: &Arc<CudaStream>, tf32: bool) -> Result<Blas> {
        // SAFETY: the library writes what is read.
        let workspace = unsafe { stream.alloc::<u8>(WORKSPACE) };
        let workspace = workspace.map_err(failed("give cuBLAS room"))?;
        let address = workspace.device_ptr(stream).0;
        let blas = Blas {
            handle: result::create_handle().map_err(failed("start cuBLAS"))?,
            _workspace: workspace,
        };
        let mode = if tf32 {
            CUBLAS_TF32_TENSOR_OP_MATH
        } else {
            CUBLAS_DEFAULT_MATH
        };
        // SAFETY: the handle was made just now; stream and workspace outlive it. Setting the stream forgets a workspace.
        unsafe {
            result::set_stream(blas.handle, stream.cu_stream().cast())
                .and_then(|()| {
                    sys::cublasSetWorkspace_v2(blas.handle, address as _, WORKSPACE).result()
                })
                .and_then(|()| sys::cublasSetMathMode(blas.handle, mode).result())
                .map_err(failed("take cuBLAS' settings"))?;
        }
        Ok(blas)
    }

    /// Puts a product into the stream.
    ///
    /// # Safety
    /// The addresses are those of the matrices, whose buffers hold all that the product names and live until it is done.
    pub(super) unsafe fn product(&self, gemm: &CublasGemm, [a, b, c]: [u64; 3]) -> Result<()> {
        let op = |transposed| if transposed { CUBLAS_OP_T } else { CUBLAS_OP_N };
        let (transa, transb) = (op(gemm.a.1), op(gemm.b.1));
        let (left, right, to) = (&gemm.a.0, &gemm.b.0, &gemm.c);
        let (m, n, k) = (int(gemm.m)?, int(gemm.n)?, int(gemm.k)?);
        let (lda, ldb, ldc) = (int(left.ld)?, int(right.ld)?, int(to.ld)?);
        let (a, b, c) = (a as *const f32, b as *const f32, c as *mut f32);
        let (alpha, beta) = (1.0f32, f32::from(u8::from(gemm.adds)));
        // SAFETY: the caller's promise; the factors lie on the host and are read before the call returns.
        let result = unsafe {
            if gemm.times == 1 {
                result::sgemm(
                    self.handle,
                    transa,
                    transb,
                    m,
                    n,
                    k,
                    &alpha,
                    a,
                    lda,
                    b,
                    ldb,
                    &beta,
                    c,
                    ldc,
                )
            } else {
                result::sgemm_strided_batched(
                    self.handle,
                    transa,
                    transb,
                    m,
                    n,
                    k,
                    &alpha,
                    a,
                    lda,
                    left.step as i64,
                    b,
                    ldb,
                    right.step as i64,
                    &beta,
                    c,
                    ldc,
                    to.step as i64,
                    int(gemm.times)?,
                )
            }
        };
        result.map_err(|e| format!("cuBLAS does not form {gemm:?}: {e}"))
    }
}

impl Drop for Blas {
    fn drop(&mut self) {
        // SAFETY: the handle was made by `cublasCreate`, and nothing else owns it.
        let ended = unsafe { result::destroy_handle(self.handle) };
        debug_assert!(ended.is_ok(), "{ended:?}");
    }
}

/// A number as the library counts.
fn int(number: usize) -> Result<i32> {
    i32::try_from(number).map_err(|_| {
        format!(
            "cuBLAS counts up to {}, not {number}; take a smaller batch",
            i32::MAX
        )
    })
}
