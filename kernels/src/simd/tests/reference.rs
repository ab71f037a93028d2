//! The elementary functions in double-double arithmetic (Dekker 1971), some 100 bits: slow, for tests alone.

use std::f64::consts::{FRAC_2_PI, LN_2};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// An unevaluated sum, the second part at most half an ulp of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Double(pub(super) f64, pub(super) f64);

const ONE: Double = Double(1.0, 0.0);
const LN_TWO: Double = Double(LN_2, 2.319_046_813_846_299_6e-17);
const HALF_PI: Double = Double(std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17);
const TWO_BY_ROOT_PI: Double = Double(
    std::f64::consts::FRAC_2_SQRT_PI,
    1.533_545_961_316_582_2e-17,
);

fn two_sum(a: f64, b: f64) -> Double {
    let sum = a + b;
    let other = sum - a;
    Double(sum, (a - (sum - other)) + (b - other))
}

impl Double {
    fn scale(self, factor: f64) -> Self {
        Double(self.0 * factor, self.1 * factor)
    }

    /// eˣ by its series, after ln 2 has been taken out and nine halvings.
    fn exp(self) -> Self {
        let n = (self.0 / LN_2).round();
        let r = (self - LN_TWO * Double(n, 0.0)).scale(1.0 / 512.0);
        let mut term = r;
        let mut less_one = r;
        for i in 2..14 {
            term = term * r / Double(f64::from(i), 0.0);
            less_one = less_one + term;
        }
        for _ in 0..9 {
            less_one = less_one.scale(2.0) + less_one * less_one;
        }
        // In two steps, as 2ⁿ alone may be no number.
        let half = (n / 2.0).trunc() as i32;
        (less_one + ONE)
            .scale(2f64.powi(half))
            .scale(2f64.powi(n as i32 - half))
    }

    /// ln x by one step of Newton's method from double precision.
    fn ln(self) -> Self {
        let y = Double(self.0.ln(), 0.0);
        y + (self * (-y).exp() - ONE)
    }

    /// (sin, cos) by their series.
    fn sin_cos(self) -> (Self, Self) {
        let n = (self.0 * FRAC_2_PI).round();
        let r = self - HALF_PI * Double(n, 0.0);
        let (mut sin, mut cos) = (r, ONE);
        let mut term = r;
        for i in 2..30 {
            term = term * r / Double(f64::from(i), 0.0);
            match i % 4 {
                0 => cos = cos + term,
                1 => sin = sin + term,
                2 => cos = cos - term,
                _ => sin = sin - term,
            }
        }
        match n.rem_euclid(4.0) as u8 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        }
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = two_sum(self.0, other.0);
        let low = two_sum(self.1, other.1);
        let sum = two_sum(high.0, high.1 + low.0);
        two_sum(sum.0, sum.1 + low.1)
    }
}

impl Sub for Double {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Double {
    type Output = Self;
    fn neg(self) -> Self {
        Double(-self.0, -self.1)
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let rest = self.0.mul_add(other.0, -product) + (self.0 * other.1 + self.1 * other.0);
        two_sum(product, rest)
    }
}

impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * Double(first, 0.0);
        let second = rest.0 / other.0;
        let rest = rest - other * Double(second, 0.0);
        two_sum(first, second) + Double(rest.0 / other.0, 0.0)
    }
}

/// eˣ.
pub(super) fn exp(x: f64) -> Double {
    Double(x, 0.0).exp()
}

/// ln x.
pub(super) fn ln(x: f64) -> Double {
    Double(x, 0.0).ln()
}

/// ln(1 + x) for |x| that 1 + x holds in two parts.
pub(super) fn ln_1p(x: f64) -> Double {
    two_sum(1.0, x).ln()
}

/// tanh x.
pub(super) fn tanh(x: f64) -> Double {
    let e = exp(2.0 * x);
    (e - ONE) / (e + ONE)
}

/// 1 / (1 + e⁻ˣ).
pub(super) fn sigmoid(x: f64) -> Double {
    let e = exp(-x.abs());
    if x < 0.0 {
        e / (ONE + e)
    } else {
        ONE / (ONE + e)
    }
}

/// 1 / cosh² x.
pub(super) fn tanh_slope(x: f64) -> Double {
    let e = exp(-2.0 * x.abs());
    let d = ONE + e;
    e.scale(4.0) / (d * d)
}

/// σ(−|x|) with the sign of x.
pub(super) fn gate(x: f64) -> Double {
    sigmoid(-x.abs()).scale(1f64.copysign(x))
}

/// tanh(softplus(x)).
pub(super) fn mish_gate(x: f64) -> Double {
    let (above, below) = (sigmoid(x), sigmoid(-x));
    above * (ONE + below) / (ONE + below * below)
}

/// e^(−x²).
pub(super) fn gauss(x: f64) -> Double {
    let x = Double(x, 0.0);
    (-(x * x)).exp()
}

/// e^(−x²/2).
pub(super) fn half_gauss(x: f64) -> Double {
    let x = Double(x, 0.0);
    (-(x * x).scale(0.5)).exp()
}

/// Φ(x) = ½ + e^(−x²/2)/√(2π) Σ x^(2n+1) / (2n+1)!!.
pub(super) fn normal_cdf(x: f64) -> Double {
    const ROOT_HALF: Double = Double(std::f64::consts::FRAC_1_SQRT_2, -4.833_646_656_726_457e-17);
    let density = half_gauss(x) * TWO_BY_ROOT_PI * ROOT_HALF.scale(0.5);
    let x = Double(x, 0.0);
    let square = x * x;
    let (mut term, mut sum) = (x, x);
    for n in 1..300 {
        term = term * square / Double(f64::from(2 * n + 1), 0.0);
        sum = sum + term;
    }
    Double(0.5, 0.0) + density * sum
}

/// ln(1 + eˣ).
pub(super) fn softplus(x: f64) -> Double {
    let e = exp(-x.abs());
    let tail = if e.0 < 1e-30 { e } else { (ONE + e).ln() };
    Double(x.max(0.0), 0.0) + tail
}

/// ln cosh x.
pub(super) fn logcosh(x: f64) -> Double {
    softplus(-2.0 * x.abs()) + Double(x.abs(), 0.0) - LN_TWO
}

/// sin x.
pub(super) fn sin(x: f64) -> Double {
    Double(x, 0.0).sin_cos().0
}

/// cos x.
pub(super) fn cos(x: f64) -> Double {
    Double(x, 0.0).sin_cos().1
}

/// erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, a sum of positive terms.
pub(super) fn erf(x: f64) -> Double {
    let x = Double(x.clamp(-7.0, 7.0), 0.0);
    let square = x * x;
    let (mut term, mut sum) = (x, x);
    for n in 1..300 {
        term = term * square.scale(2.0) / Double(f64::from(2 * n + 1), 0.0);
        sum = sum + term;
    }
    TWO_BY_ROOT_PI * (-square).exp() * sum
}

/// xᵖ for x > 0.
pub(super) fn powf(x: f64, p: f64) -> Double {
    (ln(x) * Double(p, 0.0)).exp()
}
