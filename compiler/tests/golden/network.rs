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
            let pn = tile.panels;
            // v3 = v1 v0
            {
                let [v3] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                let v0 = tile.x;
                let v1 = &tile.params[0..15];
                let w = rt::Matrix { data: v1, row: 5, col: 1 };
                let x = rt::Rows { rows: &v0[..], panel: 5, row: 1 };
                let y = rt::RowsMut { rows: &mut v3[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 5, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            // v9 = v5 v8
            {
                let [v8, v9] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (4 * pn, 4 * pn)]);
                let v5 = &tile.params[18..30];
                let w = rt::Matrix { data: v5, row: 3, col: 1 };
                let x = rt::Rows { rows: &v8[..], panel: 3, row: 1 };
                let y = rt::RowsMut { rows: &mut v9[..], panel: 4, row: 1 };
                rt::product::<V>(w, 4, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            // v15 = v11 v14
            {
                let [v15, v14] = rt::split(&mut *tile.scratch, [(0 * pn, 1 * pn), (4 * pn, 4 * pn)]);
                let v11 = &tile.params[34..38];
                let w = rt::Matrix { data: v11, row: 4, col: 1 };
                let x = rt::Rows { rows: &v14[..], panel: 4, row: 1 };
                let y = rt::RowsMut { rows: &mut v15[..], panel: 1, row: 1 };
                rt::product::<V>(w, 1, 4, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v4 = (v3 + v2)
                // v7 = gate(v4)
                // v8 = v4*gate_sigmoid(v7)
                {
                    let [v8] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                    let v2 = &tile.params[15..18];
                    for p in 0..pn {
                        let b8 = &mut v8[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x3 = V::load(&b8[u], l);
                                let x2 = V::splat(v2[u]);
                                let x4 = (x3 + x2);
                                let x7 = x4.gate();
                                let x8 = (x4 * x7.gate_sigmoid());
                                x8.store(&mut b8[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step1<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v10 = (v9 + v6)
                // v13 = gate(v10)
                // v14 = v10*gate_sigmoid(v13)
                {
                    let [v14] = rt::split(&mut *tile.scratch, [(4 * pn, 4 * pn)]);
                    let v6 = &tile.params[30..34];
                    for p in 0..pn {
                        let b14 = &mut v14[p * 4..][..4];
                        for u in 0..4 {
                            for l in 0..vectors {
                                let x9 = V::load(&b14[u], l);
                                let x6 = V::splat(v6[u]);
                                let x10 = (x9 + x6);
                                let x13 = x10.gate();
                                let x14 = (x10 * x13.gate_sigmoid());
                                x14.store(&mut b14[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v16 = (v15 + v12)
                {
                    let [v16] = rt::split(&mut *tile.scratch, [(0 * pn, 1 * pn)]);
                    let v12 = &tile.params[38..39];
                    for p in 0..pn {
                        let b16 = &mut v16[p * 1..][..1];
                        for l in 0..vectors {
                            let x15 = V::load(&b16[0], l);
                            let x12 = V::splat(v12[0]);
                            let x16 = (x15 + x12);
                            x16.store(&mut b16[0], l);
                        }
                    }
                }
            }
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            // out
            {
                let [v17] = rt::split(&mut *tile.scratch, [(0 * pn, 1 * pn)]);
                for p in 0..pn {
                    let to = &mut tile.out[p * 1 + 0..][..1];
                    to.copy_from_slice(&v17[p..][..1]);
                }
            }
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
            // v1 = L Q
            {
                let [v2, v88] = rt::split(&mut *common.shared, [(0, 9), (9, 15)]);
                let v1 = &common.params[0..15];
                rt::lq(common.team, &mut *common.room, [3, 5], &*v1, Some(v2), Some(v88));
            }
            // v17[b] = sum of v16[a] * v14[ab]
            {
                let [v17] = rt::split(&mut *common.shared, [(24, 4)]);
                let v16 = &[<V::Scalar as rt::Real>::of(1.0)];
                let v14 = &common.params[34..38];
                let labels = [rt::Label { size: 4, a: 0, b: 1, c: 1 }, rt::Label { size: 1, a: 1, b: 4, c: 0 }];
                rt::shared_contract(common.team, labels, &*v16, &*v14, v17, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            // v26[a] = sum of v25[ab]
            {
                let [v25, v26] = rt::split(&mut *common.shared, [(28, 15), (43, 3)]);
                let labels = [rt::Label { size: 3, a: 5, b: 0, c: 1 }, rt::Label { size: 5, a: 1, b: 0, c: 0 }];
                rt::shared_contract(common.team, labels, &*v25, &[<V::Scalar as rt::Real>::of(1.0)], v26, rt::Write::Set);
            }

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v25 = v1^2
                {
                    let [v25] = rt::split(&mut *common.shared, [(28, 15)]);
                    let v1 = &common.params[0..15];
                    for u in 0..15 {
                        let x1 = rt::One::splat(v1[u]);
                        v25[u] = rt::Vector::sum((x1 * x1));
                    }
                }
            }
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            // v6 = v1 v5
            {
                let [v6] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                let v5 = tile.x;
                let v1 = &tile.params[0..15];
                let w = rt::Matrix { data: v1, row: 5, col: 1 };
                let x = rt::Rows { rows: &v5[..], panel: 5, row: 1 };
                let y = rt::RowsMut { rows: &mut v6[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 5, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            // v39 = v15 v37
            {
                let [v39] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)]);
                let v37 = tile.omega;
                let v15 = &[<V::Scalar as rt::Real>::of(1.0)];
                let w = rt::Matrix { data: v15, row: 1, col: 1 };
                let x = rt::Rows { rows: &v37[..], panel: 1, row: 1 };
                let y = rt::RowsMut { rows: &mut v39[..], panel: 1, row: 1 };
                rt::product::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            // v20 = v0 v19
            {
                let [v19, v20] = rt::split(&mut *tile.scratch, [(16 * pn, 3 * pn), (20 * pn, 4 * pn)]);
                let v0 = &tile.params[18..30];
                let w = rt::Matrix { data: v0, row: 3, col: 1 };
                let x = rt::Rows { rows: &v19[..], panel: 3, row: 1 };
                let y = rt::RowsMut { rows: &mut v20[..], panel: 4, row: 1 };
                rt::product::<V>(w, 4, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));
            // v28 = v0 v27
            {
                let [v27, v28] = rt::split(&mut *tile.scratch, [(30 * pn, 4 * pn), (40 * pn, 3 * pn)]);
                let v0 = &tile.params[18..30];
                let w = rt::Matrix { data: v0, row: 1, col: 3 };
                let x = rt::Rows { rows: &v27[..], panel: 4, row: 1 };
                let y = rt::RowsMut { rows: &mut v28[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 4, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step3::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step4::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step5::<V>(at), (&mut *tile, 0, 0));
            // v33 = v2 v32
            {
                let [v33, v32] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (48 * pn, 3 * pn)]);
                let v2 = &tile.shared[0..9];
                let w = rt::Matrix { data: v2, row: 1, col: 3 };
                let x = rt::Rows { rows: &v32[..], panel: 3, row: 1 };
                let y = rt::RowsMut { rows: &mut v33[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step6::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step7::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step8::<V>(at), (&mut *tile, 0, 0));
            // v44 += sum of v32 v43'
            {
                let [v32, v43] = rt::split(&mut *tile.scratch, [(48 * pn, 3 * pn), (56 * pn, 3 * pn)]);
                let v44 = &mut tile.acc[40..49];
                let pairs = [
                    (rt::Rows { rows: &v32[..], panel: 3, row: 1 }, rt::Rows { rows: &v43[..], panel: 3, row: 1 }),
                ];
                rt::outer::<V>(v44, 3, 1, 3, 3, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            // v45 = v2 v43
            {
                let [v45, v43] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (56 * pn, 3 * pn)]);
                let v2 = &tile.shared[0..9];
                let w = rt::Matrix { data: v2, row: 3, col: 1 };
                let x = rt::Rows { rows: &v43[..], panel: 3, row: 1 };
                let y = rt::RowsMut { rows: &mut v45[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step9::<V>(at), (&mut *tile, 0, 0));
            // v55 += sum of v27 v53'
            {
                let [v27, v53] = rt::split(&mut *tile.scratch, [(30 * pn, 4 * pn), (48 * pn, 3 * pn)]);
                let v55 = &mut tile.acc[18..30];
                let pairs = [
                    (rt::Rows { rows: &v27[..], panel: 4, row: 1 }, rt::Rows { rows: &v53[..], panel: 3, row: 1 }),
                ];
                rt::outer::<V>(v55, 3, 1, 4, 3, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            // v54 = v0 v53
            {
                let [v54, v53] = rt::split(&mut *tile.scratch, [(30 * pn, 4 * pn), (48 * pn, 3 * pn)]);
                let v0 = &tile.params[18..30];
                let w = rt::Matrix { data: v0, row: 3, col: 1 };
                let x = rt::Rows { rows: &v53[..], panel: 3, row: 1 };
                let y = rt::RowsMut { rows: &mut v54[..], panel: 4, row: 1 };
                rt::product::<V>(w, 4, 3, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step10::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step11::<V>(at), (&mut *tile, 0, 0));
            {
                let [v13] = rt::split(&mut *tile.scratch, [(56 * pn, 4 * pn)]);
                v13.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
            }
            {
                let [v77] = rt::split(&mut *tile.scratch, [(48 * pn, 3 * pn)]);
                v77.fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
            }

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v40 = -v39
                // v41 = 0.5*v39
                {
                    let [v40, v41] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (6 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b40 = &mut v40[p * 1..][..1];
                        let b41 = &mut v41[p * 1..][..1];
                        for l in 0..vectors {
                            let x39 = V::load(&b40[0], l);
                            let x40 = (-x39);
                            x40.store(&mut b40[0], l);
                            let x41 = (V::constant(0.5) * x39);
                            x41.store(&mut b41[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step1<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v7 = (v6 + v4)
                // v8 = gate(v7)
                // v9 = (v7*gate_slope(v8) + gate_sigmoid(v8))
                // v19 = v7*gate_sigmoid(v8)
                {
                    let [v7, v8, v9, v19] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (8 * pn, 3 * pn), (12 * pn, 3 * pn), (16 * pn, 3 * pn)]);
                    let v4 = &tile.params[15..18];
                    for p in 0..pn {
                        let b7 = &mut v7[p * 3..][..3];
                        let b8 = &mut v8[p * 3..][..3];
                        let b9 = &mut v9[p * 3..][..3];
                        let b19 = &mut v19[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x6 = V::load(&b7[u], l);
                                let x4 = V::splat(v4[u]);
                                let x7 = (x6 + x4);
                                x7.store(&mut b7[u], l);
                                let x8 = x7.gate();
                                x8.store(&mut b8[u], l);
                                let e0 = x8.gate_sigmoid();
                                let x9 = x7.mul_add(x8.gate_slope(), e0);
                                x9.store(&mut b9[u], l);
                                let x19 = (x7 * e0);
                                x19.store(&mut b19[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v21 = (v20 + v18)
                // v22 = gate(v21)
                // v27 = v17*(gate_sigmoid(v22) + v21*gate_slope(v22))
                // v64 = v17*gate_slope(v22)*v48*(v21*(-2*gate_sigmoid(v22) + 1) + 2)
                {
                    let [v48, v21, v22, v27, v64] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (20 * pn, 4 * pn), (25 * pn, 4 * pn), (30 * pn, 4 * pn), (35 * pn, 4 * pn)]);
                    let v18 = &tile.params[30..34];
                    let v17 = &tile.shared[24..28];
                    for p in 0..pn {
                        let b21 = &mut v21[p * 4..][..4];
                        let b22 = &mut v22[p * 4..][..4];
                        let b27 = &mut v27[p * 4..][..4];
                        let b64 = &mut v64[p * 4..][..4];
                        let b48 = &v48[p * 1..][..1];
                        for u in 0..4 {
                            for l in 0..vectors {
                                let x20 = V::load(&b21[u], l);
                                let x18 = V::splat(v18[u]);
                                let x17 = V::splat(v17[u]);
                                let x48 = V::load(&b48[0], l);
                                let x21 = (x20 + x18);
                                x21.store(&mut b21[u], l);
                                let x22 = x21.gate();
                                x22.store(&mut b22[u], l);
                                let e0 = x22.gate_sigmoid();
                                let e1 = x22.gate_slope();
                                let x27 = (x17 * x21.mul_add(e1, e0));
                                x27.store(&mut b27[u], l);
                                let x64 = (x17 * e1 * x48 * x21.mul_add(e0.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0)));
                                x64.store(&mut b64[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step3<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v29 = v28*v26*gate_slope(v8)*(v7*(-2*gate_sigmoid(v8) + 1) + 2)
                // v32 = v28*(v7*gate_slope(v8) + gate_sigmoid(v8))
                // v51 = v28*gate_slope(v8)*v48*(v7*(-2*gate_sigmoid(v8) + 1) + 2)
                {
                    let [v7, v48, v8, v28, v29, v32, v51] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (4 * pn, 1 * pn), (8 * pn, 3 * pn), (40 * pn, 3 * pn), (44 * pn, 3 * pn), (48 * pn, 3 * pn), (52 * pn, 3 * pn)]);
                    let v26 = &tile.shared[43..46];
                    for p in 0..pn {
                        let b29 = &mut v29[p * 3..][..3];
                        let b32 = &mut v32[p * 3..][..3];
                        let b51 = &mut v51[p * 3..][..3];
                        let b7 = &v7[p * 3..][..3];
                        let b28 = &v28[p * 3..][..3];
                        let b8 = &v8[p * 3..][..3];
                        let b48 = &v48[p * 1..][..1];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x7 = V::load(&b7[u], l);
                                let x28 = V::load(&b28[u], l);
                                let x26 = V::splat(v26[u]);
                                let x8 = V::load(&b8[u], l);
                                let x48 = V::load(&b48[0], l);
                                let e0 = x8.gate_slope();
                                let e1 = x8.gate_sigmoid();
                                let e2 = x7.mul_add(e1.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0));
                                let p0 = x28 * e0;
                                let p1 = e2 * p0;
                                let x29 = (p1 * x26);
                                x29.store(&mut b29[u], l);
                                let x32 = (x28 * x7.mul_add(e0, e1));
                                x32.store(&mut b32[u], l);
                                let x51 = (p1 * x48);
                                x51.store(&mut b51[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step4<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v52[a] = sum of v51[a]
                {
                    let [v51] = rt::split(&mut *tile.scratch, [(52 * pn, 3 * pn)]);
                    let v52 = &mut tile.acc[49..52];
                    let a = rt::Rows { rows: v51, panel: 3, row: 1 };
                    rt::add_lane_sums::<V>(v52, 3, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }

            #[inline(always)]
            fn step5<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v30[] = sum of v29[a]
                {
                    let [v29, v30] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (52 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = sum + V::load(&v29[p * 3 + i_a], l);
                            }
                            sum.store(&mut v30[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step6<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v34[] = sum of v33[a] * v33[a]
                {
                    let [v33, v34] = rt::split(&mut *tile.scratch, [(44 * pn, 3 * pn), (54 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = V::load(&v33[p * 3 + i_a], l).mul_add(V::load(&v33[p * 3 + i_a], l), sum);
                            }
                            sum.store(&mut v34[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step7<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v42[a] = sum of v41[] * v33[a]
                {
                    let [v41, v33, v42] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn), (44 * pn, 3 * pn), (56 * pn, 3 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                sum = V::load(&v41[p], l).mul_add(V::load(&v33[p * 3 + i_a], l), sum);
                                sum.store(&mut v42[p * 3 + i_a], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step8<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v43 = 2*v42
                {
                    let [v43] = rt::split(&mut *tile.scratch, [(56 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b43 = &mut v43[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x42 = V::load(&b43[u], l);
                                let x43 = (V::constant(2.0) * x42);
                                x43.store(&mut b43[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step9<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v47 = v45*(gate_sigmoid(v8) + v7*gate_slope(v8))
                // v50 = v26*v48*gate_slope(v8)*(v7*(-2*gate_sigmoid(v8) + 1) + 2)
                // v53 = (v47 + v50)
                {
                    let [v7, v48, v8, v45, v53] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (4 * pn, 1 * pn), (8 * pn, 3 * pn), (44 * pn, 3 * pn), (48 * pn, 3 * pn)]);
                    let v26 = &tile.shared[43..46];
                    for p in 0..pn {
                        let b53 = &mut v53[p * 3..][..3];
                        let b7 = &v7[p * 3..][..3];
                        let b45 = &v45[p * 3..][..3];
                        let b8 = &v8[p * 3..][..3];
                        let b48 = &v48[p * 1..][..1];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x7 = V::load(&b7[u], l);
                                let x45 = V::load(&b45[u], l);
                                let x8 = V::load(&b8[u], l);
                                let x26 = V::splat(v26[u]);
                                let x48 = V::load(&b48[0], l);
                                let e0 = x8.gate_sigmoid();
                                let e1 = x8.gate_slope();
                                let x47 = (x45 * x7.mul_add(e1, e0));
                                let x50 = (x26 * x48 * e1 * x7.mul_add(e0.mul_add(V::constant(-2.0), V::constant(1.0)), V::constant(2.0)));
                                let x53 = (x47 + x50);
                                x53.store(&mut b53[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step10<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v57 = v54*(gate_sigmoid(v22) + v21*gate_slope(v22))
                {
                    let [v21, v22, v54, v57] = rt::split(&mut *tile.scratch, [(20 * pn, 4 * pn), (25 * pn, 4 * pn), (30 * pn, 4 * pn), (56 * pn, 4 * pn)]);
                    for p in 0..pn {
                        let b57 = &mut v57[p * 4..][..4];
                        let b21 = &v21[p * 4..][..4];
                        let b54 = &v54[p * 4..][..4];
                        let b22 = &v22[p * 4..][..4];
                        for u in 0..4 {
                            for l in 0..vectors {
                                let x21 = V::load(&b21[u], l);
                                let x54 = V::load(&b54[u], l);
                                let x22 = V::load(&b22[u], l);
                                let x57 = (x54 * x21.mul_add(x22.gate_slope(), x22.gate_sigmoid()));
                                x57.store(&mut b57[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step11<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v58[a] = sum of v57[a]
                {
                    let [v57] = rt::split(&mut *tile.scratch, [(56 * pn, 4 * pn)]);
                    let v58 = &mut tile.acc[52..56];
                    let a = rt::Rows { rows: v57, panel: 4, row: 1 };
                    rt::add_lane_sums::<V>(v58, 4, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }
        }

        #[inline(always)]
        fn stream<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, directions: std::ops::Range<usize>) {
            let pn = tile.panels;
            let most = rt::chunk(directions.len(), 8, pn);
            let lower_suffices = {
                let v2 = &tile.shared[0..9];
                rt::lower_suffices(v2, [3, 3])
            };
            let mut t0 = directions.start;
            while t0 < directions.end {
                let tn = (directions.end - t0).min(most);
                V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, t0, tn));
                // v11 = v0 v10
                {
                    let [v10, v11] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (93 * pn, 4 * tn * pn)]);
                    let v0 = &tile.params[18..30];
                    let skip = (t0).min(3);
                    let w = rt::Matrix { data: &v0[skip * 1..], row: 3, col: 1 };
                    let x = rt::Rows { rows: &v10[skip..], panel: 3, row: 1 };
                    let y = rt::RowsMut { rows: &mut v11[..], panel: 4, row: 1 };
                    rt::product::<V>(w, 4, 3 - skip, x, y, rt::Panels { count: tn * pn, lanes: tile.lanes }, rt::Write::Set);
                }
                V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, t0, tn));
                // v74 += sum of v72 v10'
                {
                    let [v10, v72] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (93 * pn, 4 * tn * pn)]);
                    let v74 = &mut tile.acc[18..30];
                    let skip_b = (t0 / rt::LANES * rt::LANES).min(3);
                    let pairs = [
                        (rt::Rows { rows: &v72[..], panel: 4, row: 1 }, rt::Rows { rows: &v10[skip_b..], panel: 3, row: 1 }),
                    ];
                    rt::outer::<V>(&mut v74[skip_b * 1..], 3, 1, 4, 3 - skip_b, &pairs, rt::Panels { count: tn * pn, lanes: tile.lanes });
                }
                // v73 = v0 v72
                {
                    let [v73, v72] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn), (93 * pn, 4 * tn * pn)]);
                    let v0 = &tile.params[18..30];
                    let top = (t0).min(3);
                    let top = if lower_suffices { top } else { 0 };
                    rt::clear(&mut v73[..], 3, tn * pn, top);
                    let w = rt::Matrix { data: &v0[top * 1..], row: 1, col: 3 };
                    let x = rt::Rows { rows: &v72[..], panel: 4, row: 1 };
                    let y = rt::RowsMut { rows: &mut v73[top..], panel: 3, row: 1 };
                    rt::product::<V>(w, 3 - top, 4, x, y, rt::Panels { count: tn * pn, lanes: tile.lanes }, rt::Write::Set);
                }
                V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, t0, tn));
                // v85[.., t] += sum over samples of v79
                {
                    let [v79] = rt::split(&mut *tile.scratch, [(61 * pn, 3 * tn * pn)]);
                    let v85 = &mut tile.acc[40..49];
                    rt::add_columns::<V>(v85, 3, t0, v79, tn, 3, rt::Panels { count: pn, lanes: tile.lanes });
                }
                t0 += tn;
            }

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v10 = v3*v9
                {
                    let [v9, v10] = rt::split(&mut *tile.scratch, [(12 * pn, 3 * pn), (61 * pn, 3 * tn * pn)]);
                    let v2 = &tile.shared[0..9];
                    for p in 0..pn {
                        let b9 = &v9[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x9 = V::load(&b9[u], l);
                                for t in 0..tn {
                                    let x3 = V::splat(v2[(u) * 3 + t0 + t]);
                                    let x10 = (x3 * x9);
                                    x10.store(&mut v10[(t * pn + p) * 3 + u], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step1<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v12 = v11^2
                // v72 = 2*v11*v64
                // v13 += sum over directions of v12
                {
                    let [v64, v13, v72] = rt::split(&mut *tile.scratch, [(35 * pn, 4 * pn), (56 * pn, 4 * pn), (93 * pn, 4 * tn * pn)]);
                    for p in 0..pn {
                        let b13 = &mut v13[p * 4..][..4];
                        let b64 = &v64[p * 4..][..4];
                        for u in 0..4 {
                            for l in 0..vectors {
                                let x64 = V::load(&b64[u], l);
                                let mut s13 = V::load(&b13[u], l);
                                for t in 0..tn {
                                    let x11 = V::load(&v72[(t * pn + p) * 4 + u], l);
                                    let x12 = (x11 * x11);
                                    let x72 = (V::constant(2.0) * (x11 * x64));
                                    x72.store(&mut v72[(t * pn + p) * 4 + u], l);
                                    s13 = s13 + x12;
                                }
                                s13.store(&mut b13[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v76 = v3*v73
                // v79 = v73*v9
                // v77 += sum over directions of v76
                {
                    let [v9, v77, v79] = rt::split(&mut *tile.scratch, [(12 * pn, 3 * pn), (48 * pn, 3 * pn), (61 * pn, 3 * tn * pn)]);
                    let v2 = &tile.shared[0..9];
                    for p in 0..pn {
                        let b77 = &mut v77[p * 3..][..3];
                        let b9 = &v9[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x9 = V::load(&b9[u], l);
                                let mut s77 = V::load(&b77[u], l);
                                for t in 0..tn {
                                    let x3 = V::splat(v2[(u) * 3 + t0 + t]);
                                    let x73 = V::load(&v79[(t * pn + p) * 3 + u], l);
                                    let x76 = (x3 * x73);
                                    let x79 = (x73 * x9);
                                    x79.store(&mut v79[(t * pn + p) * 3 + u], l);
                                    s77 = s77 + x76;
                                }
                                s77.store(&mut b77[u], l);
                            }
                        }
                    }
                }
            }
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step3::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step4::<V>(at), (&mut *tile, 0, 0));
            // v67 += sum of v65 v19'
            {
                let [v19, v65] = rt::split(&mut *tile.scratch, [(16 * pn, 3 * pn), (30 * pn, 4 * pn)]);
                let v67 = &mut tile.acc[18..30];
                let pairs = [
                    (rt::Rows { rows: &v65[..], panel: 4, row: 1 }, rt::Rows { rows: &v19[..], panel: 3, row: 1 }),
                ];
                rt::outer::<V>(v67, 3, 1, 4, 3, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            V::apart(#[inline(always)] |at| step5::<V>(at), (&mut *tile, 0, 0));
            // v68 = v0 v65
            {
                let [v68, v65] = rt::split(&mut *tile.scratch, [(12 * pn, 3 * pn), (30 * pn, 4 * pn)]);
                let v0 = &tile.params[18..30];
                let w = rt::Matrix { data: v0, row: 1, col: 3 };
                let x = rt::Rows { rows: &v65[..], panel: 4, row: 1 };
                let y = rt::RowsMut { rows: &mut v68[..], panel: 3, row: 1 };
                rt::product::<V>(w, 3, 4, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step6::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step7::<V>(at), (&mut *tile, 0, 0));
            // v38 += sum of v37 v36'
            {
                let [v36] = rt::split(&mut *tile.scratch, [(52 * pn, 1 * pn)]);
                let v37 = tile.omega;
                let v38 = &mut tile.acc[39..40];
                let pairs = [
                    (rt::Rows { rows: &v37[..], panel: 1, row: 1 }, rt::Rows { rows: &v36[..], panel: 1, row: 1 }),
                ];
                rt::outer::<V>(v38, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            V::apart(#[inline(always)] |at| step8::<V>(at), (&mut *tile, 0, 0));
            // v84 += sum of v82 v5'
            {
                let [v82] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                let v5 = tile.x;
                let v84 = &mut tile.acc[0..15];
                let pairs = [
                    (rt::Rows { rows: &v82[..], panel: 3, row: 1 }, rt::Rows { rows: &v5[..], panel: 5, row: 1 }),
                ];
                rt::outer::<V>(v84, 5, 1, 3, 5, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v35 = 0.5*v34
                {
                    let [v35] = rt::split(&mut *tile.scratch, [(54 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b35 = &mut v35[p * 1..][..1];
                        for l in 0..vectors {
                            let x34 = V::load(&b35[0], l);
                            let x35 = (V::constant(0.5) * x34);
                            x35.store(&mut b35[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step1<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v46 = v28*v45*gate_slope(v8)*(v7*(-2*gate_sigmoid(v8) + 1) + 2)
                // v49 = v28*gate_slope(v8)*v26*v48*(-6*gate_sigmoid(v8) + v7*(-2*gate_slope(v8) + (-2*gate_sigmoid(v8) + 1)^2) + 3)
                // v75 = gate_slope(v8)*(v7*(-2*gate_sigmoid(v8) + 1) + 2)
                // v78 = v75*v77
                // v80 = (v49 + v78)
                // v81 = (v46 + v80)
                {
                    let [v7, v48, v8, v81, v45, v77] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (4 * pn, 1 * pn), (8 * pn, 3 * pn), (40 * pn, 3 * pn), (44 * pn, 3 * pn), (48 * pn, 3 * pn)]);
                    let v26 = &tile.shared[43..46];
                    for p in 0..pn {
                        let b81 = &mut v81[p * 3..][..3];
                        let b7 = &v7[p * 3..][..3];
                        let b45 = &v45[p * 3..][..3];
                        let b8 = &v8[p * 3..][..3];
                        let b48 = &v48[p * 1..][..1];
                        let b77 = &v77[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x7 = V::load(&b7[u], l);
                                let x28 = V::load(&b81[u], l);
                                let x45 = V::load(&b45[u], l);
                                let x8 = V::load(&b8[u], l);
                                let x26 = V::splat(v26[u]);
                                let x48 = V::load(&b48[0], l);
                                let x77 = V::load(&b77[u], l);
                                let e0 = x8.gate_slope();
                                let e1 = x8.gate_sigmoid();
                                let e2 = e1.mul_add(V::constant(-2.0), V::constant(1.0));
                                let e3 = x7.mul_add(e2, V::constant(2.0));
                                let p0 = x28 * e0;
                                let x46 = (p0 * x45 * e3);
                                let x49 = (p0 * x26 * x48 * x7.mul_add(e2.mul_add(e2, (V::constant(-2.0) * e0)), e1.mul_add(V::constant(-6.0), V::constant(3.0))));
                                let x75 = (e0 * e3);
                                let x78 = (x75 * x77);
                                let x80 = (x49 + x78);
                                let x81 = (x46 + x80);
                                x81.store(&mut b81[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v23 = v17*v13*gate_slope(v22)*(v21*(-2*gate_sigmoid(v22) + 1) + 2)
                // v56 = v17*gate_slope(v22)*v54*(v21*(-2*gate_sigmoid(v22) + 1) + 2)
                // v61 = v17*v13*gate_slope(v22)*v48*(-6*gate_sigmoid(v22) + v21*(-2*gate_slope(v22) + (-2*gate_sigmoid(v22) + 1)^2) + 3)
                // v62 = v13*gate_slope(v22)*(v21*(-2*gate_sigmoid(v22) + 1) + 2)*v48
                // v65 = (v56 + v61)
                {
                    let [v48, v23, v62, v65, v13] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (20 * pn, 4 * pn), (25 * pn, 4 * pn), (30 * pn, 4 * pn), (56 * pn, 4 * pn)]);
                    let v17 = &tile.shared[24..28];
                    for p in 0..pn {
                        let b23 = &mut v23[p * 4..][..4];
                        let b62 = &mut v62[p * 4..][..4];
                        let b65 = &mut v65[p * 4..][..4];
                        let b13 = &v13[p * 4..][..4];
                        let b48 = &v48[p * 1..][..1];
                        for u in 0..4 {
                            for l in 0..vectors {
                                let x21 = V::load(&b23[u], l);
                                let x17 = V::splat(v17[u]);
                                let x13 = V::load(&b13[u], l);
                                let x22 = V::load(&b62[u], l);
                                let x54 = V::load(&b65[u], l);
                                let x48 = V::load(&b48[0], l);
                                let e0 = x22.gate_slope();
                                let e1 = x22.gate_sigmoid();
                                let e2 = e1.mul_add(V::constant(-2.0), V::constant(1.0));
                                let e3 = x21.mul_add(e2, V::constant(2.0));
                                let p0 = x17 * e0;
                                let p1 = x13 * e3;
                                let x23 = (p0 * p1);
                                x23.store(&mut b23[u], l);
                                let x56 = (p0 * x54 * e3);
                                let x61 = (p0 * x13 * x48 * x21.mul_add(e2.mul_add(e2, (V::constant(-2.0) * e0)), e1.mul_add(V::constant(-6.0), V::constant(3.0))));
                                let x62 = (p1 * e0 * x48);
                                x62.store(&mut b62[u], l);
                                let x65 = (x56 + x61);
                                x65.store(&mut b65[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step3<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v63[a] = sum of v62[a]
                {
                    let [v62] = rt::split(&mut *tile.scratch, [(25 * pn, 4 * pn)]);
                    let v63 = &mut tile.acc[52..56];
                    let a = rt::Rows { rows: v62, panel: 4, row: 1 };
                    rt::add_lane_sums::<V>(v63, 4, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }

            #[inline(always)]
            fn step4<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v66[a] = sum of v65[a]
                {
                    let [v65] = rt::split(&mut *tile.scratch, [(30 * pn, 4 * pn)]);
                    let v66 = &mut tile.acc[30..34];
                    let a = rt::Rows { rows: v65, panel: 4, row: 1 };
                    rt::add_lane_sums::<V>(v66, 4, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }

            #[inline(always)]
            fn step5<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v24[] = sum of v23[a]
                {
                    let [v24, v23] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (20 * pn, 4 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..4 {
                                sum = sum + V::load(&v23[p * 4 + i_a], l);
                            }
                            sum.store(&mut v24[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step6<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v31 = (v30 + v24)
                // v36 = (v35 - v31)
                {
                    let [v24, v36, v35] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn), (52 * pn, 1 * pn), (54 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b36 = &mut v36[p * 1..][..1];
                        let b24 = &v24[p * 1..][..1];
                        let b35 = &v35[p * 1..][..1];
                        for l in 0..vectors {
                            let x30 = V::load(&b36[0], l);
                            let x24 = V::load(&b24[0], l);
                            let x35 = V::load(&b35[0], l);
                            let x31 = (x30 + x24);
                            let x36 = (x35 - x31);
                            x36.store(&mut b36[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step7<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v69 = v68*(gate_sigmoid(v8) + v7*gate_slope(v8))
                // v82 = (v69 + v81)
                {
                    let [v82, v8, v68, v81] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (8 * pn, 3 * pn), (12 * pn, 3 * pn), (40 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b82 = &mut v82[p * 3..][..3];
                        let b68 = &v68[p * 3..][..3];
                        let b8 = &v8[p * 3..][..3];
                        let b81 = &v81[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x7 = V::load(&b82[u], l);
                                let x68 = V::load(&b68[u], l);
                                let x8 = V::load(&b8[u], l);
                                let x81 = V::load(&b81[u], l);
                                let x69 = (x68 * x7.mul_add(x8.gate_slope(), x8.gate_sigmoid()));
                                let x82 = (x69 + x81);
                                x82.store(&mut b82[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step8<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v83[a] = sum of v82[a]
                {
                    let [v82] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                    let v83 = &mut tile.acc[15..18];
                    let a = rt::Rows { rows: v82, panel: 3, row: 1 };
                    rt::add_lane_sums::<V>(v83, 3, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }
        }

        #[inline(always)]
        fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            // v71[ba] = sum of v70[a] * v16[b]
            {
                let [v71, v70] = rt::split(&mut *common.acc, [(34, 4), (52, 4)]);
                let v16 = &[<V::Scalar as rt::Real>::of(1.0)];
                let labels = [rt::Label { size: 1, a: 0, b: 1, c: 4 }, rt::Label { size: 4, a: 1, b: 0, c: 1 }];
                rt::shared_contract(common.team, labels, &*v70, &*v16, v71, rt::Write::Set);
            }
            // v87 = v86, whole
            {
                let [v2, v87] = rt::split(&mut *common.shared, [(0, 9), (61, 9)]);
                let [v86] = rt::split(&mut *common.acc, [(40, 9)]);
                rt::lq_gradient(common.team, &mut *common.room, [3, 3], &*v2, &*v86, v87);
            }
            // v89[ac] = sum of v87[ab] * v88[bc]
            {
                let [v88, v87, v89] = rt::split(&mut *common.shared, [(9, 15), (61, 9), (70, 15)]);
                let labels = [rt::Label { size: 3, a: 3, b: 0, c: 5 }, rt::Label { size: 5, a: 0, b: 1, c: 1 }, rt::Label { size: 3, a: 1, b: 5, c: 0 }];
                rt::shared_contract(common.team, labels, &*v87, &*v88, v89, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v60 = 2*v1*v59
                {
                    let [v60] = rt::split(&mut *common.shared, [(46, 15)]);
                    let [v59] = rt::split(&mut *common.acc, [(49, 3)]);
                    let v1 = &common.params[0..15];
                    for u0 in 0..3 {
                        for u1 in 0..5 {
                            let x1 = rt::One::splat(v1[u0 * 5 + u1]);
                            let x59 = rt::One::splat(v59[u0]);
                            v60[u0 * 5 + u1] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * (x1 * x59)));
                        }
                    }
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v90 = (v60 + v84 + v89)
                {
                    let [v60, v89] = rt::split(&mut *common.shared, [(46, 15), (70, 15)]);
                    let [v84] = rt::split(&mut *common.acc, [(0, 15)]);
                    for u in 0..15 {
                        let x60 = rt::One::splat(v60[u]);
                        let x84 = rt::One::splat(v84[u]);
                        let x89 = rt::One::splat(v89[u]);
                        v84[u] = rt::Vector::sum(((x60 + x84) + x89));
                    }
                }
            }
        }
    }
};
