//! Values for an energy's parameters and inputs, and how results are compared.

use scorematch_compiler::ir::{Feed, Graph, Input, eval};

/// Samples in a batch: two, so that a value of one sample that leaks into another is seen.
pub(crate) const BATCH: usize = 2;

/// Directions of the sliced programs: more than one, so that a sum over them is seen.
pub(crate) const DIRECTIONS: usize = 2;

/// A small generator that needs no dependency: xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        let mut r = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            r.next();
        });
        r
    }

    /// Uniform in (−1, 1).
    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub(crate) fn vec(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.next()).collect()
    }
}

/// Random parameters and inputs. Matrices are scaled by their rows' lengths, so that layers neither grow nor shrink.
pub(crate) fn feed(g: &Graph, seed: u64) -> Feed {
    let mut r = Random::new(seed);
    let d = g.dim();
    let params = g
        .params
        .iter()
        .map(|p| {
            let scale = match p.shape.as_slice() {
                [.., columns] if p.shape.len() > 1 => 1.5 / (*columns as f64).sqrt(),
                _ => 1.0,
            };
            let values = r.vec(p.shape.iter().product());
            values.into_iter().map(|v| scale * v).collect()
        })
        .collect();
    let inputs = [
        (Input::X, r.vec(BATCH * d)),
        (Input::V, r.vec(BATCH * d)),
        (Input::Directions, r.vec(DIRECTIONS * BATCH * d)),
        // Weights that differ, so that a gradient that forgets them is seen.
        (Input::Omega, vec![0.3, 0.7]),
        (Input::Weight, vec![1.0 / DIRECTIONS as f64]),
        (Input::Sigma, vec![0.3]),
    ];
    Feed {
        batch: BATCH,
        directions: DIRECTIONS,
        params,
        inputs: inputs.into_iter().collect(),
    }
}

/// The same with the unit vectors as directions and no mean over them: sums over directions are traces.
pub(crate) fn basis(g: &Graph, f: &Feed) -> Feed {
    let d = g.dim();
    let mut f = f.clone();
    let mut unit = vec![0.0; d * BATCH * d];
    for t in 0..d {
        (0..BATCH).for_each(|b| unit[(t * BATCH + b) * d + t] = 1.0);
    }
    f.directions = d;
    f.inputs.insert(Input::Directions, unit);
    f.inputs.insert(Input::Weight, vec![1.0]);
    f
}

/// The t-th direction of every sample.
pub(crate) fn direction(f: &Feed, t: usize) -> Vec<f64> {
    let all = &f.inputs[&Input::Directions];
    let n = all.len() / f.directions;
    all[t * n..][..n].to_vec()
}

/// Every output.
pub(crate) fn run(g: &Graph, f: &Feed) -> Vec<Vec<f64>> {
    eval(g, f).into_iter().map(|a| a.data).collect()
}

/// The first output, with `n` entries for each sample; a value that is the same for all is repeated.
pub(crate) fn first(g: &Graph, f: &Feed, n: usize) -> Vec<f64> {
    repeated(run(g, f).remove(0), BATCH * n)
}

/// A shared value in place of each sample's.
pub(crate) fn repeated(values: Vec<f64>, n: usize) -> Vec<f64> {
    assert!(
        n.is_multiple_of(values.len()),
        "{} values for {n}",
        values.len()
    );
    values.iter().copied().cycle().take(n).collect()
}

pub(crate) fn inner(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Rows of samples contracted: Σᵢ a[b, i] c[b, i] for each b.
pub(crate) fn rowwise(a: &[f64], c: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), c.len());
    let d = a.len() / BATCH;
    (0..BATCH)
        .map(|b| inner(&a[b * d..][..d], &c[b * d..][..d]))
        .collect()
}

/// Two ways to the same number in float64 differ by rounding: `ROUNDING` times the largest number that took part.
/// Random energies have up to a hundred operations, each of which may lose a few bits of the largest.
pub(crate) const ROUNDING: f64 = 1e-11;

/// Agreement to rounding, relative to the largest entry and to `scale`, the size of what may have cancelled.
pub(crate) fn same(what: &str, got: &[f64], want: &[f64], scale: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(scale, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!(
            (g - w).abs() <= ROUNDING * scale,
            "{what} [{i}]: {g} against {w}, at scale {scale}"
        );
    }
}
