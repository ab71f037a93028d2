//! The CPU backend: the [`mod@engine`] with its buffers behind the seam.

mod batch;
mod deferred_operands;
mod direction_split;
mod engine;
mod partial_accumulators;
mod products;
mod tiles;
mod tiling;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::ArrayViewMut2;
use scorematch_kernels::simd::Real;

use self::engine::Workspace;
use crate::backend::{Backend, Call, Phases, Place, Resident};
use crate::error::Result;
use crate::program::Compiled;

/// The CPU as a place.
#[derive(Clone, Copy)]
pub(crate) struct Host;

impl Place for Host {
    fn single(&self) -> Box<dyn Backend<f32>> {
        Box::new(Cpu::default())
    }

    fn double(&self) -> Option<Box<dyn Backend<f64>>> {
        Some(Box::new(Cpu::default()))
    }

    fn tf32(&self) -> Option<Arc<dyn Place>> {
        None
    }

    fn is_cpu(&self) -> bool {
        true
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cpu")
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cpu")
    }
}

/// The engine with the buffers that no call is using.
#[derive(Default)]
struct Cpu<T> {
    spare: Mutex<Vec<Workspace<T>>>,
}

impl<T: Real> Cpu<T> {
    /// Runs `work` with buffers that no other call uses.
    fn with_workspace<R>(&self, work: impl FnOnce(&mut Workspace<T>) -> R) -> R {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = spare().pop().unwrap_or_default();
        let result = work(&mut workspace);
        spare().push(workspace);
        result
    }
}

impl<T: Real> Backend<T> for Cpu<T> {
    fn evaluate(
        &self,
        program: Compiled<T>,
        call: &Call<'_, '_, T>,
        out: ArrayViewMut2<'_, T>,
    ) -> Result<()> {
        self.with_workspace(|workspace| engine::evaluate(program, call, workspace, out));
        Ok(())
    }

    fn accumulate(
        &self,
        program: Compiled<T>,
        call: &Call<'_, '_, T>,
        read: &mut dyn FnMut(&[T], Phases),
    ) -> Result<()> {
        self.with_workspace(|workspace| {
            let (sums, phases) = engine::accumulate(program, call, workspace);
            read(sums, phases);
        });
        Ok(())
    }

    fn resident(&self) -> Option<Box<dyn Resident<T>>> {
        None
    }

    fn another(&self) -> Box<dyn Backend<T>> {
        Box::new(Cpu::default())
    }
}
