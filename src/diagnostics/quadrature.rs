//! Gauss–Legendre quadrature: exact for polynomials of degree 2n − 1, and spectral for smooth
//! functions.

use std::f64::consts::PI;

/// The nodes and weights of n points on [−1, 1], by Newton's method on the Legendre polynomial from
/// its asymptotic roots.
pub(super) fn gauss_legendre(n: usize) -> (Vec<f64>, Vec<f64>) {
    let root = |i: usize| {
        let mut x = (PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let mut slope = 1.0;
        // Quadratic convergence from a start this near: five steps are more than enough.
        for _ in 0..8 {
            let value;
            (value, slope) = legendre(n, x);
            x -= value / slope;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(root).unzip()
}

/// Pₙ(x) and Pₙ′(x), by k·Pₖ = (2k − 1)x·Pₖ₋₁ − (k − 1)Pₖ₋₂ and (1 − x²)Pₙ′ = n(Pₙ₋₁ − x·Pₙ).
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (0.0, 1.0);
    for k in 1..=n {
        let k = k as f64;
        (before, value) = (
            value,
            ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k,
        );
    }
    (value, n as f64 * (before - x * value) / (1.0 - x * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_exact() {
        for n in [1, 2, 5, 64] {
            let (nodes, weights) = gauss_legendre(n);
            for degree in 0..(2 * n).min(40) as i32 {
                let found: f64 = nodes
                    .iter()
                    .zip(&weights)
                    .map(|(x, w)| w * x.powi(degree))
                    .sum();
                let expected = if degree % 2 == 0 {
                    2.0 / f64::from(degree + 1)
                } else {
                    0.0
                };
                assert!(
                    (found - expected).abs() < 1e-13,
                    "{n} points, degree {degree}: {found}"
                );
            }
        }
    }

    #[test]
    fn a_normal_density() {
        let (nodes, weights) = gauss_legendre(64);
        let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
        let mass: f64 = nodes
            .iter()
            .zip(&weights)
            .map(|(x, w)| 8.0 * w * density(8.0 * x))
            .sum();
        assert!((mass - 1.0).abs() < 1e-13, "{mass}");
    }
}
