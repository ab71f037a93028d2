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

    impl rt::Spec for HarmonicSpec {
        const NAME: &'static str = "Harmonic";
        const X_SHAPE: &'static [usize] = &[3];
        const DIM: usize = 3;
        const PARAMS: &'static [rt::ParamInfo] = &[
            rt::ParamInfo { name: "log_k", shape: &[], offset: 0, init: rt::Init::Constant(0.0) },
        ];
        const PARAM_LEN: usize = 1;
        const SMOOTH: bool = true;
        type Laplacian = Laplacian;
        type Esm = Esm;
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
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop2::<V>(at), &mut *common);
            // v5[] = sum of v4[a]
            {
                let [v4, v5] = rt::split(&mut *common.shared, [(2, 3), (5, 1)]);
                let labels = [rt::Label { size: 3, a: 1, b: 0, c: 0 }];
                rt::shared_contract(common.team, labels, &*v4, &[<V::Scalar as rt::Real>::of(1.0)], v5, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| loop3::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v1 = exp(v0)
                {
                    let [v1] = rt::split(&mut *common.shared, [(0, 1)]);
                    let v0 = &common.params[0..1];
                    let x0 = rt::One::splat(v0[0]);
                    v1[0] = rt::Vector::sum(x0.exp());
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v2 = 0.5*v1
                {
                    let [v1, v2] = rt::split(&mut *common.shared, [(0, 1), (1, 1)]);
                    let x1 = rt::One::splat(v1[0]);
                    v2[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(0.5) * x1));
                }
            }

            #[inline(always)]
            fn loop2<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v4 = v3
                {
                    let [v3, v4] = rt::split(&mut *common.shared, [(1, 1), (2, 3)]);
                    for u in 0..3 {
                        let x3 = rt::One::splat(v3[0]);
                        v4[u] = rt::Vector::sum(x3);
                    }
                }
            }

            #[inline(always)]
            fn loop3<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v6 = 2*v5
                {
                    let [v5, v6] = rt::split(&mut *common.shared, [(5, 1), (6, 1)]);
                    let x5 = rt::One::splat(v5[0]);
                    v6[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * x5));
                }
            }
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            // out
            {
                let v6 = &tile.shared[6..7];
                for p in 0..pn {
                    let to = &mut tile.out[p * 1 + 0..][..1];
                    to.iter_mut().zip(v6.iter()).for_each(|(row, x)| row.fill(*x));
                }
            }
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
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop2::<V>(at), &mut *common);
            // v9[] = sum of v8[a]
            {
                let [v8, v9] = rt::split(&mut *common.shared, [(2, 3), (5, 1)]);
                let labels = [rt::Label { size: 3, a: 1, b: 0, c: 0 }];
                rt::shared_contract(common.team, labels, &*v8, &[<V::Scalar as rt::Real>::of(1.0)], v9, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| loop3::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v2 = exp(v1)
                {
                    let [v2] = rt::split(&mut *common.shared, [(0, 1)]);
                    let v1 = &common.params[0..1];
                    let x1 = rt::One::splat(v1[0]);
                    v2[0] = rt::Vector::sum(x1.exp());
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v3 = 0.5*v2
                {
                    let [v2, v3] = rt::split(&mut *common.shared, [(0, 1), (1, 1)]);
                    let x2 = rt::One::splat(v2[0]);
                    v3[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(0.5) * x2));
                }
            }

            #[inline(always)]
            fn loop2<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v8 = v4
                {
                    let [v4, v8] = rt::split(&mut *common.shared, [(1, 1), (2, 3)]);
                    for u in 0..3 {
                        let x4 = rt::One::splat(v4[0]);
                        v8[u] = rt::Vector::sum(x4);
                    }
                }
            }

            #[inline(always)]
            fn loop3<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v10 = 2*v9
                {
                    let [v9, v10] = rt::split(&mut *common.shared, [(5, 1), (6, 1)]);
                    let x9 = rt::One::splat(v9[0]);
                    v10[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * x9));
                }
            }
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            // v15 = v14 v12
            {
                let [v15] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)]);
                let v12 = tile.omega;
                let v14 = &[<V::Scalar as rt::Real>::of(1.0)];
                let w = rt::Matrix { data: v14, row: 1, col: 1 };
                let x = rt::Rows { rows: &v12[..], panel: 1, row: 1 };
                let y = rt::RowsMut { rows: &mut v15[..], panel: 1, row: 1 };
                rt::product::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step3::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step4::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step5::<V>(at), (&mut *tile, 0, 0));
            // v13 += sum of v12 v11'
            {
                let [v11] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn)]);
                let v12 = tile.omega;
                let v13 = &mut tile.acc[1..2];
                let pairs = [
                    (rt::Rows { rows: &v12[..], panel: 1, row: 1 }, rt::Rows { rows: &v11[..], panel: 1, row: 1 }),
                ];
                rt::outer::<V>(v13, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            V::apart(#[inline(always)] |at| step6::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step7::<V>(at), (&mut *tile, 0, 0));

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v5 = 2*v0*v4
                {
                    let [v5] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn)]);
                    let v0 = tile.x;
                    let v4 = &tile.shared[1..2];
                    for p in 0..pn {
                        let b5 = &mut v5[p * 3..][..3];
                        let b0 = &v0[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x0 = V::load(&b0[u], l);
                                let x4 = V::splat(v4[0]);
                                let x5 = (V::constant(2.0) * (x0 * x4));
                                x5.store(&mut b5[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step1<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v16[] = sum of v15[]
                {
                    let [v15] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)]);
                    let v16 = &mut tile.acc[2..3];
                    let a = rt::Rows { rows: v15, panel: 1, row: 1 };
                    rt::add_lane_sums::<V>(v16, 1, a, rt::Panels { count: pn, lanes: tile.lanes });
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v23 = 0.5*v15
                {
                    let [v23] = rt::split(&mut *tile.scratch, [(4 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b23 = &mut v23[p * 1..][..1];
                        for l in 0..vectors {
                            let x15 = V::load(&b23[0], l);
                            let x23 = (V::constant(0.5) * x15);
                            x23.store(&mut b23[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step3<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v6[] = sum of v5[a] * v5[a]
                {
                    let [v5, v6] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (6 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = V::load(&v5[p * 3 + i_a], l).mul_add(V::load(&v5[p * 3 + i_a], l), sum);
                            }
                            sum.store(&mut v6[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step4<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v7 = 0.5*v6
                // v11 = (v7 - v10)
                {
                    let [v11] = rt::split(&mut *tile.scratch, [(6 * pn, 1 * pn)]);
                    let v10 = &tile.shared[6..7];
                    for p in 0..pn {
                        let b11 = &mut v11[p * 1..][..1];
                        for l in 0..vectors {
                            let x6 = V::load(&b11[0], l);
                            let x10 = V::splat(v10[0]);
                            let x7 = (V::constant(0.5) * x6);
                            let x11 = (x7 - x10);
                            x11.store(&mut b11[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step5<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v24[a] = sum of v23[] * v5[a]
                {
                    let [v5, v23, v24] = rt::split(&mut *tile.scratch, [(0 * pn, 3 * pn), (4 * pn, 1 * pn), (8 * pn, 3 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                sum = V::load(&v23[p], l).mul_add(V::load(&v5[p * 3 + i_a], l), sum);
                                sum.store(&mut v24[p * 3 + i_a], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step6<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v25 = 2*v24
                // v26 = v0*v25
                {
                    let [v26] = rt::split(&mut *tile.scratch, [(8 * pn, 3 * pn)]);
                    let v0 = tile.x;
                    for p in 0..pn {
                        let b26 = &mut v26[p * 3..][..3];
                        let b0 = &v0[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x24 = V::load(&b26[u], l);
                                let x0 = V::load(&b0[u], l);
                                let x25 = (V::constant(2.0) * x24);
                                let x26 = (x0 * x25);
                                x26.store(&mut b26[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step7<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v27[] = sum of v26[a]
                {
                    let [v26] = rt::split(&mut *tile.scratch, [(8 * pn, 3 * pn)]);
                    let v27 = &mut tile.acc[3..4];
                    let mut sum = V::constant(0.0);
                    for p in 0..pn {
                        for l in 0..vectors {
                            for i_a in 0..3 {
                                sum = sum + V::load(&v26[p * 3 + i_a], l);
                            }
                        }
                    }
                    v27[0] = v27[0] + sum.sum();
                }
            }
        }

        #[inline(always)]
        fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);
            // v20[] = sum of v19[a]
            {
                let [v19, v20] = rt::split(&mut *common.shared, [(8, 3), (11, 1)]);
                let labels = [rt::Label { size: 3, a: 1, b: 0, c: 0 }];
                rt::shared_contract(common.team, labels, &*v19, &[<V::Scalar as rt::Real>::of(1.0)], v20, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| loop2::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop3::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop4::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop5::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v17 = -v16
                {
                    let [v17] = rt::split(&mut *common.shared, [(7, 1)]);
                    let [v16] = rt::split(&mut *common.acc, [(2, 1)]);
                    let x16 = rt::One::splat(v16[0]);
                    v17[0] = rt::Vector::sum((-x16));
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v19 = v18
                {
                    let [v18, v19] = rt::split(&mut *common.shared, [(7, 1), (8, 3)]);
                    for u in 0..3 {
                        let x18 = rt::One::splat(v18[0]);
                        v19[u] = rt::Vector::sum(x18);
                    }
                }
            }

            #[inline(always)]
            fn loop2<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v21 = 2*v20
                {
                    let [v20, v21] = rt::split(&mut *common.shared, [(11, 1), (12, 1)]);
                    let x20 = rt::One::splat(v20[0]);
                    v21[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * x20));
                }
            }

            #[inline(always)]
            fn loop3<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v28 = 2*v27
                {
                    let [v28] = rt::split(&mut *common.shared, [(13, 1)]);
                    let [v27] = rt::split(&mut *common.acc, [(3, 1)]);
                    let x27 = rt::One::splat(v27[0]);
                    v28[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(2.0) * x27));
                }
            }

            #[inline(always)]
            fn loop4<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v30 = (v22 + v29)
                {
                    let [v22, v29, v30] = rt::split(&mut *common.shared, [(12, 1), (13, 1), (14, 1)]);
                    let x22 = rt::One::splat(v22[0]);
                    let x29 = rt::One::splat(v29[0]);
                    v30[0] = rt::Vector::sum((x22 + x29));
                }
            }

            #[inline(always)]
            fn loop5<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v32 = 0.5*v31*v2
                {
                    let [v2, v31] = rt::split(&mut *common.shared, [(0, 1), (14, 1)]);
                    let [v32] = rt::split(&mut *common.acc, [(0, 1)]);
                    let x31 = rt::One::splat(v31[0]);
                    let x2 = rt::One::splat(v2[0]);
                    v32[0] = rt::Vector::sum((rt::One::<V::Scalar>::constant(0.5) * (x31 * x2)));
                }
            }
        }
    }
};
