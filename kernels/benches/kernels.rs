//! Kernels against the machine: fractions of the measured multiply-add peak of one core.
//!
//! `cargo bench --bench kernels [-- gemm|rank_k_update|functions|lq [SECONDS]]`, SECONDS a case (0.1). Every number is
//! the best of many short runs; the peak is measured in turn with it, in the same process.

mod peak;

use std::hint::black_box;
use std::time::Instant;

use peak::{LanesOf, Peak};

use scorematch_kernels::panel::{Matrix, Rows, RowsMut, Write, gemm, lq, rank_k_update};
use scorematch_kernels::pool::ThreadPool;
use scorematch_kernels::simd::{ForVector, InstructionSet, Real, Vector};

/// m × k of the products.
const SIZES: [(usize, usize); 12] = [
    (64, 64),
    (128, 128),
    (256, 256),
    (33, 33),
    (96, 96),
    (100, 100),
    (128, 784),
    (64, 2),
    (64, 10),
    (3, 64),
    (1, 64),
    (7, 7),
];

/// Panels of a call.
const PANELS: [usize; 4] = [1, 4, 8, 32];

/// Seconds of a call of `f`, over some calls.
fn seconds(calls: u32, f: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        f();
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// An instruction set, and the time that a case may take.
#[derive(Clone, Copy)]
struct Bench {
    isa: InstructionSet,
    patience: f64,
}

impl Bench {
    /// The rate of `f`, which does `work` multiply-adds, as a fraction of the peak: best against best, taken in
    /// turn over some time, because a shared machine is seldom quiet.
    fn fraction<T: Real>(self, work: usize, mut f: impl FnMut()) -> f64 {
        const CHAINS: usize = 2000;
        let peak_work = (12 * CHAINS * T::dispatch(self.isa, LanesOf)) as f64;
        f();
        let calls = (50e-6 / seconds(1, &mut f).max(1e-9)).clamp(1.0, 1e6) as u32;
        let (mut kernel, mut peak) = (f64::INFINITY, f64::INFINITY);
        let start = Instant::now();
        while start.elapsed().as_secs_f64() < self.patience {
            peak = peak.min(seconds(10, &mut || {
                black_box(T::dispatch(self.isa, Peak(CHAINS)));
            }));
            kernel = kernel.min(seconds(calls, &mut f));
        }
        work as f64 / kernel / (peak_work / peak)
    }

    fn products<T: Real>(self) {
        println!(
            "\nGEMM, {} {}: fraction of peak for W, Wᵀ",
            T::NAME,
            self.isa
        );
        for (m, k) in SIZES {
            for panels in PANELS {
                let (x, mut y) = (rows::<T>(panels * k), rows::<T>(panels * m));
                let w = scalars::<T>(m * k);
                let [plain, transposed] = [(k, 1), (1, m)].map(|(row, col)| {
                    self.fraction::<T>(m * k * panels * 16, || {
                        let w = Matrix { data: &w, row, col };
                        T::dispatch(
                            self.isa,
                            ProductRun {
                                w,
                                m,
                                k,
                                x: &x,
                                y: &mut y,
                                panels,
                            },
                        );
                        black_box(&mut y);
                    })
                });
                println!("{m:4} × {k:<4} {panels:3} panels: {plain:.2} {transposed:.2}");
            }
        }
    }

    fn outers<T: Real>(self) {
        println!(
            "\nrank-k update, {} {}: fraction of peak",
            T::NAME,
            self.isa
        );
        for (m, n) in SIZES {
            for panels in PANELS {
                let (a, b) = (rows::<T>(panels * m), rows::<T>(panels * n));
                let mut c = scalars::<T>(m * n);
                let fraction = self.fraction::<T>(m * n * panels * 16, || {
                    T::dispatch(
                        self.isa,
                        OuterRun {
                            c: &mut c,
                            m,
                            n,
                            a: &a,
                            b: &b,
                            panels,
                        },
                    );
                    black_box(&mut c);
                });
                println!("{m:4} × {n:<4} {panels:3} panels: {fraction:.2}");
            }
        }
    }

    fn functions<T: Real>(self) {
        use Function::*;
        println!(
            "\nfunctions, {} {}: a value costs as many multiply-adds at peak",
            T::NAME,
            self.isa
        );
        let x = rows::<T>(64);
        let mut y = rows::<T>(64);
        for function in [
            Exp, Ln, Ln1p, Tanh, Sigmoid, Softplus, Logcosh, Sin, Erf, Powf, Sqrt,
        ] {
            let rate = self.fraction::<T>(64 * 16, || {
                T::dispatch(self.isa, Map(function, &x, &mut y));
                black_box(&mut y);
            });
            println!("{function:>10?} {:.0}", 1.0 / rate);
        }
    }

    fn factorisations<T: Real>(self) {
        println!("\nlq, {}: ms", T::NAME);
        for (rows, cols) in [(64, 200), (128, 200), (128, 784), (256, 784)] {
            // Noise, so that the rank is full.
            let a: Vec<T> = (0..rows * cols)
                .map(|i| T::of((i as f64 * 12.9898).sin() * 43758.5 % 1.0))
                .collect();
            let (mut l, mut q) = (vec![T::zero(); rows * rows], vec![T::zero(); rows * cols]);
            let (pool, mut workspace) = (ThreadPool::single_threaded(self.isa), Vec::new());
            let mut factor = || {
                let factors = (Some(&mut l[..]), Some(&mut q[..]));
                lq(pool, &mut workspace, [rows, cols], &a, factors.0, factors.1);
            };
            let start = Instant::now();
            let mut best = f64::INFINITY;
            while start.elapsed().as_secs_f64() < self.patience {
                best = best.min(seconds(1, &mut factor));
            }
            println!("{rows:4} × {cols:<4} {:.2}", best * 1e3);
        }
    }
}

struct ProductRun<'a, T> {
    w: Matrix<'a, T>,
    m: usize,
    k: usize,
    x: &'a [[T; 16]],
    y: &'a mut [[T; 16]],
    panels: usize,
}

