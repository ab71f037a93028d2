//! What the interpreter makes of a batch, and how far results are from it. Shared with the tests of `tests/cuda`.

use scorematch_compiler::diff::Program;
use scorematch_compiler::ir::{Feed, Graph, Input, eval};
use scorematch_compiler::plan::Stream;

/// Largest deviation from the interpreter over an array's largest magnitude: some roundings of float32.
pub const TOLERANCE: f64 = 3e-5;

/// Random parameters of the size that layers start from, and inputs, in numbers of single precision.
pub fn feed(g: &Graph, batch: usize, directions: usize, seed: u64) -> Feed {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let bits = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        f64::from((bits as f64 / f64::from(1u32 << 23) - 1.0) as f32)
    };
    (0..8).for_each(|_| {
        next();
    });
    let mut vec = |n: usize, scale: f64| -> Vec<f64> {
        (0..n).map(|_| f64::from((next() * scale) as f32)).collect()
    };
    let d = g.dim();
    let params = g
        .params
        .iter()
        .map(|p| {
            let inputs = p.shape.last().copied().unwrap_or(1);
            vec(p.shape.iter().product(), 1.5 / (inputs as f64).sqrt())
        })
        .collect();
    let inputs = [
        (Input::X, vec(batch * d, 1.0)),
        (Input::V, vec(batch * d, 1.0)),
        (Input::Directions, vec(directions * batch * d, 1.0)),
        (Input::Omega, vec![1.0 / batch as f64; batch]),
        (Input::Weight, vec![f64::from(1.0 / directions as f32)]),
        (Input::Sigma, vec![0.25]),
    ];
    Feed {
        batch,
        directions,
        params,
        inputs: inputs.into_iter().collect(),
    }
}

/// What the interpreter makes of a feed: outputs as the kernel lays them, and gradients with the loss behind them.
fn expected(
    program: Program,
    g: &Graph,
    stream: Stream,
    feed: &Feed,
) -> (Vec<f64>, Vec<(String, Vec<f64>)>) {
    let mut f = feed.clone();
    // The number of directions that the program itself streams.
    if let Stream::Exact(count) = stream {
        f.directions = count;
    }
    if program.perturbs() {
        // The program is written in what it sees.
        let (sigma, v) = (f.inputs[&Input::Sigma][0], f.inputs[&Input::V].clone());
        let x = f.inputs.get_mut(&Input::X).expect("samples are fed");
        x.iter_mut().zip(v).for_each(|(x, v)| *x += sigma * v);
    }
    let values = eval(g, &f);
    let (mut rows, mut sums) = (Vec::new(), Vec::new());
    let mut widths = Vec::new();
    for ((name, id), value) in g.outputs.iter().zip(values) {
        if name == "loss" || name.starts_with("grad.") {
            sums.push((name.clone(), value.data));
        } else {
            widths.push((g.node(*id).len(), g.axes(*id), value.data));
        }
    }
    let streamed = widths.iter().any(|w| w.1.tangent);
    let groups = feed.batch * if streamed { feed.directions } else { 1 };
    for group in 0..groups {
        for (len, axes, data) in &widths {
            let at = if data.len() == *len {
                0
            } else if axes.tangent || !streamed {
                group
            } else {
                group / feed.directions
            };
            rows.extend_from_slice(&data[at * len..][..*len]);
        }
    }
    (rows, sums)
}

/// The largest deviation of a program's results: its outputs as the kernel lays them, and its sums.
pub fn deviation(
    program: Program,
    g: &Graph,
    stream: Stream,
    feed: &Feed,
    out: &[f32],
    sums: &[f32],
) -> Result<f64, String> {
    let (rows, gradients) = expected(program, g, stream, feed);
    let mut worst = compare(out, &rows, 0.0)?;
    let offsets = offsets(g);
    // A gradient that vanishes identically is judged against the whole.
    let whole = gradients
        .iter()
        .flat_map(|g| &g.1)
        .fold(0.0f64, |m, x| m.max(x.abs()));
    for (name, want) in &gradients {
        let at = match name.strip_prefix("grad.") {
            Some(k) => offsets[k.parse::<usize>().expect("gradients are numbered")],
            None => offsets[offsets.len() - 1],
        };
        let error = compare(&sums[at..][..want.len()], want, 1e-3 * whole)?;
        worst = worst.max(error);
    }
    Ok(worst)
}

fn compare(got: &[f32], want: &[f64], floor: f64) -> Result<f64, String> {
    if got.len() != want.len() {
        return Err(format!("{} values instead of {}", got.len(), want.len()));
    }
    let scale = want
        .iter()
        .fold(floor.max(1e-6), |m: f64, x| m.max(x.abs()));
    let mut worst = 0.0f64;
    for (g, w) in got.iter().zip(want) {
        let error = (f64::from(*g) - w).abs() / scale;
        if error.is_nan() {
            return Err(format!("{g} instead of {w}"));
        }
        worst = worst.max(error);
    }
    Ok(worst)
}

fn offsets(g: &Graph) -> Vec<usize> {
    let mut offsets = vec![0];
    for p in &g.params {
        offsets.push(offsets[offsets.len() - 1] + p.shape.iter().product::<usize>());
    }
    offsets
}
