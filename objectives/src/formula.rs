//! What the loss of one sample may be made of.
//!
//! A formula is affine in second derivatives and quadratic at most in directions: what the compiler can sum over a stream of
//! directions without keeping a value for each. It has the exact Laplacian or quantities along directions, not both: they
//! would be two streams.

/// The loss of one sample.
#[derive(Clone, Copy, Debug)]
pub enum Formula {
    /// E.
    Energy,
    /// ΔE, exact.
    Laplacian,
    /// ‖Σ c·u‖² over the features.
    SquaredNorm(&'static [(Coefficient, Vector)]),
    /// mean_m Σ c·q of quantities along M directions.
    MeanOverDirections(&'static [(f64, Along)]),
    /// c·f.
    Scaled(Coefficient, &'static Formula),
    /// f².
    Squared(&'static Formula),
    /// Σ f.
    Sum(&'static [Formula]),
}

/// A factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coefficient {
    /// This number.
    Number(f64),
    /// The noise level σ, known at run time.
    Sigma,
}

/// A vector over the features of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vector {
    /// ∇E, the negative score.
    Gradient,
    /// The noise ε, standard normal.
    Noise,
}

/// A quantity along a direction v with 𝔼\[v vᵀ\] = I.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// (v·∇E)².
    SlopeSquared,
    /// vᵀ∇²E v.
    Curvature,
}

impl Formula {
    /// Whether a part of the formula, itself included, is such.
    fn any(&self, is: &dyn Fn(&Formula) -> bool) -> bool {
        is(self)
            || match self {
                Formula::Scaled(_, f) | Formula::Squared(f) => f.any(is),
                Formula::Sum(terms) => terms.iter().any(|f| f.any(is)),
                Formula::Energy
                | Formula::Laplacian
                | Formula::SquaredNorm(_)
                | Formula::MeanOverDirections(_) => false,
            }
    }

    /// Whether it contains E itself.
    pub fn reads_energy(&self) -> bool {
        self.any(&|f| matches!(f, Formula::Energy))
    }

    /// Whether it contains ∇E in full.
    pub fn reads_gradient(&self) -> bool {
        self.reads_vector(Vector::Gradient)
    }

    /// Whether it contains ΔE.
    pub fn reads_laplacian(&self) -> bool {
        self.any(&|f| matches!(f, Formula::Laplacian))
    }

    /// Whether it contains curvatures along directions.
    pub fn reads_curvature(&self) -> bool {
        self.reads_along(|q| q == Along::Curvature)
    }

    /// Whether it contains anything along directions.
    pub fn reads_directions(&self) -> bool {
        self.reads_along(|_| true)
    }

    /// Whether it contains ε or σ.
    pub fn reads_noise(&self) -> bool {
        self.reads_vector(Vector::Noise)
            || self.any(&|f| match f {
                Formula::Scaled(c, _) => *c == Coefficient::Sigma,
                Formula::SquaredNorm(terms) => terms.iter().any(|(c, _)| *c == Coefficient::Sigma),
                Formula::Energy
                | Formula::Laplacian
                | Formula::MeanOverDirections(_)
                | Formula::Squared(_)
                | Formula::Sum(_) => false,
            })
    }

    fn reads_vector(&self, vector: Vector) -> bool {
        self.any(&|f| {
            matches!(f, Formula::SquaredNorm(terms) if terms.iter().any(|(_, u)| *u == vector))
        })
    }

    fn reads_along(&self, is: fn(Along) -> bool) -> bool {
        self.any(&|f| {
            matches!(f, Formula::MeanOverDirections(terms) if terms.iter().any(|(_, q)| is(*q)))
        })
    }
}