impl<T: Real> ForVector<T> for ProductRun<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Self {
            w,
            m,
            k,
            x,
            y,
            panels,
        } = self;
        let x = Rows {
            rows: x,
            panel: k,
            row: 1,
        };
        let y = RowsMut {
            rows: y,
            panel: m,
            row: 1,
        };
        gemm::<V>(w, m, k, x, y, panels, Write::Set);
    }
}

struct OuterRun<'a, T> {
    c: &'a mut [T],
    m: usize,
    n: usize,
    a: &'a [[T; 16]],
    b: &'a [[T; 16]],
    panels: usize,
}

impl<T: Real> ForVector<T> for OuterRun<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        let Self {
            c,
            m,
            n,
            a,
            b,
            panels,
        } = self;
        let a = Rows {
            rows: a,
            panel: m,
            row: 1,
        };
        let b = Rows {
            rows: b,
            panel: n,
            row: 1,
        };
        rank_k_update::<V>(c, n, 1, m, n, &[(a, b)], panels);
    }
}

/// An elementary function.
#[derive(Clone, Copy, Debug)]
enum Function {
    Exp,
    Ln,
    Ln1p,
    Tanh,
    Sigmoid,
    Softplus,
    Logcosh,
    Sin,
    Erf,
    Powf,
    Sqrt,
}

/// A function over rows, into others.
struct Map<'a, T>(Function, &'a [[T; 16]], &'a mut [[T; 16]]);

impl<T: Real> ForVector<T> for Map<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) {
        macro_rules! each {
            ($x:ident => $y:expr) => {
                for (from, to) in self.1.iter().zip(self.2) {
                    for i in 0..V::PER_ROW {
                        let $x = V::load(from, i);
                        $y.store(to, i);
                    }
                }
            };
        }
        match self.0 {
            Function::Exp => each!(x => x.exp()),
            Function::Ln => each!(x => x.ln()),
            Function::Ln1p => each!(x => x.ln_1p()),
            Function::Tanh => each!(x => x.tanh()),
            Function::Sigmoid => each!(x => x.sigmoid()),
            Function::Softplus => each!(x => x.softplus()),
            Function::Logcosh => each!(x => x.logcosh()),
            Function::Sin => each!(x => x.sin()),
            Function::Erf => each!(x => x.erf()),
            Function::Powf => each!(x => x.powf(2.7)),
            Function::Sqrt => each!(x => x.sqrt()),
        }
    }
}

/// Rows on a cache-line boundary, as the engine's are.
struct Aligned<T> {
    scalars: Vec<T>,
    start: usize,
}

impl<T> std::ops::Deref for Aligned<T> {
    type Target = [[T; 16]];
    fn deref(&self) -> &Self::Target {
        self.scalars[self.start..].as_chunks().0
    }
}

impl<T> std::ops::DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.scalars[self.start..].as_chunks_mut().0
    }
}

/// `count` rows of small numbers.
fn rows<T: Real>(count: usize) -> Aligned<T> {
    let spare = 64 / size_of::<T>() - 1;
    let mut scalars = vec![T::zero(); count * 16 + spare];
    let start = scalars.as_ptr().align_offset(64);
    for (i, scalar) in scalars[start..].iter_mut().enumerate() {
        *scalar = T::of(((i / 16 * 7 + i % 16 * 3) % 11) as f64 * 0.01);
    }
    Aligned { scalars, start }
}

/// `count` small numbers.
fn scalars<T: Real>(count: usize) -> Vec<T> {
    (0..count).map(|i| T::of((i % 13) as f64 * 0.1)).collect()
}

fn main() {
    // Cargo passes `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let filter = arguments.next().unwrap_or_default();
    let patience = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(0.1);
    let isa = InstructionSet::detect().unwrap_or_else(|error| panic!("{error}"));
    let bench = Bench { isa, patience };
    if "gemm".contains(&filter) {
        bench.products::<f32>();
        bench.products::<f64>();
    }
    if "rank_k_update".contains(&filter) {
        bench.outers::<f32>();
        bench.outers::<f64>();
    }
    if "functions".contains(&filter) {
        bench.functions::<f32>();
        bench.functions::<f64>();
    }
    if "lq".contains(&filter) {
        bench.factorisations::<f32>();
        bench.factorisations::<f64>();
    }
}
