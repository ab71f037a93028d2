//! A trained model of a run that takes and gives data units, in float64.
//!
//! Rows are converted to the units of training in float64 and cast afterwards, as in training.

use std::path::Path;

use anyhow::{Result, ensure};
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, s};
use scorematch::__private::AnySpec;
use scorematch::checkpoint::Trained;
use scorematch::data::Standardization;
use scorematch::sample::Chains;
use scorematch::{Loss, Projections, Real};

use crate::data::in_units;
use crate::model::CompiledModel;

/// Rows of a call, so that memory does not grow with the rows of a file.
const BLOCK: usize = 4096;
/// Numbers of the directions of a call.
const DIRECTIONS: usize = 1 << 22;
/// The rate of acceptance that is best in many dimensions (Roberts and Rosenthal 1998).
const ACCEPTED: f64 = 0.574;
/// Adaptations of the step size of the chains.
const ADAPTATIONS: u64 = 40;

/// A trained model in data units.
#[derive(Debug)]
pub(crate) struct Scorer<T: Real>(Trained<AnySpec, T>);

/// Samples of a model.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    /// `[chains, D]`, in data units.
    pub(crate) positions: Array2<f64>,
    /// The fraction of proposals that were accepted after the adaptation.
    pub(crate) accepted: f64,
    /// The step size after the adaptation, in the units of training.
    pub(crate) step_size: f64,
}

impl<T: Real> Scorer<T> {
    /// The model of a run.
    ///
    /// # Errors
    /// The file of its parameters is not there, damaged, or of another model.
    pub(crate) fn load(run: &Path, compiled: CompiledModel<T>, threads: usize) -> Result<Self> {
        let file = run.join("model.safetensors");
        ensure!(
            file.is_file(),
            "the run {run} has no model yet: it is saved at the first checkpoint; continue the run with `scorematch resume {run}`",
            run = run.display()
        );
        let mut trained = Trained::load_of(compiled.spec(), file)?;
        trained.model.set_threads(threads);
        Ok(Scorer(trained))
    }

    fn units(&self) -> Option<&Standardization> {
        self.0.standardization.as_ref()
    }

    fn in_training_units(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<T>> {
        in_units("the data", self.units(), rows)
    }

    /// The energies E(x), −ln p up to a constant, of `[B, D]` rows: `[B]`.
    pub(crate) fn energy(&self, rows: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let shift = self.units().map_or(0.0, Standardization::energy_shift);
        let mut energies = Vec::with_capacity(rows.nrows());
        for block in rows.axis_chunks_iter(Axis(0), BLOCK) {
            let found = self.0.model.energy(&self.in_training_units(block)?)?;
            energies.extend(found.iter().map(|energy| wide(energy) + shift));
        }
        Ok(energies.into())
    }

    /// The scores −∇ₓE of `[B, D]` rows: `[B, D]`.
    pub(crate) fn score(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut scores = Array2::zeros(rows.raw_dim());
        for (block, mut out) in rows
            .axis_chunks_iter(Axis(0), BLOCK)
            .zip(scores.axis_chunks_iter_mut(Axis(0), BLOCK))
        {
            let found = self.0.model.score(&self.in_training_units(block)?)?;
            out.assign(&found.map(wide));
        }
        if let Some(units) = self.units() {
            for mut row in scores.rows_mut() {
                row.iter_mut()
                    .zip(units.std())
                    .for_each(|(score, std)| *score /= std);
            }
        }
        Ok(scores)
    }

    /// The exact Laplacians Σⱼ ∂²E/∂xⱼ² of `[B, D]` rows: `[B]`.
    ///
    /// In units zⱼ = (xⱼ − mⱼ)/σⱼ of training they are Σⱼ σⱼ⁻² ∂²E/∂zⱼ², so each second derivative is computed by itself.
    pub(crate) fn laplacian(&self, rows: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let dim = rows.ncols();
        let mut laplacians = Vec::with_capacity(rows.nrows());
        let Some(units) = self.units() else {
            for block in rows.axis_chunks_iter(Axis(0), BLOCK) {
                let found = self.0.model.laplacian(&self.in_training_units(block)?)?;
                laplacians.extend(found.iter().map(wide));
            }
            return Ok(laplacians.into());
        };
        for block in rows.axis_chunks_iter(Axis(0), (DIRECTIONS / (dim * dim)).clamp(1, BLOCK)) {
            let mut directions = Array3::<T>::zeros((dim, block.nrows(), dim));
            for (j, std) in units.std().iter().enumerate() {
                directions.slice_mut(s![j, .., j]).fill(T::of(1.0 / std));
            }
            let x = self.in_training_units(block)?;
            let found = self
                .0
                .model
                .curvature(&x, Projections::Given(directions.view()))?;
            let sums = found.curvature.axis_iter(Axis(1));
            laplacians.extend(sums.map(|of_row| of_row.iter().map(wide).sum::<f64>()));
        }
        Ok(laplacians.into())
    }

    /// ½‖∇E‖² − ΔE of `[B, D]` rows in the units of training: `[B]`.
    pub(crate) fn losses(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<f64>> {
        let mut losses = Vec::with_capacity(rows.nrows());
        for block in rows.axis_chunks_iter(Axis(0), BLOCK) {
            let x = self.in_training_units(block)?;
            losses.extend(self.0.model.losses(&x, &Loss::esm())?);
        }
        Ok(losses)
    }

    /// Samples: chains of the Metropolis-adjusted Langevin algorithm from these rows, `[chains, D]` in data units. In the
    /// first half of the steps the step size is adapted.
    pub(crate) fn sample(
        &self,
        start: ArrayView2<'_, f64>,
        steps: u64,
        seed: u64,
    ) -> Result<Samples> {
        let start = self.in_training_units(start)?;
        let mut chains = Chains::start(&self.0.model, &start, seed)?;
        let mut step_size = 0.5 * (start.ncols() as f64).powf(-1.0 / 3.0);
        let adaptations = ADAPTATIONS.min(steps / 2);
        let mut adapted = 0;
        for round in 0..adaptations {
            let until = steps / 2 * (round + 1) / adaptations;
            let accepted = chains.mala(step_size, until - adapted)?;
            adapted = until;
            step_size *= (2.0 * (accepted - ACCEPTED)).exp();
        }
        let accepted = chains.mala(step_size, steps - adapted)?;
        let mut positions = chains.into_positions().map(wide);
        if let Some(units) = self.units() {
            positions = units.invert(&positions)?;
        }
        Ok(Samples {
            positions,
            accepted,
            step_size,
        })
    }
}

fn wide<T: Real>(x: &T) -> f64 {
    Real::to_f64(*x)
}
