//! Models whose energies differ, behind one trait: boxed, listed, and compared by code that knows no spec.

use std::fmt::Debug;

use ndarray::{Array1, Array2, ArrayView2, ArrayViewD, ArrayViewMutD};

use super::{Curvature, Model};
use crate::error::Result;
use crate::objective::Projections;
use crate::program::Spec;
use scorematch_kernels::simd::Real;

/// An energy-based model p(x) ∝ exp(−E(x)) of any spec, in parameters of type `T`.
///
/// [`Model`] implements it. Methods that are generic there take the view itself here, so that the trait can be an object:
///
/// ```
/// use ndarray::array;
/// use scorematch::EnergyModel;
///
/// scorematch::energy! {
///     Bowl(x: [2]) { param k: [] = ones(); 0.5 * k * norm_sq(x) }
///     Valley(x: [2]) { param k: [] = ones(); 0.5 * k * sq(x[0]) }
/// }
///
/// let models: Vec<Box<dyn EnergyModel<f32>>> = vec![
///     Box::new(Bowl::<f32>::init(&mut rand::rng())),
///     Box::new(Valley::<f32>::init(&mut rand::rng())),
/// ];
/// let x = array![[3.0, 4.0]];
/// for model in &models {
///     println!("{}: {}", model.name(), model.energy(x.view())?);
/// }
/// assert_eq!(models[0].energy(x.view())?[0], 12.5);
/// assert_eq!(models[1].energy(x.view())?[0], 4.5);
/// # Ok::<(), scorematch::Error>(())
/// ```
///
/// A model that is not compiled may implement it too. A sample is a row `[D]`, the row-major flattening of
/// [`shape`](EnergyModel::shape).
pub trait EnergyModel<T: Real>: Debug + Send + Sync {
    /// The model's name.
    fn name(&self) -> &str;

    /// The shape of one sample.
    fn shape(&self) -> &[usize];

    /// Features of a sample, D: the product of the shape.
    fn dim(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether the energy is free of kinks, so that its Laplacian says all of its curvature.
    fn is_smooth(&self) -> bool;

    /// The energies E(x) of samples `[B, D]`: `[B]`, up to the constant ln Z.
    ///
    /// # Errors
    /// As [`Model::energy`].
    fn energy(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>>;

    /// The scores −∇ₓE of samples `[B, D]`: `[B, D]`.
    ///
    /// # Errors
    /// As [`Model::score`].
    fn score(&self, x: ArrayView2<'_, T>) -> Result<Array2<T>>;

    /// The exact Laplacians ΔE = tr ∇²ₓE of samples `[B, D]`: `[B]`.
    ///
    /// # Errors
    /// As [`Model::laplacian`].
    fn laplacian(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>>;

    /// The products ∇²ₓE·v of samples `[B, D]` and a vector for each, `[B, D]`: `[B, D]`.
    ///
    /// # Errors
    /// As [`Model::hvp`].
    fn hvp(&self, x: ArrayView2<'_, T>, v: ArrayView2<'_, T>) -> Result<Array2<T>>;

    /// Slopes v·∇ₓE and curvatures vᵀ∇²ₓE v of samples `[B, D]` along M directions for each: `[M, B]`.
    ///
    /// # Errors
    /// As [`Model::curvature`].
    fn curvature(
        &self,
        x: ArrayView2<'_, T>,
        directions: Projections<'_, T>,
    ) -> Result<Curvature<T>>;

    /// The parameters in order of declaration: the name of each and its values in the declared shape.
    fn parameters(&self) -> Box<dyn Iterator<Item = (&str, ArrayViewD<'_, T>)> + '_>;

    /// The parameters in order of declaration, to be changed.
    fn parameters_mut(&mut self) -> Box<dyn Iterator<Item = (&str, ArrayViewMutD<'_, T>)> + '_>;

    /// The parameter of that name.
    ///
    /// # Errors
    /// As [`Model::get`].
    fn get(&self, name: &str) -> Result<ArrayViewD<'_, T>>;

    /// Sets the parameter of that name.
    ///
    /// # Errors
    /// As [`Model::set`].
    fn set(&mut self, name: &str, values: ArrayViewD<'_, T>) -> Result<()>;
}

impl<S: Spec, T: Real> EnergyModel<T> for Model<S, T> {
    fn name(&self) -> &str {
        Model::name(self)
    }

    fn shape(&self) -> &[usize] {
        Model::shape(self)
    }

    fn is_smooth(&self) -> bool {
        Model::is_smooth(self)
    }

    fn energy(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        Model::energy(self, x)
    }

    fn score(&self, x: ArrayView2<'_, T>) -> Result<Array2<T>> {
        Model::score(self, x)
    }

    fn laplacian(&self, x: ArrayView2<'_, T>) -> Result<Array1<T>> {
        Model::laplacian(self, x)
    }

    fn hvp(&self, x: ArrayView2<'_, T>, v: ArrayView2<'_, T>) -> Result<Array2<T>> {
        Model::hvp(self, x, v)
    }

    fn curvature(
        &self,
        x: ArrayView2<'_, T>,
        directions: Projections<'_, T>,
    ) -> Result<Curvature<T>> {
        Model::curvature(self, x, directions)
    }

    #[expect(clippy::map_identity, reason = "shortens the lifetime of the names")]
    fn parameters(&self) -> Box<dyn Iterator<Item = (&str, ArrayViewD<'_, T>)> + '_> {
        Box::new(Model::parameters(self).map(|(name, values)| (name, values)))
    }

    #[expect(clippy::map_identity, reason = "shortens the lifetime of the names")]
    fn parameters_mut(&mut self) -> Box<dyn Iterator<Item = (&str, ArrayViewMutD<'_, T>)> + '_> {
        Box::new(Model::parameters_mut(self).map(|(name, values)| (name, values)))
    }

    fn get(&self, name: &str) -> Result<ArrayViewD<'_, T>> {
        Model::get(self, name)
    }

    fn set(&mut self, name: &str, values: ArrayViewD<'_, T>) -> Result<()> {
        Model::set(self, name, values)
    }
}
