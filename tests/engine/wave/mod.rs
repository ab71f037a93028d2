//! A spec written by hand, as the compiler would emit one:
//!
//!     E(x) = ½k‖x‖² + Σ_h a_h sin z_h,   z = Wx + b
//!
//! It uses everything that the engine lends: shared values, scratch, chunks of given tangents, noise,
//! weights, a deferred product, and sums that the epilogue finishes.

mod objective;
mod quantity;
mod units;

use objective::{DSM, ESM, Objective, SSM, SSM_VR};
use quantity::{CURVATURE, ENERGY, HVP, LAPLACIAN, Quantity, SCORE};
use scorematch::__private::*;

/// Features D, units H.
pub(crate) enum Wave<const D: usize, const H: usize> {}

impl<const D: usize, const H: usize> Wave<D, H> {
    const W: usize = 1;
    const B: usize = 1 + H * D;
    const A: usize = Self::B + H;
    const LEN: usize = Self::A + H;
    /// After the loss: Σ_b of the cotangents of ‖w_h‖², then those of W that are not z̄xᵀ.
    const NORMS: usize = Self::LEN + 1;
    const REST: usize = Self::NORMS + H;
    const DEFERRED: &'static [Deferred] = &[Deferred {
        acc: Self::W,
        m: H,
        with: Factor::Samples,
    }];
}

impl<const D: usize, const H: usize> Spec for Wave<D, H> {
    const NAME: &'static str = "Wave";
    const X_SHAPE: &'static [usize] = &[D];
    const DIM: usize = D;
    const PARAMS: &'static [ParamInfo] = &[
        ParamInfo {
            name: "k",
            shape: &[],
            offset: 0,
            init: Init::Constant(1.5),
        },
        ParamInfo {
            name: "net.weight",
            shape: &[H, D],
            offset: Self::W,
            init: Init::Normal { std: 0.4 },
        },
        ParamInfo {
            name: "net.bias",
            shape: &[H],
            offset: Self::B,
            init: Init::Uniform { bound: 0.5 },
        },
        ParamInfo {
            name: "a",
            shape: &[H],
            offset: Self::A,
            init: Init::Normal { std: 0.5 },
        },
    ];
    const PARAM_LEN: usize = Self::LEN;
    const SMOOTH: bool = true;

    fn programs<T: Real>() -> &'static Programs<T> {
        const {
            &Programs {
                energy: Compiled::of::<Quantity<D, H, ENERGY>>(),
                score: Compiled::of::<Quantity<D, H, SCORE>>(),
                laplacian: Compiled::of::<Quantity<D, H, LAPLACIAN>>(),
                hvp: Compiled::of::<Quantity<D, H, HVP>>(),
                curvature: Compiled::of::<Quantity<D, H, CURVATURE>>(),
                losses: &[
                    ("esm", Compiled::of::<Objective<D, H, ESM>>()),
                    ("ssm", Compiled::of::<Objective<D, H, SSM>>()),
                    ("ssm_vr", Compiled::of::<Objective<D, H, SSM_VR>>()),
                    ("dsm", Compiled::of::<Objective<D, H, DSM>>()),
                ],
            }
        }
    }
}

/// Directions that a program asks for at a time.
const CHUNK: usize = 2;
