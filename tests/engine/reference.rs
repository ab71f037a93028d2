//! The same energy as `wave`, sample by sample in plain loops: what the engine must agree with.

use ndarray::{Array1, Array2, Array3, ArrayView1, Axis};

/// Parameters of a wave model in double precision, in the order of its buffer.
#[derive(Clone)]
pub(crate) struct Reference {
    pub(crate) params: Vec<f64>,
    pub(crate) dim: usize,
    pub(crate) units: usize,
}

/// A loss with its random vectors spelt out.
pub(crate) enum Loss {
    Esm,
    Ssm(Array3<f64>),
    SsmVr(Array3<f64>),
    Dsm(f64, Array2<f64>),
}

impl Reference {
    fn w(&self, h: usize) -> ArrayView1<'_, f64> {
        ArrayView1::from(&self.params[1 + h * self.dim..][..self.dim])
    }

    fn a(&self, h: usize) -> f64 {
        self.params[1 + self.units * (self.dim + 1) + h]
    }

    fn z(&self, h: usize, x: ArrayView1<'_, f64>) -> f64 {
        self.w(h).dot(&x) + self.params[1 + self.units * self.dim + h]
    }

    pub(crate) fn energy(&self, x: ArrayView1<'_, f64>) -> f64 {
        let waves: f64 = (0..self.units)
            .map(|h| self.a(h) * self.z(h, x).sin())
            .sum();
        0.5 * self.params[0] * x.dot(&x) + waves
    }

    pub(crate) fn gradient(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        (0..self.units).fold(&x * self.params[0], |sum, h| {
            sum + &self.w(h) * (self.a(h) * self.z(h, x).cos())
        })
    }

    pub(crate) fn hvp(&self, x: ArrayView1<'_, f64>, v: ArrayView1<'_, f64>) -> Array1<f64> {
        (0..self.units).fold(&v * self.params[0], |sum, h| {
            let w = self.w(h);
            sum - &w * (self.a(h) * self.z(h, x).sin() * w.dot(&v))
        })
    }

    /// tr ∇²E = kD − Σ_h a_h sin z_h ‖w_h‖²
    fn trace(&self, x: ArrayView1<'_, f64>) -> f64 {
        let unit = |h| self.a(h) * self.z(h, x).sin() * self.w(h).dot(&self.w(h));
        self.params[0] * self.dim as f64 - (0..self.units).map(unit).sum::<f64>()
    }

    /// tr ∇²E, a column of the Hessian at a time.
    pub(crate) fn laplacian(&self, x: ArrayView1<'_, f64>) -> f64 {
        (0..self.dim)
            .map(|i| {
                let mut axis = Array1::zeros(self.dim);
                axis[i] = 1.0;
                self.hvp(x, axis.view())[i]
            })
            .sum()
    }

    pub(crate) fn loss(&self, x: &Array2<f64>, loss: &Loss) -> f64 {
        let mut sum = 0.0;
        for (b, x) in x.axis_iter(Axis(0)).enumerate() {
            let gradient = self.gradient(x);
            let along = |directions: &Array3<f64>, f: &dyn Fn(ArrayView1<'_, f64>) -> f64| {
                let sum: f64 = directions.axis_iter(Axis(0)).map(|v| f(v.row(b))).sum();
                sum / directions.len_of(Axis(0)) as f64
            };
            let curvature = |v: ArrayView1<'_, f64>| v.dot(&self.hvp(x, v));
            sum += match loss {
                Loss::Esm => 0.5 * gradient.dot(&gradient) - self.trace(x),
                Loss::Ssm(v) => along(v, &|v| 0.5 * v.dot(&gradient).powi(2) - curvature(v)),
                Loss::SsmVr(v) => 0.5 * gradient.dot(&gradient) - along(v, &curvature),
                Loss::Dsm(sigma, noise) => {
                    let seen = &x + &(&noise.row(b) * *sigma);
                    let miss = self.gradient(seen.view()) * *sigma - noise.row(b);
                    0.5 * miss.dot(&miss)
                }
            };
        }
        sum / x.nrows() as f64
    }

    /// The derivative of the loss along a direction of the parameters, by central differences.
    pub(crate) fn slope<'a>(
        &self,
        x: &Array2<f64>,
        loss: &Loss,
        direction: impl Iterator<Item = &'a f64> + Clone,
    ) -> f64 {
        let step = 1e-5;
        let shifted = |step: f64| {
            let params = self
                .params
                .iter()
                .zip(direction.clone())
                .map(|(p, d)| p + step * d)
                .collect();
            Reference {
                params,
                ..self.clone()
            }
            .loss(x, loss)
        };
        (shifted(step) - shifted(-step)) / (2.0 * step)
    }
}
