#[doc = " A trap of learned stiffness: closed forms only, no stream over directions."]
#[allow(unreachable_pub)]
pub type Harmonic<T = f32> = ::scorematch::Model<HarmonicSpec, T>;
#[doc = "The compiled form of [`Harmonic`]."]
#[allow(unreachable_pub)]
pub enum HarmonicSpec {}
#[allow(clippy::all, clippy::pedantic, unused, unreachable_pub)]
const _: () = {
    use ::scorematch::__private as rt;
    use rt::Vector as _;

    const _: () = {
        impl rt::Spec for HarmonicSpec {
            const NAME: &'static str = "Harmonic";
            const X_SHAPE: &'static [usize] = &[3];
            const DIM: usize = 3;
            const PARAMS: &'static [rt::ParamInfo] = &[
                rt::ParamInfo { name: "log_k", shape: &[], offset: 0, init: rt::Init::Constant(0.0) },
            ];
            const PARAM_LEN: usize = 1;
            const SMOOTH: bool = true;
            #[inline(never)]
            fn single() -> &'static rt::Programs<f32> {
                Self::programs()
            }
            fn programs<T: rt::Real>() -> &'static rt::Programs<T> {
                const { &rt::Programs {
                    laplacian: rt::Compiled::of::<Laplacian>(),
                    losses: &[
                        ("esm", rt::Compiled::of::<Esm>()),
                    ],
                } }
            }
        }

        pub enum Laplacian {}
        impl rt::Program for Laplacian {
            const LAYOUT: rt::Layout = rt::Layout {
                shared: 7,
                scratch_rows: 0,
                stream_reads: &[],
                stream_sums: &[],
                acc: 0,
                panels: 4,
                chunk: 1,
                tangents: rt::Tangents::None,
                out_rows: 1,
                uses: rt::Uses { v: false, omega: false },
                deferred: &[],
            };

            #[inline(always)]
            fn prologue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                rt::run_batch(common, &[
                    (s0::<V>, &[]),
                    (s1::<V>, &[]),
                    (s2::<V>, &[1, 2]),
                    (s3::<V>, &[2, 5]),
                    (s4::<V>, &[5, 6]),
                ]);
            }

            #[inline(always)]
            fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
                rt::run_tile(tile, &[
                ]);
            }

            #[inline(always)]
            fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
                rt::run_tile(tile, &[
                    (s5::<V>, &[]),
                ]);
            }
        }

        pub enum Esm {}
        impl rt::Program for Esm {
            const LAYOUT: rt::Layout = rt::Layout {
                shared: 15,
                scratch_rows: 12,
                stream_reads: &[],
                stream_sums: &[],
                acc: 4,
                panels: 4,
                chunk: 1,
                tangents: rt::Tangents::None,
                out_rows: 0,
                uses: rt::Uses { v: false, omega: true },
                deferred: &[],
            };

            #[inline(always)]
            fn prologue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                rt::run_batch(common, &[
                    (s0::<V>, &[]),
                    (s1::<V>, &[]),
                    (s2::<V>, &[1, 2]),
                    (s3::<V>, &[2, 5]),
                    (s4::<V>, &[5, 6]),
                ]);
            }

            #[inline(always)]
            fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
                rt::run_tile(tile, &[
                    (s6::<V>, &[]),
                    (s7::<V>, &[]),
                    (s8::<V>, &[]),
                    (s9::<V>, &[]),
                    (s10::<V>, &[]),
                    (s11::<V>, &[]),
                    (s12::<V>, &[]),
                    (s13::<V>, &[]),
                    (s14::<V>, &[]),
                    (s15::<V>, &[]),
                ]);
            }

            #[inline(always)]
            fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                rt::run_batch(common, &[
                    (s16::<V>, &[]),
                    (s2::<V>, &[7, 8]),
                    (s3::<V>, &[8, 11]),
                    (s4::<V>, &[11, 12]),
                    (s17::<V>, &[]),
                    (s18::<V>, &[]),
                    (s19::<V>, &[]),
                ]);
            }
        }
    };

    fn s0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = exp(v1)
            {
                let [v0] = rt::split(&mut *common.shared, [(0, 1)], [0]);
                let v1 = &common.params[0..][..1];
                let x1 = rt::ScalarVector::splat(v1[0]);
                v0[0] = rt::Vector::sum(x1.exp());
            }
        }
    }

    fn s1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = 0.5*v1
            {
                let [v1, v0] = rt::split(&mut *common.shared, [(0, 1), (1, 1)], [0, 1]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                v0[0] = rt::Vector::sum((rt::ScalarVector::<V::Scalar>::constant(0.5) * x1));
            }
        }
    }

    fn s2<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            // v0 = v1
            {
                let [v1, v0] = rt::split(&mut *common.shared, [(n0, 1), (n1, 3)], [0, 1]);
                for u in 0..3 {
                    let x1 = rt::ScalarVector::splat(v1[0]);
                    v0[u] = rt::Vector::sum(x1);
                }
            }
        }
    }

    fn s3<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        let &[n0, n1] = rt::numbers(numbers);
        // v0[] = sum of v1[a]
        {
            let [v1, v0] = rt::split(&mut *common.shared, [(n0, 3), (n1, 1)], [0, 1]);
            let labels = [rt::Label { size: 3, a: 1, b: 0, c: 0 }];
            rt::shared_contract(common.pool, labels, &*v1, &[<V::Scalar as rt::Real>::of(1.0)], v0, rt::Write::Set);
        }
    }

    fn s4<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            // v0 = 2*v1
            {
                let [v1, v0] = rt::split(&mut *common.shared, [(n0, 1), (n1, 1)], [0, 1]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                v0[0] = rt::Vector::sum((rt::ScalarVector::<V::Scalar>::constant(2.0) * x1));
            }
        }
    }

    fn s5<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // a result
        {
            let v0 = &tile.shared[6..][..1];
            for p in 0..pn {
                let to = &mut tile.out[p * 1 + 0..][..1];
                to.iter_mut().zip(v0.iter()).for_each(|(row, x)| row.fill(*x));
            }
        }
    }

    fn s6<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1*v2
            {
                let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)], [0]);
                let v1 = tile.x;
                let v2 = &tile.shared[1..][..1];
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    let b1 = &v1[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::splat(v2[0]);
                            let x0 = (V::constant(2.0) * (x1 * x2));
                            x0.store(&mut b0[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s7<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v0] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)], [0]);
            let v2 = tile.omega;
            let v1 = &[<V::Scalar as rt::Real>::of(1.0)];
            let w = rt::Matrix { data: v1, row: 1, col: 1 };
            let x = rt::Rows { rows: &v2[..], panel: 1, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: 1, row: 1 };
            rt::gemm::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s8<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = sum of v1
        {
            let [v1] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)], [0]);
            let v0 = &mut tile.acc[2..][..1];
            let a = rt::Rows { rows: v1, panel: 1, row: 1 };
            rt::add_lane_sums::<V>(v0, 1, a, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s9<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 0.5*v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)], [0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b0[0], l);
                        let x0 = (V::constant(0.5) * x1);
                        x0.store(&mut b0[0], l);
                    }
                }
            }
        }
    }

    fn s10<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[a] * v1[a]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (6 * pn, 1 * pn)], [0, 1]);
                for p in 0..pn {
                    for l in 0..vectors {
                        let mut sum = V::constant(0.0);
                        for i_a in 0..3 {
                            sum = V::load(&v1[p * 3 + i_a], l).mul_add(V::load(&v1[p * 3 + i_a], l), sum);
                        }
                        sum.store(&mut v0[p], l);
                    }
                }
            }
        }
    }

    fn s11<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 0.5*v1
            // v2 = (v0 - v3)
            {
                let [v2] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn)], [0]);
                let v3 = &tile.shared[6..][..1];
                for p in 0..pn {
                    let b2 = &mut v2[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b2[0], l);
                        let x3 = V::splat(v3[0]);
                        let x0 = (V::constant(0.5) * x1);
                        let x2 = (x0 - x3);
                        x2.store(&mut b2[0], l);
                    }
                }
            }
        }
    }

    fn s12<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[a] = sum of v1[] * v2[a]
            {
                let [v1, v2, v0] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (0 * pn, 3 * pn), (8 * pn, 3 * pn)], [1, 0, 2]);
                for p in 0..pn {
                    for i_a in 0..3 {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            sum = V::load(&v1[p], l).mul_add(V::load(&v2[p * 3 + i_a], l), sum);
                            sum.store(&mut v0[p * 3 + i_a], l);
                        }
                    }
                }
            }
        }
    }

    fn s13<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v2] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn)], [0]);
            let v1 = tile.omega;
            let v0 = &mut tile.acc[1..][..1];
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: 1, row: 1 }, rt::Rows { rows: &v2[..], panel: 1, row: 1 }),
            ];
            rt::rank_k_update::<V>(v0, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s14<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1
            // v2 = v3*v0
            {
                let [v2] = rt::split(&mut *tile.scratch, [(8 * pn, 3 * pn)], [0]);
                let v3 = tile.x;
                for p in 0..pn {
                    let b2 = &mut v2[p * 3..][..3];
                    let b3 = &v3[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b2[u], l);
                            let x3 = V::load(&b3[u], l);
                            let x0 = (V::constant(2.0) * x1);
                            let x2 = (x3 * x0);
                            x2.store(&mut b2[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s15<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[a]
            {
                let [v1] = rt::split(&mut *tile.scratch, [(8 * pn, 3 * pn)], [0]);
                let v0 = &mut tile.acc[3..][..1];
                let mut sum = V::constant(0.0);
                for p in 0..pn {
                    for l in 0..vectors {
                        for i_a in 0..3 {
                            sum = sum + V::load(&v1[p * 3 + i_a], l);
                        }
                    }
                }
                v0[0] = v0[0] + sum.sum();
            }
        }
    }

    fn s16<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = -v1
            {
                let [v0] = rt::split(&mut *common.shared, [(7, 1)], [0]);
                let [v1] = rt::split(&mut *common.acc, [(2, 1)], [0]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                v0[0] = rt::Vector::sum((-x1));
            }
        }
    }

    fn s17<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = 2*v1
            {
                let [v0] = rt::split(&mut *common.shared, [(13, 1)], [0]);
                let [v1] = rt::split(&mut *common.acc, [(3, 1)], [0]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                v0[0] = rt::Vector::sum((rt::ScalarVector::<V::Scalar>::constant(2.0) * x1));
            }
        }
    }

    fn s18<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = (v1 + v2)
            {
                let [v1, v2, v0] = rt::split(&mut *common.shared, [(12, 1), (13, 1), (14, 1)], [0, 1, 2]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                let x2 = rt::ScalarVector::splat(v2[0]);
                v0[0] = rt::Vector::sum((x1 + x2));
            }
        }
    }

    fn s19<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::outline(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = 0.5*v1*v2
            {
                let [v1, v2] = rt::split(&mut *common.shared, [(14, 1), (0, 1)], [1, 0]);
                let [v0] = rt::split(&mut *common.acc, [(0, 1)], [0]);
                let x1 = rt::ScalarVector::splat(v1[0]);
                let x2 = rt::ScalarVector::splat(v2[0]);
                v0[0] = rt::Vector::sum((rt::ScalarVector::<V::Scalar>::constant(0.5) * (x1 * x2)));
            }
        }
    }
};
