//! Functions of the normal distribution for single values, in double precision.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// e^(−c u²) for c = 1 or ½. The rounding error of u² is added to the exponent, where it would be an error of u² ulp.
pub(in super::super) fn gauss(u: f64, c: f64) -> f64 {
    let square = u * u;
    if square > 2000.0 {
        return 0.0;
    }
    let lost = u.mul_add(u, -square);
    (-c * square).exp() * (1.0 - c * lost)
}

/// Φ(u) = ½ erfc(x), x = −u/√2 in two parts.
pub(in super::super) fn normal_cdf(u: f64) -> f64 {
    const REST: f64 = -4.833_646_656_726_457e-17;
    let u = u.clamp(-40.0, 40.0);
    let x = -u * FRAC_1_SQRT_2;
    let rest = (-u).mul_add(FRAC_1_SQRT_2, -x) - u * REST;
    0.5 * (libm::erfc(x) - FRAC_2_SQRT_PI * gauss(x, 1.0) * rest)
}
