//! Round places on an axis and their labels.

/// At most `most` round numbers inside a range: multiples of 1, 2 or 5 times a power of ten, rising, with labels that
/// tell them apart. None if the range is empty or too narrow for its distance from 0.
pub(super) fn ticks([low, high]: [f64; 2], most: usize) -> Vec<(f64, String)> {
    let width = high - low;
    let magnitude = low.abs().max(high.abs());
    if !width.is_finite() || width <= 1e-12 * magnitude || most == 0 {
        return Vec::new();
    }
    let power = 10f64.powf((width / most as f64).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0].map(|factor| factor * power);
    let multiples = |step: f64| {
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        (last - first + 1.0, first)
    };
    let fits = |step: &f64| multiples(*step).0 <= most as f64;
    let Some(step) = steps.into_iter().find(fits) else {
        return Vec::new();
    };
    let (count, first) = multiples(step);
    (0..count as u64)
        .map(|k| (first + k as f64) * step)
        .map(|value| (value, label(value, step)))
        .collect()
}

/// As many digits as a multiple of `step` needs.
fn label(value: f64, step: f64) -> String {
    let decimals = -step.log10().floor();
    if value == 0.0 {
        "0".into()
    } else if value.abs() < 1e6 && decimals <= 4.0 {
        format!("{value:.*}", decimals.max(0.0) as usize)
    } else {
        let digits = value.abs().log10().floor() + decimals;
        format!("{value:.*e}", digits.clamp(0.0, 12.0) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: [f64; 2], most: usize) -> Vec<String> {
        ticks(range, most).into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn places_are_round_and_told_apart() {
        assert_eq!(labels([-0.13, 1.02], 4), ["0", "0.5", "1.0"]);
        assert_eq!(labels([43.0, 96.0], 4), ["60", "80"]);
        assert_eq!(
            labels([100_000.2, 100_000.9], 4),
            ["100000.2", "100000.4", "100000.6", "100000.8"]
        );
        assert_eq!(labels([0.0, 3.1e-7], 4), ["0", "1e-7", "2e-7", "3e-7"]);
        assert_eq!(labels([2.1e9, 2.6e9], 3), ["2.2e9", "2.4e9", "2.6e9"]);
    }

    #[test]
    fn what_has_no_width_has_no_ticks() {
        for range in [[1.0, 1.0], [2.0, 1.0], [0.0, f64::NAN], [1e15, 1e15 + 0.5]] {
            assert_eq!(labels(range, 4), [""; 0]);
        }
    }
}
