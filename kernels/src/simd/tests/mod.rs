//! What every instruction set must do: arithmetic as the scalars do it, and in `functions` the elementary functions.

mod functions;
mod reference;

use super::*;

/// The instruction sets of this machine.
fn instruction_sets() -> impl Iterator<Item = InstructionSet> {
    InstructionSet::ALL
        .into_iter()
        .filter(|isa| isa.is_supported())
}

/// The plain operations of a vector on three rows, each in a row of its own.
struct Operations<T>([[T; 16]; 3]);

impl<T: Real> ForVector<T> for Operations<T> {
    type Out = (Vec<[T; 16]>, Vec<T>);
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> Self::Out {
        let [a, b, c] = &self.0;
        let mut out = vec![[T::zero(); 16]; 14];
        let mut sums = Vec::new();
        for i in 0..V::PER_ROW {
            let (a, b, c) = (V::load(a, i), V::load(b, i), V::load(c, i));
            let results = [
                a + b,
                a - b,
                a * b,
                a / b,
                -a,
                a.min(b),
                a.max(b),
                a.abs(),
                a.abs().sqrt(),
                a.step(),
                a.sign(),
                a.recip(),
                a.mul_add(b, c),
                a.powi(-3),
            ];
            for (row, result) in out.iter_mut().zip(results) {
                result.store(row, i);
            }
            sums.push(a.sum());
        }
        (out, sums)
    }
}

fn operations<T: Real>(isa: InstructionSet) {
    let special = [0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, -2.5, 1e-3];
    let row = |k: usize| {
        std::array::from_fn(|i| T::of(special[(i * (2 * k + 1) + i / 8 + k) % special.len()]))
    };
    let (a, b, c): ([T; 16], [T; 16], [T; 16]) = (row(0), row(1), row(2));
    let (out, _) = T::dispatch(isa, Operations([a, b, c]));
    let nan = |x: T, y: T, z: T| {
        if x.is_nan() || y.is_nan() {
            T::nan()
        } else {
            z
        }
    };
    for i in 0..16 {
        let (a, b, c) = (a[i], b[i], c[i]);
        let expected = [
            a + b,
            a - b,
            a * b,
            a / b,
            -a,
            nan(a, b, if a < b { a } else { b }),
            nan(a, b, if a > b { a } else { b }),
            a.abs(),
            a.abs().sqrt(),
            if a > T::zero() { T::one() } else { T::zero() },
            if a > T::zero() {
                T::one()
            } else if a < T::zero() {
                -T::one()
            } else {
                T::zero()
            },
            T::one() / a,
            a * b + c,
            T::one() / (a * a * a),
        ];
        for (k, expected) in expected.into_iter().enumerate() {
            let y = out[k][i];
            let close = (y - expected).abs() <= T::epsilon() * (expected.abs() + c.abs());
            assert!(
                y == expected || (y.is_nan() && expected.is_nan()) || close,
                "{} {isa} operation {k} of {a}, {b}, {c}: {y}",
                T::NAME
            );
        }
    }
    let numbers: [T; 16] = std::array::from_fn(|i| T::of(i as f64));
    let (_, sums) = T::dispatch(isa, Operations([numbers; 3]));
    assert_eq!(sums.into_iter().sum::<T>(), T::of(120.0), "{isa}");
}

#[test]
fn operations_are_those_of_scalars() {
    for isa in instruction_sets() {
        operations::<f32>(isa);
        operations::<f64>(isa);
    }
}

#[test]
fn one_scalar_is_a_vector() {
    let row: [f64; 16] = std::array::from_fn(|i| i as f64 / 4.0 - 2.0);
    let mut out = row;
    for i in 0..ScalarVector::<f64>::PER_ROW {
        ScalarVector::load(&row, i).logcosh().store(&mut out, i);
    }
    for (x, y) in row.into_iter().zip(out) {
        assert!((y - x.cosh().ln()).abs() < 1e-15, "{x}: {y}");
    }
}
