//! Quantiles of samples.

/// A quantile of sorted values, of which there is at least one: linear between the two at either side of it.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let rest = place - below as f64;
    // Not a product alone: values far apart do not overflow.
    sorted[below] * (1.0 - rest) + sorted[above] * rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_values() {
        let sorted = [0.0, 1.0, 2.0, 10.0];
        let found = [0.0, 0.5, 1.0].map(|part| quantile(&sorted, part));
        assert_eq!(found, [0.0, 1.5, 10.0]);
        assert_eq!(quantile(&[4.0], 0.3), 4.0);
    }
}
