//! The vector: what generic code may do with a few lanes of one type.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::real::Real;
use super::sealed::Sealed;
use crate::panel::{Gemm, RankKUpdate, SignLookup};

/// A vector of [`LANES`](Vector::LANES) scalars, held in registers.
///
/// Sealed: kernels trust the constants of an implementation, and that its values exist only where its instructions do.
///
/// The elementary functions hold for every argument, specials included, and a lane's result depends on that lane alone.
/// The errors beside them are the largest that the tests of this module find in any instruction set and type over the
/// whole range, rounded up, in units in the last place (ulp).
///
/// Activations and their derivatives are formulas of these functions, some of which cancel. In single precision emitted
/// code has at most these errors, in ε = 2⁻²³ of the greatest |φ⁽ᵏ⁾| (`tests/activations`, which also has ulp):
///
/// | φ | φ | φ′ | φ″ | φ‴ |
/// | --- | --- | --- | --- | --- |
/// | `silu(z)`, `z * sigmoid(1.702 * z)` | 1 | 1 | 1.5 | 3 |
/// | `gelu(z)` | 1 | 1.5 | 1 | 2 |
/// | `tanh(z)` | 1.5 | 1.5 | 3.5 | 2.5 |
/// | `sigmoid(z)` | 1 | 1 | 3 | 2.5 |
/// | `softplus(z)` | 1 | 1 | 1 | 3 |
/// | `logcosh(z)` | 1 | 1.5 | 1.5 | 3.5 |
/// | `sin(z)` | 1 | 1 | 1 | 1 |
/// | `erf(z)` | 1 | 1.5 | 1.5 | 1.5 |
///
/// φ that grows for ever is measured by itself there. Beyond |z| of 10³⁷ a third derivative of `silu`, and any derivative of
/// z·σ(1.702 z), may not be finite.
pub trait Vector:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Sealed
{
    /// The type of a lane.
    type Scalar: Real;

    /// The vector that emitted programs are compiled with for this instruction set. The portable baseline has row
    /// vectors here, whose operations are calls: inlined arrays or scalars made half of a model's build time, for code
    /// that machines with a better instruction set never run.
    type Program: Vector<Scalar = Self::Scalar>;

    /// Lanes of a vector.
    const LANES: usize;

    /// Vectors in a row of 16 samples.
    const PER_ROW: usize = 16 / Self::LANES;

    /// Whether losses copy transposes of matrices with long rows once a step. Measured: a step gains some 5 % by it in AVX2. In
    /// AVX-512 products read W and Wᵀ alike, and on two threads it loses as much, presumably to lines that change cores.
    #[doc(hidden)]
    const READS_TRANSPOSES: bool = true;

    /// The kernels of sign lookup, for instruction sets that look up tables in a register.
    #[doc(hidden)]
    const SIGN_LOOKUP: Option<SignLookup<Self::Scalar>> = None;

    /// `x` in every lane.
    fn splat(x: Self::Scalar) -> Self;

    /// The nearest scalar to `x` in every lane.
    #[inline(always)]
    fn constant(x: f64) -> Self {
        Self::splat(Self::Scalar::of(x))
    }

    /// The `i`-th vector of a row, `i < PER_ROW`.
    #[inline(always)]
    fn load(row: &[Self::Scalar; 16], i: usize) -> Self {
        assert!(i < Self::PER_ROW);
        // SAFETY: PER_ROW vectors of LANES scalars fill the row.
        unsafe { Self::read(row.as_ptr().add(i * Self::LANES)) }
    }

    /// Writes the `i`-th vector of a row, `i < PER_ROW`.
    #[inline(always)]
    fn store(self, row: &mut [Self::Scalar; 16], i: usize) {
        assert!(i < Self::PER_ROW);
        // SAFETY: PER_ROW vectors of LANES scalars fill the row.
        unsafe { self.write(row.as_mut_ptr().add(i * Self::LANES)) }
    }

    /// The vector at `lanes`, at any alignment of the scalar.
    ///
    /// # Safety
    /// `lanes` points to LANES readable scalars.
    #[doc(hidden)]
    unsafe fn read(lanes: *const Self::Scalar) -> Self;

