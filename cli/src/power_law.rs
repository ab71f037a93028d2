//! Power laws y ∝ xᵃ fitted to measurements.

/// The exponent a of least squares in log x and log y; all numbers must be positive.
pub(crate) fn exponent(points: impl Iterator<Item = (f64, f64)>) -> f64 {
    let logs: Vec<(f64, f64)> = points.map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let covariance: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let variance: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    covariance / variance
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_exponent_of_a_power_law_is_found() {
        let points = [1.0f64, 3.0, 10.0, 40.0].map(|x| (x, 2.5 * x.powf(-0.75)));
        assert!((super::exponent(points.into_iter()) + 0.75).abs() < 1e-12);
    }
}
