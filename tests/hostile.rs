//! Specs written by hand whose layouts are lies: the engine panics, or runs what there is, and never reaches undefined
//! behaviour. The last is what this file forbids itself to cause in any other way. The kernels have such tests of their own.

#![forbid(unsafe_code)]

#[path = "../kernels/tests/hostile/outcome.rs"]
mod outcome;

use ndarray::Array2;
use outcome::outcome;
use scorematch::__private::*;
use scorematch::{Loss, Model};

/// The layout of number N, and so that of every program.
enum Liar<const N: usize> {}

const SOME: usize = 40;

const FAR: &[(usize, usize)] = &[(30, 20), (usize::MAX, 2), (1 << 60, 1 << 60)];

const fn deferred(acc: usize, m: usize, with: Factor) -> Deferred {
    Deferred { acc, m, with }
}

/// Past the end, far past it, and over each other.
const PAST: &[Deferred] = &[deferred(10, 3, Factor::Samples)];
const FAR_PAST: &[Deferred] = &[deferred(1 << 60, 1 << 60, Factor::Samples)];
const OVER: &[Deferred] = &[
    deferred(0, 1, Factor::Samples),
    deferred(1, 1, Factor::Samples),
    deferred(0, 2, Factor::Directions),
];

const fn layout(n: usize) -> Layout {
    const USUAL: Layout = Layout {
        shared: 5,
        scratch_rows: 8,
        stream_reads: &[],
        stream_sums: &[],
        acc: 0,
        panels: 4,
        chunk: 8,
        tangents: Tangents::None,
        out_rows: 1,
        uses: Uses {
            v: false,
            omega: false,
        },
        deferred: &[],
    };
    const LOSS: Layout = Layout {
        acc: 12,
        out_rows: 0,
        uses: Uses {
            v: true,
            omega: true,
        },
        ..USUAL
    };
    match n {
        0 => USUAL,
        1 => LOSS,
        2 => Layout {
            scratch_rows: 1 << 60,
            ..USUAL
        },
        3 => Layout {
            shared: usize::MAX,
            ..USUAL
        },
        4 => Layout { panels: 0, ..USUAL },
        5 => Layout {
            panels: usize::MAX,
            ..USUAL
        },
        6 => Layout {
            out_rows: 1 << 60,
            ..USUAL
        },
        7 => Layout {
            tangents: Tangents::Exact(SOME),
            stream_reads: FAR,
            ..LOSS
        },
        8 => Layout {
            tangents: Tangents::Exact(SOME),
            stream_sums: FAR,
            ..LOSS
        },
        9 => Layout {
            deferred: PAST,
            ..LOSS
        },
        10 => Layout {
            deferred: FAR_PAST,
            ..LOSS
        },
        11 => Layout {
            deferred: OVER,
            ..LOSS
        },
        12 => Layout {
            acc: 1 << 62,
            ..LOSS
        },
        13 => Layout {
            tangents: Tangents::Given,
            chunk: usize::MAX,
            out_rows: usize::MAX,
            ..LOSS
        },
        14 => Layout {
            acc: 1,
            tangents: Tangents::Exact(1 << 61),
            ..LOSS
        },
        _ => panic!("no such layout"),
    }
}

impl<const N: usize> Program for Liar<N> {
    const LAYOUT: Layout = layout(N);

    fn tile<V: Vector>(tile: &mut Tile<'_, V::Scalar>) {
        // All that is lent can be written.
        let one = V::Scalar::of(1.0);
        tile.scratch.as_flattened_mut().fill(one);
        tile.out.as_flattened_mut().fill(one);
        tile.deferred.as_flattened_mut().fill(one);
        tile.acc.fill(one);
        if tile.tangents > 0 {
            let rows = tile.scratch.len().min(3);
            (tile.directions)(0, 2, &mut tile.scratch[..rows]);
            (tile.keep)(tile.acc, 7, 0, 2, &tile.scratch[..rows], tile.x);
        }
    }
}

impl<const N: usize> Spec for Liar<N> {
    const NAME: &'static str = "Liar";
    const X_SHAPE: &'static [usize] = &[3];
    const DIM: usize = 3;
    const PARAMS: &'static [ParamInfo] = &[ParamInfo {
        name: "w",
        shape: &[100],
        offset: 70,
        init: Init::Constant(1.0),
    }];
    const PARAM_LEN: usize = 10;
    const SMOOTH: bool = true;

    fn programs<T: Real>() -> &'static Programs<T> {
        const {
            &Programs {
                energy: Compiled::of::<Self>(),
                score: Compiled::of::<Self>(),
                laplacian: Compiled::of::<Self>(),
                hvp: Compiled::of::<Self>(),
                curvature: Compiled::of::<Self>(),
                losses: &[
                    ("esm", Compiled::of::<Self>()),
                    ("ssm", Compiled::of::<Self>()),
                    ("ssm_vr", Compiled::of::<Self>()),
                    ("dsm", Compiled::of::<Self>()),
                ],
            }
        }
    }
}

/// How many calls of a model end without a panic.
fn calls<const N: usize>() -> usize {
    let model = Model::<Liar<N>, f32>::zeros();
    let mut survived = 0;
    for samples in [1, 16, 40, 300] {
        let x = Array2::from_elem((samples, 3), 1.0);
        let draw = scorematch::RandomDraw {
            kind: scorematch::DirectionDistribution::Rademacher,
            count: 2,
            seed: 1,
            step: 1,
        };
        let outcomes = [
            outcome(|| model.energy(x.view()).is_ok()),
            outcome(|| model.score(x.view()).is_ok()),
            outcome(|| model.laplacian(x.view()).is_ok()),
            outcome(|| model.hvp(x.view(), x.view()).is_ok()),
            outcome(|| model.loss(x.view(), &Loss::esm()).is_ok()),
            outcome(|| model.loss(x.view(), &Loss::ssm(draw)).is_ok()),
            outcome(|| model.get("w").is_ok()),
        ];
        survived += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    }
    survived
}

#[test]
fn layouts_that_lie_end_in_a_panic_at_worst() {
    assert!(calls::<0>() > 0 && calls::<1>() > 0, "usual layouts do run");
    calls::<2>();
    calls::<3>();
    calls::<4>();
    calls::<5>();
    calls::<6>();
    calls::<7>();
    calls::<8>();
    calls::<9>();
    calls::<10>();
    calls::<11>();
    calls::<12>();
    calls::<13>();
    calls::<14>();
}
