//! What a GPU reaches at most, beside which times are read: a large product by cuBLAS, and a copy on the device, timed by
//! its own events.

use cudarc::driver::CudaEvent;
use cudarc::driver::sys::CUevent_flags::CU_EVENT_DEFAULT;
use scorematch_compiler::emit::{CublasGemm, Matrix, Memory};

use super::{Gpu, Result, failed};

/// Rounds that a median is of.
pub const ROUNDS: usize = 9;

/// Rates, medians of [`ROUNDS`].
#[derive(Clone, Copy, Debug)]
pub struct Ceilings {
    /// Floating-point operations a second of a product, of the numbers that the [`Gpu`] was opened for.
    pub products: f64,
    /// Bytes a second of a copy, those read and those written.
    pub copies: f64,
}

impl Gpu {
    /// The rates for square matrices of `size` rows. With 8192 they are of 256 MiB each, more than a cache holds.
    ///
    /// # Errors
    /// The driver or cuBLAS refuses; there is no room for three such matrices.
    pub fn ceilings(&self, size: usize) -> Result<Ceilings> {
        let entries = size * size;
        // All of them different: products of zeros take less power, and so less time, than others. In double precision, in
        // which the fractions of large numbers are not lost.
        let host: Vec<f32> = (0..entries)
            .map(|i| ((i as f64 * 0.618_034).fract() - 0.5) as f32)
            .collect();
        let upload = || {
            self.stream
                .clone_htod(&host)
                .map_err(failed("take a matrix"))
        };
        let (a, b) = (upload()?, upload()?);
        let mut c = self
            .stream
            .alloc_zeros::<f32>(entries)
            .map_err(failed("give room for a product"))?;
        let matrix = Matrix {
            memory: Memory::Params,
            start: 0,
            ld: size,
            step: 0,
        };
        let square = CublasGemm {
            m: size,
            n: size,
            k: size,
            a: (matrix, false),
            b: (matrix, false),
            c: matrix,
            adds: false,
            times: 1,
        };
        let at = [&a, &b, &c].map(|matrix| self.address(matrix));
        // SAFETY: the three matrices are of that size, and live until the times are known.
        let product = self.seconds(|| unsafe { self.blas.product(&square, at) })?;
        let copy = self.seconds(|| {
            self.stream
                .memcpy_dtod(&a, &mut c)
                .map_err(failed("copy a matrix"))
        })?;
        Ok(Ceilings {
            products: 2.0 * (size as f64).powi(3) / product,
            copies: 2.0 * (entries * size_of::<f32>()) as f64 / copy,
        })
    }

    /// How long the stream is at some work, after it has done it once.
    fn seconds(&self, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
        let now = || -> Result<CudaEvent> {
            self.stream
                .record_event(Some(CU_EVENT_DEFAULT))
                .map_err(failed("record an event"))
        };
        work()?;
        let mut times = [0.0; ROUNDS];
        for time in &mut times {
            let start = now()?;
            work()?;
            let took = start
                .elapsed_ms(&now()?)
                .map_err(failed("say when an event was"))?;
            *time = f64::from(took) / 1e3;
        }
        times.sort_by(f64::total_cmp);
        Ok(times[ROUNDS / 2])
    }
}
