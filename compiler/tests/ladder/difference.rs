//! Central finite differences that say how wrong they may be.
//!
//! With D(h) = (f(h) − f(−h)) / 2h = f′ + h²f‴/6 + O(h⁴), Richardson's (4 D(h) − D(2h)) / 3 is right to O(h⁴), and
//! |D(2h) − D(h)| = h²|f‴|/2 is more than all of D(h)'s error: a bound for the extrapolated value that knows how curved
//! this energy is at this point, where a fixed tolerance would have to know the worst.

/// h. Truncation is judged by the bound above; rounding is ε|f|/h ≈ 2e-12 |f|.
const STEP: f64 = 1e-4;

/// What rounding may leave, relative to the size of f: ε/h with room for a hundred operations.
const ROUNDING: f64 = 1e-9;

/// A derivative with its bound.
pub(crate) struct Difference {
    pub(crate) value: Vec<f64>,
    pub(crate) bound: Vec<f64>,
}

/// The derivative of f at 0, entry by entry.
pub(crate) fn difference(f: &dyn Fn(f64) -> Vec<f64>) -> Difference {
    let at = [STEP, -STEP, 2.0 * STEP, -2.0 * STEP].map(f);
    let size = at.iter().flatten().fold(1.0f64, |m, x| m.max(x.abs()));
    let entries = 0..at[0].len();
    let (value, bound) = entries
        .map(|i| {
            let near = (at[0][i] - at[1][i]) / (2.0 * STEP);
            let far = (at[2][i] - at[3][i]) / (4.0 * STEP);
            (
                (4.0 * near - far) / 3.0,
                (far - near).abs() + ROUNDING * size,
            )
        })
        .unzip();
    Difference { value, bound }
}

/// A derivative against its difference. A bound as wide as the derivative would let anything pass: it must be small
/// against the derivative or against 1, the size of the energies that are compared.
pub(crate) fn close(what: &str, got: &[f64], want: &Difference) {
    assert_eq!(got.len(), want.value.len(), "{what}");
    let largest = want.value.iter().fold(1.0f64, |m, x| m.max(x.abs()));
    for (i, ((g, w), bound)) in got.iter().zip(&want.value).zip(&want.bound).enumerate() {
        assert!(
            *bound < 1e-3 * largest,
            "{what} [{i}]: the difference {w} is only good to {bound}"
        );
        assert!(
            (g - w).abs() <= *bound,
            "{what} [{i}]: {g} against {w} ± {bound}"
        );
    }
}