    /// Writes the vector to `lanes`, at any alignment of the scalar.
    ///
    /// # Safety
    /// `lanes` points to LANES writable scalars.
    #[doc(hidden)]
    unsafe fn write(self, lanes: *mut Self::Scalar);

    /// `self · b + c`, rounded once where the instruction set has the instruction, else twice.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// The lesser; NaN if either is.
    fn min(self, other: Self) -> Self;

    /// The greater; NaN if either is.
    fn max(self, other: Self) -> Self;

    /// |self|.
    fn abs(self) -> Self;

    /// √self, correctly rounded.
    fn sqrt(self) -> Self;

    /// 1 / self, correctly rounded.
    #[inline(always)]
    fn recip(self) -> Self {
        Self::constant(1.0) / self
    }

    /// The sum of the lanes, in an order fixed by the instruction set.
    fn sum(self) -> Self::Scalar;

    /// The sum of each of LANES vectors, in an order fixed by the instruction set.
    #[inline(always)]
    fn sums(vectors: &[Self]) -> Self {
        let mut sums = [Self::Scalar::default(); 16];
        for (sum, vector) in sums.iter_mut().zip(&vectors[..Self::LANES]) {
            *sum = vector.sum();
        }
        Self::load(&sums, 0)
    }

    /// 1 where `self > 0`, else 0.
    fn step(self) -> Self;

    /// 1 where `self > 0`, −1 where `self < 0`, else 0.
    fn sign(self) -> Self;

    /// eˣ; 1 ulp.
    fn exp(self) -> Self;

    /// ln x; 1 ulp.
    fn ln(self) -> Self;

    /// ln(1 + x), without cancellation near 0; 1 ulp.
    fn ln_1p(self) -> Self;

    /// tanh x, without cancellation near 0; 2.5 ulp.
    fn tanh(self) -> Self;

    /// 1 / cosh² x, 0 where e^(−2|x|) is subnormal; 5 ulp.
    fn tanh_slope(self) -> Self;

    /// σ(x) = 1 / (1 + e⁻ˣ), 0 where that is subnormal; 2.5 ulp.
    fn sigmoid(self) -> Self;

    /// σ(−|x|) with the sign of x, 0 with that sign where it is subnormal; 2.5 ulp. Every function of a sigmoid follows from
    /// this *gate* without cancellation.
    fn gate(self) -> Self;

    /// σ(x) of the gate of x, exact but for one rounding.
    fn gate_sigmoid(self) -> Self;

    /// σ(x)·σ(−x) of the gate of x, exact but for two roundings.
    #[inline(always)]
    fn gate_slope(self) -> Self {
        (-self).mul_add(self, self.abs())
    }

    /// tanh(softplus(x)), 0 where eˣ is subnormal; 6 ulp.
    #[inline(always)]
    fn mish_gate(self) -> Self {
        let (gate, one) = (self.gate(), Self::constant(1.0));
        let below = (-gate).gate_sigmoid();
        gate.gate_sigmoid() * (one + below) / below.mul_add(below, one)
    }

    /// ln(1 + eˣ), 0 where that is subnormal; 2.5 ulp.
    fn softplus(self) -> Self;

    /// ln cosh x = |x| + ln(1 + e^(−2|x|)) − ln 2, without cancellation near 0; 5 ulp.
    fn logcosh(self) -> Self;

    /// sin x; 2.5 ulp, the same through zeros of the function up to |x| of 12 000 (f32) or a million (f64),
    /// beyond by the standard library, lane by lane.
    fn sin(self) -> Self;

    /// cos x; as [`sin`](Vector::sin).
    fn cos(self) -> Self;

    /// erf x = 2/√π ∫₀ˣ e^(−t²) dt; 2 ulp.
    fn erf(self) -> Self;

    /// Φ(x) = ½ (1 + erf(x/√2)), 0 where e^(−x²/2) is subnormal; 6.5 ulp.
    fn normal_cdf(self) -> Self;

