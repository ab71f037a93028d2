//! A spec written by hand, so that the runtime is tested without the compiler: the well E = ½k‖x −
//! b‖² in two dimensions, with parameters k and b. Everything about it is known in closed form.

use scorematch_kernels::panel::LANES;
use scorematch_kernels::simd::{Real, Vector};

use crate::program::{
    Compiled, Init, Layout, ParamInfo, Program, Programs, Spec, Tangents, Tile, Uses,
};

/// E = ½k‖x − b‖²; a normal density of mean b and variance 1/k.
#[derive(Debug)]
pub(crate) enum Well {}

const D: usize = 2;
/// The parameter buffer: k, then b; loss programs add the loss behind their gradient.
const PARAM_LEN: usize = 1 + D;
/// Directions that the sliced programs ask for at a time.
const CHUNK: usize = 3;

impl Spec for Well {
    const NAME: &'static str = "Well";
    const X_SHAPE: &'static [usize] = &[D];
    const DIM: usize = D;
    const PARAMS: &'static [ParamInfo] = &[
        ParamInfo {
            name: "k",
            shape: &[],
            offset: 0,
            init: Init::Constant(1.0),
        },
        ParamInfo {
            name: "b",
            shape: &[D],
            offset: 1,
            init: Init::Normal { std: 1.0 },
        },
    ];
    const PARAM_LEN: usize = PARAM_LEN;
    const SMOOTH: bool = true;

    fn programs<T: Real>() -> &'static Programs<T> {
        const {
            &Programs {
                energy: Compiled::of::<Energy>(),
                score: Compiled::of::<Score>(),
                laplacian: Compiled::of::<Laplacian>(),
                hvp: Compiled::of::<Hvp>(),
                curvature: Compiled::of::<Curvature>(),
                losses: &[
                    ("esm", Compiled::of::<Esm>()),
                    ("ssm", Compiled::of::<Ssm>()),
                    ("ssm_vr", Compiled::of::<SsmVr>()),
                    ("dsm", Compiled::of::<Dsm>()),
                ],
            }
        }
    }
}

const fn outputs(out_rows: usize, v: bool, tangents: Tangents) -> Layout {
    let scratch_rows = if matches!(tangents, Tangents::Given) {
        CHUNK * D
    } else {
        0
    };
    let uses = Uses { v, omega: false };
    Layout {
        shared: 0,
        scratch_rows,
        stream_reads: &[],
        stream_sums: &[],
        acc: 0,
        panels: 4,
        chunk: CHUNK,
        tangents,
        out_rows,
        uses,
        deferred: &[],
    }
}

const fn loss(v: bool, tangents: Tangents) -> Layout {
    let layout = outputs(0, v, tangents);
    Layout {
        acc: PARAM_LEN + 1,
        uses: Uses { v, omega: true },
        ..layout
    }
}

