#[doc = " Two layers over a wide input: compressed entry, kernels, a stream over directions."]
#[allow(unreachable_pub)]
pub type Network<T = f32> = ::scorematch::Model<NetworkSpec, T>;
#[doc = "The compiled form of [`Network`]."]
#[allow(unreachable_pub)]
pub enum NetworkSpec {}
#[allow(clippy::all, clippy::pedantic, unused, unreachable_pub)]
const _: () = {
    use ::scorematch::__private as rt;
    use rt::Vector as _;

    impl rt::Spec for NetworkSpec {
        const NAME: &'static str = "Network";
        const X_SHAPE: &'static [usize] = &[5];
        const DIM: usize = 5;
        const PARAMS: &'static [rt::ParamInfo] = &[
            rt::ParamInfo { name: "net.0.weight", shape: &[3, 5], offset: 0, init: rt::Init::Uniform { bound: 0.4472135954999579 } },
            rt::ParamInfo { name: "net.0.bias", shape: &[3], offset: 15, init: rt::Init::Uniform { bound: 0.4472135954999579 } },
            rt::ParamInfo { name: "net.2.weight", shape: &[4, 3], offset: 18, init: rt::Init::Uniform { bound: 0.5773502691896258 } },
            rt::ParamInfo { name: "net.2.bias", shape: &[4], offset: 30, init: rt::Init::Uniform { bound: 0.5773502691896258 } },
            rt::ParamInfo { name: "net.4.weight", shape: &[1, 4], offset: 34, init: rt::Init::Uniform { bound: 0.5 } },
            rt::ParamInfo { name: "net.4.bias", shape: &[1], offset: 38, init: rt::Init::Uniform { bound: 0.5 } },
        ];
        const PARAM_LEN: usize = 39;
        const SMOOTH: bool = true;
        type Energy = Energy;
        type Esm = Esm;
    }

    pub enum Energy {}
    impl rt::Program for Energy {
        const LAYOUT: rt::Layout = rt::Layout {
            shared: 0,
            scratch_rows: 9,
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
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s0::<V>, &[]),
                (s1::<V>, &[0, 3, 15]),
                (s2::<V>, &[0, 3, 4, 4, 0, 1, 18, 12, 3, 1]),
                (s1::<V>, &[4, 4, 30]),
                (s2::<V>, &[4, 4, 0, 1, 1, 0, 34, 4, 4, 1]),
                (s3::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s4::<V>, &[]),
            ]);
        }
    }

    pub enum Esm {}
    impl rt::Program for Esm {
        const LAYOUT: rt::Layout = rt::Layout {
            shared: 85,
            scratch_rows: 133,
            stream_reads: &[(12, 3), (35, 4)],
            stream_sums: &[(56, 4), (48, 3)],
            acc: 56,
            panels: 4,
            chunk: 8,
            tangents: rt::Tangents::Exact(3),
            out_rows: 0,
            uses: rt::Uses { v: false, omega: true },
            deferred: &[],
        };

        #[inline(always)]
        fn prologue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            rt::run_batch(common, &[
                (s5::<V>, &[]),
                (s6::<V>, &[]),
                (s7::<V>, &[]),
                (s8::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s0::<V>, &[]),
                (s9::<V>, &[]),
                (s10::<V>, &[]),
                (s11::<V>, &[]),
                (s2::<V>, &[16, 3, 20, 4, 0, 1, 18, 12, 3, 1]),
                (s12::<V>, &[]),
                (s2::<V>, &[30, 4, 40, 3, 0, 1, 18, 12, 1, 3]),
                (s13::<V>, &[]),
                (s14::<V>, &[52, 3, 49]),
                (s15::<V>, &[44, 3, 52, 0, 1]),
                (s16::<V>, &[48, 1, 3]),
                (s17::<V>, &[]),
                (s18::<V>, &[]),
                (s19::<V>, &[]),
                (s20::<V>, &[48, 3, 56, 0, 1, 40, 9]),
                (s16::<V>, &[56, 3, 1]),
                (s21::<V>, &[]),
                (s20::<V>, &[30, 4, 48, 0, 1, 18, 12]),
                (s2::<V>, &[48, 3, 30, 4, 1, 0, 18, 12, 3, 1]),
                (s22::<V>, &[]),
                (s14::<V>, &[56, 4, 52]),
                (s23::<V>, &[56, 4]),
                (s23::<V>, &[48, 3]),
            ]);
        }

        #[inline(always)]
        fn stream<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, directions: std::ops::Range<usize>) {
            let lower = rt::lower_suffices(&tile.shared[0..][..9], [3, 3]); rt::run_chunks(tile, directions, 8, lower, &[
                (s24::<V>, &[]),
                (s25::<V>, &[]),
                (s26::<V>, &[]),
                (s27::<V>, &[]),
                (s28::<V>, &[]),
                (s29::<V>, &[]),
                (s30::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s31::<V>, &[]),
                (s32::<V>, &[]),
                (s33::<V>, &[]),
                (s14::<V>, &[25, 4, 52]),
                (s14::<V>, &[30, 4, 30]),
                (s20::<V>, &[30, 4, 16, 1, 0, 18, 12]),
                (s15::<V>, &[20, 4, 4, 1, 0]),
                (s2::<V>, &[30, 4, 12, 3, 1, 0, 18, 12, 1, 3]),
                (s34::<V>, &[]),
                (s35::<V>, &[]),
                (s36::<V>, &[]),
                (s14::<V>, &[0, 3, 15]),
                (s37::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            rt::run_batch(common, &[
                (s38::<V>, &[]),
                (s39::<V>, &[]),
                (s40::<V>, &[]),
                (s41::<V>, &[]),
                (s42::<V>, &[]),
            ]);
        }
    }

    fn s0<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)], [0]);
            let v2 = tile.x;
            let v1 = &tile.params[0..][..15];
            let w = rt::Matrix { data: v1, row: 5, col: 1 };
            let x = rt::Rows { rows: &v2[..], panel: 5, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: 3, row: 1 };
            rt::product::<V>(w, 3, 5, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s1<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1, n2] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            // v3 = gate(v0)
            // v4 = v0*gate_sigmoid(v3)
            {
                let [v4] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn)], [0]);
                let v2 = &tile.params[n2..][..n1];
                for p in 0..pn {
                    let b4 = &mut v4[p * n1..][..n1];
                    for u in 0..n1 {
                        for l in 0..vectors {
                            let x1 = V::load(&b4[u], l);
                            let x2 = V::splat(v2[u]);
                            let x0 = (x1 + x2);
                            let x3 = x0.gate();
                            let x4 = (x0 * x3.gate_sigmoid());
                            x4.store(&mut b4[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s2<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let &[n0, n1, n2, n3, n4, n5, n6, n7, n8, n9] = rt::numbers(numbers);
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v2, v0] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn), (n2 * pn, n3 * pn)], [n4, n5]);
            let v1 = &tile.params[n6..][..n7];
            let w = rt::Matrix { data: v1, row: n8, col: n9 };
            let x = rt::Rows { rows: &v2[..], panel: n1, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: n3, row: 1 };
            rt::product::<V>(w, n3, n1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s3<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            {
                let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 1 * pn)], [0]);
                let v2 = &tile.params[38..][..1];
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b0[0], l);
                        let x2 = V::splat(v2[0]);
                        let x0 = (x1 + x2);
                        x0.store(&mut b0[0], l);
                    }
                }
            }
        }
    }

    fn s4<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // a result
        {
            let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 1 * pn)], [0]);
            for p in 0..pn {
                let to = &mut tile.out[p * 1 + 0..][..1];
                to.copy_from_slice(&v0[p..][..1]);
            }
        }
    }

    fn s5<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0 = L Q
        {
            let [v1, v2] = rt::split(&mut *common.shared, [(0, 9), (9, 15)], [0, 1]);
            let v0 = &common.params[0..][..15];
            rt::lq(common.team, &mut *common.room, [3, 5], &*v0, Some(v1), Some(v2));
        }
    }

    fn s6<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0[b] = sum of v1[a] * v2[ab]
        {
            let [v0] = rt::split(&mut *common.shared, [(24, 4)], [0]);
            let v1 = &[<V::Scalar as rt::Real>::of(1.0)];
            let v2 = &common.params[34..][..4];
            let labels = [rt::Label { size: 4, a: 0, b: 1, c: 1 }, rt::Label { size: 1, a: 1, b: 4, c: 0 }];
            rt::shared_contract(common.team, labels, &*v1, &*v2, v0, rt::Write::Set);
        }
    }

    fn s7<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = v1^2
            {
                let [v0] = rt::split(&mut *common.shared, [(28, 15)], [0]);
                let v1 = &common.params[0..][..15];
                for u in 0..15 {
                    let x1 = rt::One::splat(v1[u]);
                    v0[u] = rt::Vector::sum((x1 * x1));
                }
            }
        }
    }

    fn s8<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0[a] = sum of v1[ab]
        {
            let [v1, v0] = rt::split(&mut *common.shared, [(28, 15), (43, 3)], [0, 1]);
            let labels = [rt::Label { size: 3, a: 5, b: 0, c: 1 }, rt::Label { size: 5, a: 1, b: 0, c: 0 }];
            rt::shared_contract(common.team, labels, &*v1, &[<V::Scalar as rt::Real>::of(1.0)], v0, rt::Write::Set);
        }
    }

    fn s9<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
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
            rt::product::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s10<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = -v1
            // v2 = 0.5*v1
            {
                let [v0, v2] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (6 * pn, 1 * pn)], [0, 1]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    let b2 = &mut v2[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b0[0], l);
                        let x0 = (-x1);
                        x0.store(&mut b0[0], l);
                        let x2 = (V::constant(0.5) * x1);
                        x2.store(&mut b2[0], l);
                    }
                }
            }
        }
    }

    fn s11<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            // v3 = gate(v0)
            // v4 = (v0*gate_slope(v3) + gate_sigmoid(v3))
            // v5 = v0*gate_sigmoid(v3)
            {
                let [v0, v3, v4, v5] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (8 * pn, 3 * pn), (12 * pn, 3 * pn), (16 * pn, 3 * pn)], [0, 1, 2, 3]);
                let v2 = &tile.params[15..][..3];
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    let b3 = &mut v3[p * 3..][..3];
                    let b4 = &mut v4[p * 3..][..3];
                    let b5 = &mut v5[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x2 = V::splat(v2[u]);
                            let x0 = (x1 + x2);
                            x0.store(&mut b0[u], l);
                            let x3 = x0.gate();
                            x3.store(&mut b3[u], l);
                            let e0 = x3.gate_sigmoid();
                            let x4 = x0.mul_add(x3.gate_slope(), e0);
                            x4.store(&mut b4[u], l);
                            let x5 = (x0 * e0);
                            x5.store(&mut b5[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s12<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            // v3 = gate(v0)
            // v4 = v5*(gate_sigmoid(v3) + v0*gate_slope(v3))
            // v6 = v5*gate_slope(v3)*v7*(v0*(-2*gate_sigmoid(v3) + 1) + 2)
            {
                let [v0, v3, v4, v6, v7] = rt::split(&mut *tile.scratch, [(20 * pn, 4 * pn), (25 * pn, 4 * pn), (30 * pn, 4 * pn), (35 * pn, 4 * pn), (4 * pn, 1 * pn)], [4, 0, 1, 2, 3]);
                let v2 = &tile.params[30..][..4];
                let v5 = &tile.shared[24..][..4];
                for p in 0..pn {
                    let b0 = &mut v0[p * 4..][..4];
                    let b3 = &mut v3[p * 4..][..4];
                    let b4 = &mut v4[p * 4..][..4];
                    let b6 = &mut v6[p * 4..][..4];
                    let b7 = &v7[p * 1..][..1];
                    for u in 0..4 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x2 = V::splat(v2[u]);
                            let x5 = V::splat(v5[u]);
                            let x7 = V::load(&b7[0], l);
                            let x0 = (x1 + x2);
                            x0.store(&mut b0[u], l);
                            let x3 = x0.gate();
                            x3.store(&mut b3[u], l);
                            let e0 = x3.gate_sigmoid();
                            let e1 = x3.gate_slope();
                            let x4 = (x5 * x0.mul_add(e1, e0));
                            x4.store(&mut b4[u], l);
                            let x6 = (x5 * e1 * x7 * x0.mul_add(e0.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0)));
                            x6.store(&mut b6[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s13<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2*gate_slope(v3)*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            // v5 = v1*(v4*gate_slope(v3) + gate_sigmoid(v3))
            // v6 = v1*gate_slope(v3)*v7*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            {
                let [v0, v5, v6, v4, v1, v3, v7] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (48 * pn, 3 * pn), (52 * pn, 3 * pn), (0 * pn, 3 * pn), (40 * pn, 3 * pn), (8 * pn, 3 * pn), (4 * pn, 1 * pn)], [3, 6, 5, 4, 0, 1, 2]);
                let v2 = &tile.shared[43..][..3];
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    let b5 = &mut v5[p * 3..][..3];
                    let b6 = &mut v6[p * 3..][..3];
                    let b4 = &v4[p * 3..][..3];
                    let b1 = &v1[p * 3..][..3];
                    let b3 = &v3[p * 3..][..3];
                    let b7 = &v7[p * 1..][..1];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x4 = V::load(&b4[u], l);
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::splat(v2[u]);
                            let x3 = V::load(&b3[u], l);
                            let x7 = V::load(&b7[0], l);
                            let e0 = x3.gate_slope();
                            let e1 = x3.gate_sigmoid();
                            let e2 = x4.mul_add(e1.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0));
                            let p0 = x1 * e0;
                            let p1 = e2 * p0;
                            let x0 = (p1 * x2);
                            x0.store(&mut b0[u], l);
                            let x5 = (x1 * x4.mul_add(e0, e1));
                            x5.store(&mut b5[u], l);
                            let x6 = (p1 * x7);
                            x6.store(&mut b6[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s14<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let &[n0, n1, n2] = rt::numbers(numbers);
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = sum of v1
        {
            let [v1] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn)], [0]);
            let v0 = &mut tile.acc[n2..][..n1];
            let a = rt::Rows { rows: v1, panel: n1, row: 1 };
            rt::add_lane_sums::<V>(v0, n1, a, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s15<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1, n2, n3, n4] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[a]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn), (n2 * pn, 1 * pn)], [n3, n4]);
                for p in 0..pn {
                    for l in 0..vectors {
                        let mut sum = V::constant(0.0);
                        for i_a in 0..n1 {
                            sum = sum + V::load(&v1[p * n1 + i_a], l);
                        }
                        sum.store(&mut v0[p], l);
                    }
                }
            }
        }
    }

    fn s16<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let &[n0, n1, n2] = rt::numbers(numbers);
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v2, v0] = rt::split(&mut *tile.scratch, [(n0 * pn, 3 * pn), (44 * pn, 3 * pn)], [1, 0]);
            let v1 = &tile.shared[0..][..9];
            let w = rt::Matrix { data: v1, row: n1, col: n2 };
            let x = rt::Rows { rows: &v2[..], panel: 3, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: 3, row: 1 };
            rt::product::<V>(w, 3, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s17<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[a] * v1[a]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (54 * pn, 1 * pn)], [0, 1]);
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

    fn s18<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[a] = sum of v1[] * v2[a]
            {
                let [v1, v2, v0] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn), (44 * pn, 3 * pn), (56 * pn, 3 * pn)], [0, 1, 2]);
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

    fn s19<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(56 * pn, 3 * pn)], [0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x0 = (V::constant(2.0) * x1);
                            x0.store(&mut b0[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s20<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let &[n0, n1, n2, n3, n4, n5, n6] = rt::numbers(numbers);
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v1, v2] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn), (n2 * pn, 3 * pn)], [n3, n4]);
            let v0 = &mut tile.acc[n5..][..n6];
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: n1, row: 1 }, rt::Rows { rows: &v2[..], panel: 3, row: 1 }),
            ];
            rt::outer::<V>(v0, 3, 1, n1, 3, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s21<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*(gate_sigmoid(v2) + v3*gate_slope(v2))
            // v4 = v5*v6*gate_slope(v2)*(v3*(-2*gate_sigmoid(v2) + 1) + 2)
            // v7 = (v0 + v4)
            {
                let [v7, v3, v1, v2, v6] = rt::split(&mut *tile.scratch, [(48 * pn, 3 * pn), (0 * pn, 3 * pn), (44 * pn, 3 * pn), (8 * pn, 3 * pn), (4 * pn, 1 * pn)], [1, 4, 3, 2, 0]);
                let v5 = &tile.shared[43..][..3];
                for p in 0..pn {
                    let b7 = &mut v7[p * 3..][..3];
                    let b3 = &v3[p * 3..][..3];
                    let b1 = &v1[p * 3..][..3];
                    let b2 = &v2[p * 3..][..3];
                    let b6 = &v6[p * 1..][..1];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x3 = V::load(&b3[u], l);
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x5 = V::splat(v5[u]);
                            let x6 = V::load(&b6[0], l);
                            let e0 = x2.gate_sigmoid();
                            let e1 = x2.gate_slope();
                            let x0 = (x1 * x3.mul_add(e1, e0));
                            let x4 = (x5 * x6 * e1 * x3.mul_add(e0.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0)));
                            let x7 = (x0 + x4);
                            x7.store(&mut b7[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s22<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*(gate_sigmoid(v2) + v3*gate_slope(v2))
            {
                let [v0, v3, v1, v2] = rt::split(&mut *tile.scratch, [(56 * pn, 4 * pn), (20 * pn, 4 * pn), (30 * pn, 4 * pn), (25 * pn, 4 * pn)], [1, 3, 2, 0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 4..][..4];
                    let b3 = &v3[p * 4..][..4];
                    let b1 = &v1[p * 4..][..4];
                    let b2 = &v2[p * 4..][..4];
                    for u in 0..4 {
                        for l in 0..vectors {
                            let x3 = V::load(&b3[u], l);
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x0 = (x1 * x3.mul_add(x2.gate_slope(), x2.gate_sigmoid()));
                            x0.store(&mut b0[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s23<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let &[n0, n1] = rt::numbers(numbers);
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        {
            let [v0] = rt::split(&mut *tile.scratch, [(n0 * pn, n1 * pn)], [0]);
            v0.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
        }
    }

    fn s24<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2
            {
                let [v0, v2] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (12 * pn, 3 * pn)], [1, 0]);
                let v3 = &tile.shared[0..][..9];
                for p in 0..pn {
                    let b2 = &v2[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x2 = V::load(&b2[u], l);
                            for t in 0..tn {
                                let x1 = V::splat(v3[(u) * 3 + t0 + t]);
                                let x0 = (x1 * x2);
                                x0.store(&mut v0[(t * pn + p) * 3 + u], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s25<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v2, v0] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (93 * pn, 4 * tn * pn)], [0, 1]);
            let v1 = &tile.params[18..][..12];
            let skip = (t0).min(3);
            let w = rt::Matrix { data: &v1[skip * 1..], row: 3, col: 1 };
            let x = rt::Rows { rows: &v2[skip..], panel: 3, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: 4, row: 1 };
            rt::product::<V>(w, 4, 3 - skip, x, y, rt::Panels { count: tn * pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s26<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1^2
            // v2 = 2*v1*v3
            // v4 += sum over directions of v0
            {
                let [v2, v4, v3] = rt::split(&mut *tile.scratch, [(93 * pn, 4 * tn * pn), (56 * pn, 4 * pn), (35 * pn, 4 * pn)], [2, 1, 0]);
                for p in 0..pn {
                    let b4 = &mut v4[p * 4..][..4];
                    let b3 = &v3[p * 4..][..4];
                    for u in 0..4 {
                        for l in 0..vectors {
                            let x3 = V::load(&b3[u], l);
                            let mut s4 = V::load(&b4[u], l);
                            for t in 0..tn {
                                let x1 = V::load(&v2[(t * pn + p) * 4 + u], l);
                                let x0 = (x1 * x1);
                                let x2 = (V::constant(2.0) * (x1 * x3));
                                x2.store(&mut v2[(t * pn + p) * 4 + u], l);
                                s4 = s4 + x0;
                            }
                            s4.store(&mut b4[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s27<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v1, v2] = rt::split(&mut *tile.scratch, [(93 * pn, 4 * tn * pn), (61 * pn, 3 * tn * pn)], [1, 0]);
            let v0 = &mut tile.acc[18..][..12];
            let skip_b = (t0 / rt::LANES * rt::LANES).min(3);
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: 4, row: 1 }, rt::Rows { rows: &v2[skip_b..], panel: 3, row: 1 }),
            ];
            rt::outer::<V>(&mut v0[skip_b * 1..], 3, 1, 4, 3 - skip_b, &pairs, rt::Panels { count: tn * pn, lanes: tile.lanes });
        }
    }

    fn s28<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v2, v0] = rt::split(&mut *tile.scratch, [(93 * pn, 4 * tn * pn), (61 * pn, 3 * tn * pn)], [1, 0]);
            let v1 = &tile.params[18..][..12];
            let top = (t0).min(3);
            let top = if lower_suffices { top } else { 0 };
            rt::clear(&mut v0[..], 3, tn * pn, top);
            let w = rt::Matrix { data: &v1[top * 1..], row: 1, col: 3 };
            let x = rt::Rows { rows: &v2[..], panel: 4, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[top..], panel: 3, row: 1 };
            rt::product::<V>(w, 3 - top, 4, x, y, rt::Panels { count: tn * pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s29<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2
            // v3 = v2*v4
            // v5 += sum over directions of v0
            {
                let [v3, v5, v4] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (48 * pn, 3 * pn), (12 * pn, 3 * pn)], [2, 1, 0]);
                let v6 = &tile.shared[0..][..9];
                for p in 0..pn {
                    let b5 = &mut v5[p * 3..][..3];
                    let b4 = &v4[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x4 = V::load(&b4[u], l);
                            let mut s5 = V::load(&b5[u], l);
                            for t in 0..tn {
                                let x1 = V::splat(v6[(u) * 3 + t0 + t]);
                                let x2 = V::load(&v3[(t * pn + p) * 3 + u], l);
                                let x0 = (x1 * x2);
                                let x3 = (x2 * x4);
                                x3.store(&mut v3[(t * pn + p) * 3 + u], l);
                                s5 = s5 + x0;
                            }
                            s5.store(&mut b5[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s30<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0[.., t] += sum over samples of v1
        {
            let [v1] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn)], [0]);
            let v0 = &mut tile.acc[40..][..9];
            rt::add_columns::<V>(v0, 3, t0, v1, tn, 3, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s31<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 0.5*v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(54 * pn, 1 * pn)], [0]);
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

    fn s32<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2*gate_slope(v3)*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            // v5 = v1*gate_slope(v3)*v6*v7*(-6*gate_sigmoid(v3) + v4*(-2*gate_slope(v3) + (-2*gate_sigmoid(v3) + 1)^2) + 3)
            // v8 = gate_slope(v3)*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            // v9 = v8*v10
            // v11 = (v5 + v9)
            // v12 = (v0 + v11)
            {
                let [v12, v4, v2, v3, v7, v10] = rt::split(&mut *tile.scratch, [(40 * pn, 3 * pn), (0 * pn, 3 * pn), (44 * pn, 3 * pn), (8 * pn, 3 * pn), (4 * pn, 1 * pn), (48 * pn, 3 * pn)], [1, 4, 3, 0, 2, 5]);
                let v6 = &tile.shared[43..][..3];
                for p in 0..pn {
                    let b12 = &mut v12[p * 3..][..3];
                    let b4 = &v4[p * 3..][..3];
                    let b2 = &v2[p * 3..][..3];
                    let b3 = &v3[p * 3..][..3];
                    let b7 = &v7[p * 1..][..1];
                    let b10 = &v10[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x4 = V::load(&b4[u], l);
                            let x1 = V::load(&b12[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x3 = V::load(&b3[u], l);
                            let x6 = V::splat(v6[u]);
                            let x7 = V::load(&b7[0], l);
                            let x10 = V::load(&b10[u], l);
                            let e0 = x3.gate_slope();
                            let e1 = x3.gate_sigmoid();
                            let e2 = e1.mul_add(V::constant(-2.0), V::constant(1.0));
                            let e3 = x4.mul_add(e2, V::constant(2.0));
                            let p0 = x1 * e0;
                            let x0 = (p0 * x2 * e3);
                            let x5 = (p0 * x6 * x7 * x4.mul_add(e2.mul_add(e2, (V::constant(-2.0) * e0)), e1.mul_add(V::constant(-6.0), V::constant(3.0))));
                            let x8 = (e0 * e3);
                            let x9 = (x8 * x10);
                            let x11 = (x5 + x9);
                            let x12 = (x0 + x11);
                            x12.store(&mut b12[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s33<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2*gate_slope(v3)*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            // v5 = v1*gate_slope(v3)*v6*(v4*(-2*gate_sigmoid(v3) + 1) + 2)
            // v7 = v1*v2*gate_slope(v3)*v8*(-6*gate_sigmoid(v3) + v4*(-2*gate_slope(v3) + (-2*gate_sigmoid(v3) + 1)^2) + 3)
            // v9 = v2*gate_slope(v3)*(v4*(-2*gate_sigmoid(v3) + 1) + 2)*v8
            // v10 = (v5 + v7)
            {
                let [v0, v9, v10, v2, v8] = rt::split(&mut *tile.scratch, [(20 * pn, 4 * pn), (25 * pn, 4 * pn), (30 * pn, 4 * pn), (56 * pn, 4 * pn), (4 * pn, 1 * pn)], [4, 0, 1, 2, 3]);
                let v1 = &tile.shared[24..][..4];
                for p in 0..pn {
                    let b0 = &mut v0[p * 4..][..4];
                    let b9 = &mut v9[p * 4..][..4];
                    let b10 = &mut v10[p * 4..][..4];
                    let b2 = &v2[p * 4..][..4];
                    let b8 = &v8[p * 1..][..1];
                    for u in 0..4 {
                        for l in 0..vectors {
                            let x4 = V::load(&b0[u], l);
                            let x1 = V::splat(v1[u]);
                            let x2 = V::load(&b2[u], l);
                            let x3 = V::load(&b9[u], l);
                            let x6 = V::load(&b10[u], l);
                            let x8 = V::load(&b8[0], l);
                            let e0 = x3.gate_slope();
                            let e1 = x3.gate_sigmoid();
                            let e2 = e1.mul_add(V::constant(-2.0), V::constant(1.0));
                            let e3 = x4.mul_add(e2, V::constant(2.0));
                            let p0 = x1 * e0;
                            let p1 = x2 * e3;
                            let x0 = (p0 * p1);
                            x0.store(&mut b0[u], l);
                            let x5 = (p0 * x6 * e3);
                            let x7 = (p0 * x2 * x8 * x4.mul_add(e2.mul_add(e2, (V::constant(-2.0) * e0)), e1.mul_add(V::constant(-6.0), V::constant(3.0))));
                            let x9 = (p1 * e0 * x8);
                            x9.store(&mut b9[u], l);
                            let x10 = (x5 + x7);
                            x10.store(&mut b10[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s34<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            // v3 = (v4 - v0)
            {
                let [v3, v2, v4] = rt::split(&mut *tile.scratch, [(52 * pn, 1 * pn), (4 * pn, 1 * pn), (54 * pn, 1 * pn)], [1, 0, 2]);
                for p in 0..pn {
                    let b3 = &mut v3[p * 1..][..1];
                    let b2 = &v2[p * 1..][..1];
                    let b4 = &v4[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b3[0], l);
                        let x2 = V::load(&b2[0], l);
                        let x4 = V::load(&b4[0], l);
                        let x0 = (x1 + x2);
                        let x3 = (x4 - x0);
                        x3.store(&mut b3[0], l);
                    }
                }
            }
        }
    }

    fn s35<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*(gate_sigmoid(v2) + v3*gate_slope(v2))
            // v4 = (v0 + v5)
            {
                let [v4, v1, v2, v5] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (12 * pn, 3 * pn), (8 * pn, 3 * pn), (40 * pn, 3 * pn)], [0, 2, 1, 3]);
                for p in 0..pn {
                    let b4 = &mut v4[p * 3..][..3];
                    let b1 = &v1[p * 3..][..3];
                    let b2 = &v2[p * 3..][..3];
                    let b5 = &v5[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x3 = V::load(&b4[u], l);
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x5 = V::load(&b5[u], l);
                            let x0 = (x1 * x3.mul_add(x2.gate_slope(), x2.gate_sigmoid()));
                            let x4 = (x0 + x5);
                            x4.store(&mut b4[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s36<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v2] = rt::split(&mut *tile.scratch, [(52 * pn, 1 * pn)], [0]);
            let v1 = tile.omega;
            let v0 = &mut tile.acc[39..][..1];
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: 1, row: 1 }, rt::Rows { rows: &v2[..], panel: 1, row: 1 }),
            ];
            rt::outer::<V>(v0, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s37<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v1] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)], [0]);
            let v2 = tile.x;
            let v0 = &mut tile.acc[0..][..15];
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: 3, row: 1 }, rt::Rows { rows: &v2[..], panel: 5, row: 1 }),
            ];
            rt::outer::<V>(v0, 5, 1, 3, 5, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s38<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = 2*v1*v2
            {
                let [v0] = rt::split(&mut *common.shared, [(46, 15)], [0]);
                let [v2] = rt::split(&mut *common.acc, [(49, 3)], [0]);
                let v1 = &common.params[0..][..15];
                for u0 in 0..3 {
                    for u1 in 0..5 {
                        let x1 = rt::One::splat(v1[u0 * 5 + u1]);
                        let x2 = rt::One::splat(v2[u0]);
                        v0[u0 * 5 + u1] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * (x1 * x2)));
                    }
                }
            }
        }
    }

    fn s39<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0[ba] = sum of v1[a] * v2[b]
        {
            let [v1, v0] = rt::split(&mut *common.acc, [(52, 4), (34, 4)], [1, 0]);
            let v2 = &[<V::Scalar as rt::Real>::of(1.0)];
            let labels = [rt::Label { size: 1, a: 0, b: 1, c: 4 }, rt::Label { size: 4, a: 1, b: 0, c: 1 }];
            rt::shared_contract(common.team, labels, &*v1, &*v2, v0, rt::Write::Set);
        }
    }

    fn s40<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0 = v1, whole
        {
            let [v2, v0] = rt::split(&mut *common.shared, [(0, 9), (61, 9)], [0, 1]);
            let [v1] = rt::split(&mut *common.acc, [(40, 9)], [0]);
            rt::lq_gradient(common.team, &mut *common.room, [3, 3], &*v2, &*v1, v0);
        }
    }

    fn s41<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        // v0[ac] = sum of v1[ab] * v2[bc]
        {
            let [v1, v2, v0] = rt::split(&mut *common.shared, [(61, 9), (9, 15), (70, 15)], [1, 0, 2]);
            let labels = [rt::Label { size: 3, a: 3, b: 0, c: 5 }, rt::Label { size: 5, a: 0, b: 1, c: 1 }, rt::Label { size: 3, a: 1, b: 5, c: 0 }];
            rt::shared_contract(common.team, labels, &*v1, &*v2, v0, rt::Write::Set);
        }
    }

    fn s42<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = (v1 + v2 + v3)
            {
                let [v1, v3] = rt::split(&mut *common.shared, [(46, 15), (70, 15)], [0, 1]);
                let [v2] = rt::split(&mut *common.acc, [(0, 15)], [0]);
                for u in 0..15 {
                    let x1 = rt::One::splat(v1[u]);
                    let x2 = rt::One::splat(v2[u]);
                    let x3 = rt::One::splat(v3[u]);
                    v2[u] = rt::Vector::sum(((x1 + x2) + x3));
                }
            }
        }
    }
};
