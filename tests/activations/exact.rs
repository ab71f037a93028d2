//! Activations and their first three derivatives in double precision, in forms that lose no digits in the tails.

/// (σ(x), σ(−x)), each to rounding.
fn gates(x: f64) -> (f64, f64) {
    let e = (-x.abs()).exp();
    let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
    if x < 0.0 {
        (small, large)
    } else {
        (large, small)
    }
}

/// 1 / cosh² x.
fn square_of_sech(x: f64) -> f64 {
    let (s, t) = gates(2.0 * x);
    4.0 * s * t
}

/// x σ(x).
pub(super) fn silu(x: f64) -> [f64; 4] {
    let (s, t) = gates(x);
    let (slope, odd) = (s * t, (0.5 * x).tanh());
    // Where the slope is 0, x may be so large that its product with anything is not.
    [
        x * s,
        s + x * s * t,
        slope * (2.0 + x * -odd),
        slope * (3.0 * -odd + x * (1.0 - 6.0 * slope)),
    ]
}

/// x σ(c x) for the single-precision number next to 1.702.
pub(super) fn act(x: f64) -> [f64; 4] {
    let c = f64::from(1.702f32);
    let [value, first, second, third] = silu(c * x);
    [value / c, first, c * second, c * c * third]
}

/// x Φ(x).
pub(super) fn gelu(x: f64) -> [f64; 4] {
    let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let below = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let near = if density == 0.0 { 0.0 } else { x };
    [
        x * below,
        below + near * density,
        density * (2.0 - near * near),
        density * near * (near * near - 4.0),
    ]
}

/// tanh x.
pub(super) fn tanh(x: f64) -> [f64; 4] {
    let (t, slope) = (x.tanh(), square_of_sech(x));
    [t, slope, -2.0 * t * slope, slope * (6.0 * t * t - 2.0)]
}

/// 1 / (1 + e⁻ˣ).
pub(super) fn sigmoid(x: f64) -> [f64; 4] {
    let (s, t) = gates(x);
    [
        s,
        s * t,
        s * t * -(0.5 * x).tanh(),
        s * t * (1.0 - 6.0 * s * t),
    ]
}

/// ln(1 + eˣ).
pub(super) fn softplus(x: f64) -> [f64; 4] {
    let [s, first, second, _] = sigmoid(x);
    [x.max(0.0) + (-x.abs()).exp().ln_1p(), s, first, second]
}

/// ln cosh x.
pub(super) fn logcosh(x: f64) -> [f64; 4] {
    let value = if x.abs() < 1.0 {
        0.5 * (x.sinh() * x.sinh()).ln_1p()
    } else {
        x.abs() + (-2.0 * x.abs()).exp().ln_1p() - std::f64::consts::LN_2
    };
    let [t, first, second, _] = tanh(x);
    [value, t, first, second]
}

/// sin x.
pub(super) fn sin(x: f64) -> [f64; 4] {
    let (sin, cos) = x.sin_cos();
    [sin, cos, -sin, -cos]
}

/// 2/√π ∫₀ˣ e^(−t²) dt.
pub(super) fn erf(x: f64) -> [f64; 4] {
    let first = std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp();
    let near = if first == 0.0 { 0.0 } else { x };
    [
        libm::erf(x),
        first,
        -2.0 * near * first,
        first * (4.0 * near * near - 2.0),
    ]
}

/// 1/(1 + x²), written so that no power overflows.
pub(super) fn cauchy(x: f64) -> [f64; 4] {
    let r = 1.0 / (1.0 + x * x);
    // x²/(1 + x²) and x/(1 + x²).
    let (square, once) = (1.0 - r, x * r);
    [
        r,
        -2.0 * once * r,
        (6.0 * square - 2.0 * r) * r * r,
        24.0 * once * r * (r - square) * r,
    ]
}