/// A program that has all its work in `tile`: no prologue, no epilogue.
macro_rules! program {
    ($(#[$doc:meta])* $name:ident, $layout:expr, |$tile:ident, $V:ident| $body:block) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl Program for $name {
            const LAYOUT: Layout = $layout;

            #[inline(always)]
            fn tile<$V: Vector>($tile: &mut Tile<'_, $V::Scalar>) $body
        }
    };
}

/// k(x − b) of vector `i` of panel `p`, and x − b.
#[inline(always)]
fn gradient<V: Vector>(tile: &Tile<'_, V::Scalar>, p: usize, i: usize) -> ([V; D], [V; D]) {
    let k = V::splat(tile.params[0]);
    let r = std::array::from_fn(|u| V::load(&tile.x[p * D + u], i) - V::splat(tile.params[1 + u]));
    (std::array::from_fn(|u| k * r[u]), r)
}

fn row<V: Vector>(rows: &[[V::Scalar; LANES]], first: usize, i: usize) -> [V; D] {
    std::array::from_fn(|u| V::load(&rows[first + u], i))
}

fn dot<V: Vector>(a: [V; D], b: [V; D]) -> V {
    a[0].mul_add(b[0], a[1] * b[1])
}

/// Adds a sample's loss and its gradient in (k, b) to the accumulators, each lane times its weight.
fn add<V: Vector>(tile: &mut Tile<'_, V::Scalar>, weight: V, loss: V, in_k: V, in_b: [V; D]) {
    for (acc, value) in tile.acc.iter_mut().zip([in_k, in_b[0], in_b[1], loss]) {
        *acc += (weight * value).sum();
    }
}

/// Calls `each` for every panel and vector of the tile.
fn for_vectors<V: Vector>(panels: usize, mut each: impl FnMut(usize, usize)) {
    for p in 0..panels {
        for i in 0..V::PER_ROW {
            each(p, i);
        }
    }
}

/// Calls `each` with every direction of every panel and vector: (tile, t, p, i, v).
fn for_directions<V: Vector>(
    tile: &mut Tile<'_, V::Scalar>,
    mut each: impl FnMut(&mut Tile<'_, V::Scalar>, usize, usize, usize, [V; D]),
) {
    let panels = tile.panels;
    for t0 in (0..tile.tangents).step_by(CHUNK) {
        let chunk = CHUNK.min(tile.tangents - t0);
        (tile.directions)(t0, chunk, &mut tile.scratch[..chunk * panels * D]);
        for t in 0..chunk {
            for_vectors::<V>(panels, |p, i| {
                let v = row(tile.scratch, (t * panels + p) * D, i);
                each(tile, t0 + t, p, i, v);
            });
        }
    }
}

program!(Energy, outputs(1, false, Tangents::None), |tile, V| {
    for_vectors::<V>(tile.panels, |p, i| {
        let (g, r) = gradient::<V>(tile, p, i);
        (V::constant(0.5) * dot(g, r)).store(&mut tile.out[p], i);
    });
});

program!(Score, outputs(D, false, Tangents::None), |tile, V| {
    for_vectors::<V>(tile.panels, |p, i| {
        let (g, _) = gradient::<V>(tile, p, i);
        for (u, g) in g.into_iter().enumerate() {
            (-g).store(&mut tile.out[p * D + u], i);
        }
    });
});

program!(Laplacian, outputs(1, false, Tangents::None), |tile, V| {
    let laplacian = V::splat(tile.params[0]) * V::constant(D as f64);
    for_vectors::<V>(tile.panels, |p, i| laplacian.store(&mut tile.out[p], i));
});

program!(Hvp, outputs(D, true, Tangents::None), |tile, V| {
    let k = V::splat(tile.params[0]);
    for_vectors::<V>(tile.panels * D, |row, i| {
        (k * V::load(&tile.v[row], i)).store(&mut tile.out[row], i)
    });
});

program!(Curvature, outputs(2, false, Tangents::Given), |tile, V| {
    for_directions::<V>(tile, |tile, t, p, i, v| {
        let (g, _) = gradient::<V>(tile, p, i);
        let row = (t * tile.panels + p) * 2;
        dot(v, g).store(&mut tile.out[row], i);
        (V::splat(tile.params[0]) * dot(v, v)).store(&mut tile.out[row + 1], i);
    });
});

program!(
    /// ½k²r² − kD.
    Esm, loss(false, Tangents::None), |tile, V| {
        let (k, half, d) = (V::splat(tile.params[0]), V::constant(0.5), V::constant(D as f64));
        for_vectors::<V>(tile.panels, |p, i| {
            let (g, r) = gradient::<V>(tile, p, i);
            let weight = V::load(&tile.omega[p], i);
            let loss = half * dot(g, g) - k * d;
            add(tile, weight, loss, dot(g, r) - d, g.map(|g| -k * g));
        });
    }
);

program!(
    /// ½k²(r·v)² − k‖v‖².
    Ssm, loss(false, Tangents::Given), |tile, V| {
        let (k, half) = (V::splat(tile.params[0]), V::constant(0.5));
        let share = V::splat(tile.scalars.weight);
        for_directions::<V>(tile, |tile, _, p, i, v| {
            let (_, r) = gradient::<V>(tile, p, i);
            let weight = share * V::load(&tile.omega[p], i);
            let (along, square) = (dot(r, v), dot(v, v));
            let loss = half * k * k * along * along - k * square;
            add(tile, weight, loss, k * along * along - square, v.map(|v| -k * k * along * v));
        });
    }
);

program!(
    /// ½k²r² − k‖v‖².
    SsmVr, loss(false, Tangents::Given), |tile, V| {
        let (k, half) = (V::splat(tile.params[0]), V::constant(0.5));
        let share = V::splat(tile.scalars.weight);
        for_directions::<V>(tile, |tile, _, p, i, v| {
            let (g, r) = gradient::<V>(tile, p, i);
            let weight = share * V::load(&tile.omega[p], i);
            let loss = half * dot(g, g) - k * dot(v, v);
            add(tile, weight, loss, dot(g, r) - dot(v, v), g.map(|g| -k * g));
        });
    }
);

program!(
    /// ½‖σk(x − b) − noise‖², x with the noise in it already.
    Dsm, loss(true, Tangents::None), |tile, V| {
        let (k, half) = (V::splat(tile.params[0]), V::constant(0.5));
        let sigma = V::splat(tile.scalars.sigma);
        for_vectors::<V>(tile.panels, |p, i| {
            let (g, r) = gradient::<V>(tile, p, i);
            let noise = row::<V>(tile.v, p * D, i);
            let e: [V; D] = std::array::from_fn(|u| sigma * g[u] - noise[u]);
            let weight = V::load(&tile.omega[p], i);
            add(tile, weight, half * dot(e, e), sigma * dot(e, r), e.map(|e| -(sigma * k * e)));
        });
    }
);
