//! Kernels against the machine: fractions of the measured multiply-add peak of one core.
//!
//! `cargo bench --bench kernels [-- FILTER]`. Every number is the best of many short runs, and the peak is
//! measured in the same process.

use std::hint::black_box;
use std::time::Instant;

use scorematch::panel::{Matrix, Rows, RowsMut, Write, outer, product};
use scorematch::simd::{ForVector, Form, Real, Vector};

/// Seconds of a call of `f`, over some 100 µs.
fn seconds(calls: u32, f: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        f();
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// The rate of `f`, which does `work` multiply-adds, as a fraction of the peak: best of many short runs against
/// best of many, taken in turn over some time, because a shared machine is seldom quiet.
fn fraction<T: Real>(form: Form, work: usize, mut f: impl FnMut()) -> f64 {
    const CHAINS: usize = 2000;
    let peak_work = (12 * CHAINS * T::dispatch(form, LanesOf)) as f64;
    f();
    let calls = (50e-6 / seconds(1, &mut f).max(1e-9)).clamp(1.0, 1e6) as u32;
    let (mut kernel, mut peak) = (f64::INFINITY, f64::INFINITY);
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < patience() {
        peak = peak.min(seconds(10, &mut || {
            black_box(T::dispatch(form, Peak(CHAINS)));
        }));
        kernel = kernel.min(seconds(calls, &mut f));
    }
    work as f64 / kernel / (peak_work / peak)
}

/// Twelve independent chains of multiply-adds, no memory.
struct Peak(usize);

impl<T: Real> ForVector<T> for Peak {
    type Out = T;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> T {
        let mut sums = [V::constant(black_box(0.5)); 12];
        let a = V::constant(black_box(0.5));
        for _ in 0..self.0 {
            for s in &mut sums {
                *s = s.mul_add(a, a);
            }
        }
        sums.into_iter().reduce(|a, b| a + b).map_or(T::zero(), |s| s.sum())
    }
}

struct LanesOf;

impl<T: Real> ForVector<T> for LanesOf {
    type Out = usize;
    #[inline(always)]
    fn run<V: Vector<Scalar = T>>(self) -> usize {
        V::LANES
    }
}

struct ProductRun<'a, T> {
    w: &'a [T],
    transposed: bool,
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
        let (row, col) = if self.transposed { (1, self.m) } else { (self.k, 1) };
        product::<V>(
            Matrix { data: self.w, row, col },
            self.m,
            self.k,
            Rows { rows: self.x, panel: self.k, row: 1 },
            RowsMut { rows: self.y, panel: self.m, row: 1 },
            self.panels,
            Write::Set,
        );
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
        outer::<V>(
            self.c,
            self.n,
            1,
            self.m,
            self.n,
            Rows { rows: self.a, panel: self.m, row: 1 },
            Rows { rows: self.b, panel: self.n, row: 1 },
            self.panels,
        );
    }
}

/// `count` rows of small numbers.
fn rows<T: Real>(count: usize) -> Vec<[T; 16]> {
    (0..count).map(|i| std::array::from_fn(|j| T::of(((i * 7 + j * 3) % 11) as f64 * 0.01))).collect()
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

/// A function over rows, in place of what they were.
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

fn functions<T: Real>(form: Form) {
    use Function::*;
    println!("{} {form}: a value costs as many multiply-adds at peak", T::NAME);
    let x = rows::<T>(64);
    let mut y = x.clone();
    for function in [Exp, Ln, Ln1p, Tanh, Sigmoid, Softplus, Logcosh, Sin, Erf, Powf, Sqrt] {
        let rate = fraction::<T>(form, 64 * 16, || {
            T::dispatch(form, Map(function, &x, &mut y));
            black_box(&mut y);
        });
        println!("{function:>10?} {:.1}", 1.0 / rate);
    }
}

fn shapes<T: Real>(form: Form, filter: &str) {
    println!("{} {form}", T::NAME);
    let sizes = if std::env::var("SMALL").is_ok() { vec![(64,5),(64,8),(64,10),(64,12),(64,16),(64,20),(10,64),(50,128),(128,50),(33,33),(100,100)] } else { vec![(64, 64), (128, 128), (256, 256), (64, 2), (1, 64), (33, 33), (96, 96), (100, 100), (128, 784), (3, 64), (7,7)]};
    for (m, k) in sizes {
        for panels in [1, 4, 8, 32] {
            let x = rows::<T>(panels * k);
            let mut y = rows::<T>(panels * m);
            let w: Vec<T> = (0..m * k).map(|i| T::of((i % 13) as f64 * 0.1)).collect();
            let work = m * k * panels * 16;
            let mut line = format!("{m:4} x {k:4} x {panels:3} panels:");
            for transposed in [false, true] {
                if "product".contains(filter) {
                    let fraction = fraction::<T>(form, work, || {
                        T::dispatch(form, ProductRun { w: &w, transposed, m, k, x: &x, y: &mut y, panels });
                        black_box(&mut y);
                    });
                    line += &format!("  {} {fraction:.3}", if transposed { "Wᵀ" } else { "W" });
                }
            }
            if "outer".contains(filter) {
                let mut c = w.clone();
                let fraction = fraction::<T>(form, work, || {
                    T::dispatch(form, OuterRun { c: &mut c, m, n: k, a: &y, b: &x, panels });
                    black_box(&mut c);
                });
                line += &format!("  outer {fraction:.3}");
            }
            println!("{line}");
        }
    }
}

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with("--")).unwrap_or_default();
    let form = Form::detect().unwrap_or_else(|error| panic!("{error}"));
    if "functions".contains(&filter) {
        functions::<f32>(form);
        functions::<f64>(form);
    }
    shapes::<f32>(form, &filter);
    shapes::<f64>(form, &filter);
}

/// Seconds a case may take.
fn patience() -> f64 {
    std::env::var("PATIENCE").ok().and_then(|s| s.parse().ok()).unwrap_or(0.1)
}