    /// e^(−x²), 0 where that is subnormal; 1.5 ulp.
    fn gauss(self) -> Self;

    /// e^(−x²/2), 0 where that is subnormal; 1.5 ulp.
    fn half_gauss(self) -> Self;

    /// xⁿ by repeated squaring, 1 / x^|n| for n < 0; |n|/2 ulp.
    fn powi(self, n: i32) -> Self;

    /// xᵖ, with `p` rounded to the type; NaN for x < 0 unless `p` is an integer; 1.5 ulp.
    fn powf(self, p: f64) -> Self;

    /// to\[j\]\[i\] = from\[i\]\[j\] for LANES × LANES scalars, with strides between rows.
    ///
    /// # Safety
    /// LANES scalars at each of the LANES rows can be read through `from` and written through `to`.
    #[doc(hidden)]
    #[inline(always)]
    unsafe fn transpose(
        from: *const Self::Scalar,
        from_row: usize,
        to: *mut Self::Scalar,
        to_row: usize,
    ) {
        for i in 0..Self::LANES {
            for j in 0..Self::LANES {
                // SAFETY: the caller's promise.
                unsafe { *to.add(j * to_row + i) = *from.add(i * from_row + j) };
            }
        }
    }

    /// Outlines `f(argument)`: calls it in a function of its own, compiled for this instruction set. A program of many
    /// steps becomes many small functions, because the optimiser's time grows faster than a function's size. `f` must
    /// be a closure that is `#[inline(always)]`: code that is not inlined here is compiled without the instructions of
    /// the set, and calls them.
    #[doc(hidden)]
    fn outline<A>(f: impl Fn(A), argument: A);

    /// [`crate::panel::gemm`], compiled once for this instruction set.
    #[doc(hidden)]
    fn gemm(task: Gemm<'_, Self::Scalar>);

    /// [`crate::panel::rank_k_update`], compiled once for this instruction set.
    #[doc(hidden)]
    fn rank_k_update(task: RankKUpdate<'_, Self::Scalar>);
}

/// The bit patterns of lanes: what the elementary functions are made of.
///
/// A mask is a vector whose lanes are all ones (true) or all zeros (false); comparisons with NaN are false.
pub(crate) trait Bits: Vector {
    /// The low bits of `bits` in every lane, as a pattern.
    fn from_bits(bits: u64) -> Self;

    /// Mask of `self < other`.
    fn less(self, other: Self) -> Self;

    /// Mask of `self == other`.
    fn equal(self, other: Self) -> Self;

    /// Where the mask `self` is true `yes`, else `no`.
    fn select(self, yes: Self, no: Self) -> Self;

    /// Whether any lane of the mask `self` is true.
    fn any(self) -> bool;

    /// The greater; NaN where `self` is; `bound` is not NaN.
    fn at_least(self, bound: Self) -> Self;

    /// The lesser; NaN where `self` is; `bound` is not NaN.
    fn at_most(self, bound: Self) -> Self;

    /// Bitwise and.
    fn and(self, other: Self) -> Self;

    /// Bitwise or.
    fn or(self, other: Self) -> Self;

    /// Bitwise exclusive or.
    fn xor(self, other: Self) -> Self;

    /// The patterns shifted left by `n` bits, zeros entering.
    fn shift_left(self, n: u32) -> Self;

    /// The patterns shifted right by `n` bits, zeros entering.
    fn shift_right(self, n: u32) -> Self;

    /// 0 where the sign bit is set, else 1.
    #[inline(always)]
    fn one_where_positive(self) -> Self {
        let half = Self::constant(0.5);
        half + self.and(Self::constant(-0.0)).or(half)
    }

    /// The sum of the patterns as integers, wrapping.
    fn add_bits(self, other: Self) -> Self;

    /// `self · other − product` without rounding, where `product` is the rounded product.
    fn product_error(self, other: Self, product: Self) -> Self;

    /// Lane by lane through memory, for arguments that are too rare to deserve vector code.
    fn map(self, f: impl Fn(Self::Scalar) -> Self::Scalar) -> Self;
}
