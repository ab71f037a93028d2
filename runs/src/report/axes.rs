//! Ranges of vertical axes: values in the order of a run in, the least and greatest value shown out.

use crate::plot::Scale;
use crate::statistics::quantile::quantile;

/// How much of the height the last half of a curve gets at least: one part of so many. What lies higher is cut off.
const PARTS: f64 = 12.0;
/// The least number on a log axis, as a part of the greatest.
const DECADES: f64 = 1e-15;

/// The last half of a curve.
pub(super) fn late(values: &[f64]) -> &[f64] {
    &values[values.len() / 2..]
}

/// An axis without the first fall from far above, and without single values far below. `None` if no value is finite.
pub(super) fn bulk(values: &[f64]) -> Option<[f64; 2]> {
    let sorted = |values: &[f64]| {
        let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        finite
    };
    let (all, late) = (sorted(values), sorted(late(values)));
    let greatest = *all.last()?;
    let low = quantile(&all, 0.01);
    let settled = quantile(if late.is_empty() { &all } else { &late }, 0.95).max(low);
    let high = (low + PARTS * (settled - low)).clamp(settled, greatest.max(settled));
    let margin = match 0.06 * (high - low) {
        margin if margin > 1e-9 * low.abs().max(high.abs()) => margin,
        _ => 0.5 * low.abs().max(1e-3),
    };
    let range = [low - margin, high + margin];
    (range[0].is_finite() && range[1].is_finite()).then_some(range)
}

/// An axis from 0 to above the greatest value.
pub(super) fn from_zero(values: &[f64]) -> Option<(Scale, [f64; 2])> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let end = 1.08 * finite.fold(0.0, f64::max);
    (end > 0.0 && end.is_finite()).then_some((Scale::Linear, [0.0, end]))
}

/// A log axis, if the positive values fill it; of fifteen decades at most.
pub(super) fn ratios(values: &[f64]) -> Option<(Scale, [f64; 2])> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let positive = finite.filter(|value| *value > 0.0);
    let greatest = positive.clone().fold(0.0, f64::max);
    let least = positive
        .fold(f64::INFINITY, f64::min)
        .max(DECADES * greatest);
    let range = [0.8 * least, 1.25 * greatest];
    match greatest > 10.0 * least && range[0] > 0.0 && range[1].is_finite() {
        true => Some((Scale::Log, range)),
        false => from_zero(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fall_does_not_flatten_the_rest() {
        let falls = (0..100).map(f64::from);
        let steep: Vec<f64> = falls.map(|k| 1e6 * (-k).exp() - 1.0 - 0.001 * k).collect();
        let [low, high] = bulk(&steep).unwrap();
        assert!(low < -1.09 && high < 0.0, "{low} {high}");
        // A fall of the size of the rest stays.
        let even: Vec<f64> = (0..100).map(|k| -f64::from(k)).collect();
        assert!(bulk(&even).unwrap()[1] > 0.0);
    }

    #[test]
    fn an_axis_is_never_empty() {
        for values in [&[2.0][..], &[0.0], &[-3.0; 5], &[1e300, -1e300, f64::NAN]] {
            let [low, high] = bulk(values).unwrap();
            assert!(low < high, "{values:?}");
        }
        assert_eq!(bulk(&[]), None);
        assert_eq!(bulk(&[f64::NAN, f64::INFINITY]), None);
    }

    #[test]
    fn an_axis_of_ratios_needs_ratios() {
        assert!(matches!(ratios(&[1.0, 20.0, 0.0]), Some((Scale::Log, [low, _])) if low > 0.0));
        assert!(matches!(
            ratios(&[1.0, 2.0]),
            Some((Scale::Linear, [0.0, _]))
        ));
        assert!(ratios(&[0.0, -1.0, f64::NAN]).is_none());
        assert!(ratios(&[f64::MAX, 1.0]).is_none());
        assert!(matches!(ratios(&[1e-200, 1.0]), Some((_, [low, _])) if low > 1e-16));
    }
}
