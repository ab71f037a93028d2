#[doc = " Gathers, a value that is the same for all samples, a logarithm of sums."]
#[allow(unreachable_pub)]
type Rows<T = f32> = ::scorematch::Model<RowsSpec, T>;
#[doc = "The compiled form of [`Rows`]."]
#[allow(unreachable_pub)]
enum RowsSpec {}
#[allow(clippy::all, clippy::pedantic, unused, unreachable_pub)]
const _: () = {
    use ::scorematch::__private as rt;
    use rt::Vector as _;

    impl rt::Spec for RowsSpec {
        const NAME: &'static str = "Rows";
        const X_SHAPE: &'static [usize] = &[3, 2];
        const DIM: usize = 6;
        const PARAMS: &'static [rt::ParamInfo] = &[
            rt::ParamInfo { name: "mu", shape: &[2], offset: 0, init: rt::Init::Constant(0.0) },
        ];
        const PARAM_LEN: usize = 2;
        const SMOOTH: bool = true;
        type Score = Score;
        type Dsm = Dsm;
    }

    pub enum Score {}
    impl rt::Program for Score {
        const LAYOUT: rt::Layout = rt::Layout {
            shared: 2,
            scratch_rows: 32,
            stream_reads: &[],
            stream_sums: &[],
            acc: 0,
            panels: 4,
            chunk: 1,
            tangents: rt::Tangents::None,
            out_rows: 6,
            uses: rt::Uses { v: false, omega: false },
            deferred: &[],
        };

        #[inline(always)]
        fn prologue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v2 = tanh(v1)
                {
                    let [v2] = rt::split(&mut *common.shared, [(0, 2)]);
                    let v1 = &common.params[0..2];
                    for u in 0..2 {
                        let x1 = rt::One::splat(v1[u]);
                        v2[u] = rt::Vector::sum(x1.tanh());
                    }
                }
            }
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step3::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step4::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step5::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step6::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step7::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step8::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step9::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step10::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step11::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step12::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step13::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step14::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step15::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step16::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step17::<V>(at), (&mut *tile, 0, 0));

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v3 = (v0 - v2)
                {
                    let [v3] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn)]);
                    let v0 = tile.x;
                    let v2 = &tile.shared[0..2];
                    for p in 0..pn {
                        let b3 = &mut v3[p * 6..][..6];
                        let b0 = &v0[p * 6..][..6];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x0 = V::load(&b0[u0 * 2 + u1], l);
                                    let x2 = V::splat(v2[u1]);
                                    let x3 = (x0 - x2);
                                    x3.store(&mut b3[u0 * 2 + u1], l);
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
                // v13 = slice of v0, axis 1
                {
                    let [v13] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    let v0 = tile.x;
                    for q in 0..pn {
                        for i in 0..3 {
                            let from = &v0[q * 6 + i * 2 + 0..][..1];
                            v13[q * 3 + i * 1..][..1].copy_from_slice(from);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v17 = sin(v14)
                // v18 = -v16*v17
                {
                    let [v18] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b18 = &mut v18[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x14 = V::load(&b18[u], l);
                                let x16 = V::constant(1.0);
                                let x17 = x14.sin();
                                let x18 = (-(x16 * x17));
                                x18.store(&mut b18[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step3<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v4 = entries of v3, axis 0
                {
                    let [v3, v4] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (11 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v3[q * 6 + (i * 3 + k) * 2..][..2];
                                v4[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step4<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v5 = entries of v3, axis 0
                {
                    let [v3, v5] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (18 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v3[q * 6 + (i * 3 + k) * 2..][..2];
                                v5[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step5<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v6 = (v4 - v5)
                // v7 = v6^2
                {
                    let [v6, v7] = rt::split(&mut *tile.scratch, [(11 * pn, 6 * pn), (18 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b6 = &mut v6[p * 6..][..6];
                        let b7 = &mut v7[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x4 = V::load(&b6[u], l);
                                let x5 = V::load(&b7[u], l);
                                let x6 = (x4 - x5);
                                x6.store(&mut b6[u], l);
                                let x7 = (x6 * x6);
                                x7.store(&mut b7[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step6<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v20 = v19 in zeros, axis 1
                {
                    let [v20, v19] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (7 * pn, 3 * pn)]);
                    for q in 0..pn {
                        v20[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..3 {
                            let from = &v19[q * 3 + i * 1..][..1];
                            v20[q * 6 + i * 2 + 0..][..1].copy_from_slice(from);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step7<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v8[a] = sum of v7[ab]
                {
                    let [v8, v7] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 6 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                for i_b in 0..2 {
                                    sum = sum + V::load(&v7[p * 6 + i_a * 2 + i_b], l);
                                }
                                sum.store(&mut v8[p * 3 + i_a], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step8<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v9 = -v8
                {
                    let [v9] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b9 = &mut v9[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x8 = V::load(&b9[u], l);
                                let x9 = (-x8);
                                x9.store(&mut b9[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step9<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v10 = max of v9, axis 0
                {
                    let [v9, v10] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 1 * pn)]);
                    for q in 0..pn {
                        for i in 0..1 {
                            for j in 0..1 {
                                let mut top = v9[q * 3 + i * 3 + j];
                                for k in 1..3 {
                                    let next = v9[q * 3 + (i * 3 + k) * 1 + j];
                                    top.iter_mut().zip(next).for_each(|(a, b)| if b > *a { *a = b });
                                }
                                v10[q * 1 + i * 1 + j] = top;
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step10<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v11 = exp((v9 - v10))
                {
                    let [v11, v10] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b11 = &mut v11[p * 3..][..3];
                        let b10 = &v10[p * 1..][..1];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x9 = V::load(&b11[u], l);
                                let x10 = V::load(&b10[0], l);
                                let x11 = (x9 - x10).exp();
                                x11.store(&mut b11[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step11<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v12[] = sum of v11[a]
                {
                    let [v11, v12] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = sum + V::load(&v11[p * 3 + i_a], l);
                            }
                            sum.store(&mut v12[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step12<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v21 = v12^-1
                {
                    let [v21] = rt::split(&mut *tile.scratch, [(18 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b21 = &mut v21[p * 1..][..1];
                        for l in 0..vectors {
                            let x12 = V::load(&b21[0], l);
                            let x21 = x12.recip();
                            x21.store(&mut b21[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step13<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v23 = v22*v11
                // v24 = -v23
                {
                    let [v24, v22] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b24 = &mut v24[p * 3..][..3];
                        let b22 = &v22[p * 1..][..1];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x22 = V::load(&b22[0], l);
                                let x11 = V::load(&b24[u], l);
                                let x23 = (x22 * x11);
                                let x24 = (-x23);
                                x24.store(&mut b24[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step14<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v26 = 2*v6*v25
                // v27 = -v26
                {
                    let [v25, v26, v27] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (11 * pn, 6 * pn), (18 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b26 = &mut v26[p * 6..][..6];
                        let b27 = &mut v27[p * 6..][..6];
                        let b25 = &v25[p * 3..][..3];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x6 = V::load(&b26[u0 * 2 + u1], l);
                                    let x25 = V::load(&b25[u0], l);
                                    let x26 = (V::constant(2.0) * (x6 * x25));
                                    x26.store(&mut b26[u0 * 2 + u1], l);
                                    let x27 = (-x26);
                                    x27.store(&mut b27[u0 * 2 + u1], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step15<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v28 = v27 added into zeros, axis 0
                {
                    let [v27, v28] = rt::split(&mut *tile.scratch, [(18 * pn, 6 * pn), (25 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        v28[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v27[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v28[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step16<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v29 = v26 added into zeros, axis 0
                {
                    let [v26, v29] = rt::split(&mut *tile.scratch, [(11 * pn, 6 * pn), (18 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        v29[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v26[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v29[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step17<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v30 = (v28 + v29)
                // v31 = (v20 + v30)
                // v32 = -v31
                {
                    let [v32, v29, v28] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (18 * pn, 6 * pn), (25 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b32 = &mut v32[p * 6..][..6];
                        let b28 = &v28[p * 6..][..6];
                        let b29 = &v29[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x28 = V::load(&b28[u], l);
                                let x29 = V::load(&b29[u], l);
                                let x20 = V::load(&b32[u], l);
                                let x30 = (x28 + x29);
                                let x31 = (x20 + x30);
                                let x32 = (-x31);
                                x32.store(&mut b32[u], l);
                            }
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
                let [v32] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn)]);
                for p in 0..pn {
                    let to = &mut tile.out[p * 6 + 0..][..6];
                    to.copy_from_slice(&v32[p * 6 + 0..][..6]);
                }
            }
        }
    }

    pub enum Dsm {}
    impl rt::Program for Dsm {
        const LAYOUT: rt::Layout = rt::Layout {
            shared: 6,
            scratch_rows: 49,
            stream_reads: &[],
            stream_sums: &[],
            acc: 5,
            panels: 4,
            chunk: 1,
            tangents: rt::Tangents::None,
            out_rows: 0,
            uses: rt::Uses { v: true, omega: true },
            deferred: &[],
        };

        #[inline(always)]
        fn prologue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v2 = tanh(v1)
                {
                    let [v2] = rt::split(&mut *common.shared, [(0, 2)]);
                    let v1 = &common.params[0..2];
                    for u in 0..2 {
                        let x1 = rt::One::splat(v1[u]);
                        v2[u] = rt::Vector::sum(x1.tanh());
                    }
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v70 = tanh_slope(v1)
                {
                    let [v70] = rt::split(&mut *common.shared, [(2, 2)]);
                    let v1 = &common.params[0..2];
                    for u in 0..2 {
                        let x1 = rt::One::splat(v1[u]);
                        v70[u] = rt::Vector::sum(x1.tanh_slope());
                    }
                }
            }
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            let pn = tile.panels;
            V::apart(#[inline(always)] |at| step0::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step1::<V>(at), (&mut *tile, 0, 0));
            // v39 = v15 v37
            {
                let [v39] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn)]);
                let v37 = tile.omega;
                let v15 = &[<V::Scalar as rt::Real>::of(1.0)];
                let w = rt::Matrix { data: v15, row: 1, col: 1 };
                let x = rt::Rows { rows: &v37[..], panel: 1, row: 1 };
                let y = rt::RowsMut { rows: &mut v39[..], panel: 1, row: 1 };
                rt::product::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
            }
            V::apart(#[inline(always)] |at| step2::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step3::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step4::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step5::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step6::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step7::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step8::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step9::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step10::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step11::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step12::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step13::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step14::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step15::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step16::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step17::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step18::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step19::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step20::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step21::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step22::<V>(at), (&mut *tile, 0, 0));
            // v38 += sum of v37 v36'
            {
                let [v36] = rt::split(&mut *tile.scratch, [(28 * pn, 1 * pn)]);
                let v37 = tile.omega;
                let v38 = &mut tile.acc[2..3];
                let pairs = [
                    (rt::Rows { rows: &v37[..], panel: 1, row: 1 }, rt::Rows { rows: &v36[..], panel: 1, row: 1 }),
                ];
                rt::outer::<V>(v38, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
            }
            V::apart(#[inline(always)] |at| step23::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step24::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step25::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step26::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step27::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step28::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step29::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step30::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step31::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step32::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step33::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step34::<V>(at), (&mut *tile, 0, 0));
            V::apart(#[inline(always)] |at| step35::<V>(at), (&mut *tile, 0, 0));

            #[inline(always)]
            fn step0<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v3 = (v0 - v2)
                {
                    let [v3] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn)]);
                    let v0 = tile.x;
                    let v2 = &tile.shared[0..2];
                    for p in 0..pn {
                        let b3 = &mut v3[p * 6..][..6];
                        let b0 = &v0[p * 6..][..6];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x0 = V::load(&b0[u0 * 2 + u1], l);
                                    let x2 = V::splat(v2[u1]);
                                    let x3 = (x0 - x2);
                                    x3.store(&mut b3[u0 * 2 + u1], l);
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
                // v13 = slice of v0, axis 1
                {
                    let [v13] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    let v0 = tile.x;
                    for q in 0..pn {
                        for i in 0..3 {
                            let from = &v0[q * 6 + i * 2 + 0..][..1];
                            v13[q * 3 + i * 1..][..1].copy_from_slice(from);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step2<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v40 = 0.5*v39
                {
                    let [v40] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b40 = &mut v40[p * 1..][..1];
                        for l in 0..vectors {
                            let x39 = V::load(&b40[0], l);
                            let x40 = (V::constant(0.5) * x39);
                            x40.store(&mut b40[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step3<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v17 = sin(v14)
                // v18 = -v16*v17
                {
                    let [v18] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b18 = &mut v18[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x14 = V::load(&b18[u], l);
                                let x16 = V::constant(1.0);
                                let x17 = x14.sin();
                                let x18 = (-(x16 * x17));
                                x18.store(&mut b18[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step4<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v4 = entries of v3, axis 0
                {
                    let [v3, v4] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (13 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v3[q * 6 + (i * 3 + k) * 2..][..2];
                                v4[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step5<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v5 = entries of v3, axis 0
                {
                    let [v3, v5] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (20 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v3[q * 6 + (i * 3 + k) * 2..][..2];
                                v5[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step6<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v6 = (v4 - v5)
                // v7 = v6^2
                {
                    let [v6, v7] = rt::split(&mut *tile.scratch, [(13 * pn, 6 * pn), (20 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b6 = &mut v6[p * 6..][..6];
                        let b7 = &mut v7[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x4 = V::load(&b6[u], l);
                                let x5 = V::load(&b7[u], l);
                                let x6 = (x4 - x5);
                                x6.store(&mut b6[u], l);
                                let x7 = (x6 * x6);
                                x7.store(&mut b7[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step7<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v20 = v19 in zeros, axis 1
                {
                    let [v20, v19] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (7 * pn, 3 * pn)]);
                    for q in 0..pn {
                        v20[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..3 {
                            let from = &v19[q * 3 + i * 1..][..1];
                            v20[q * 6 + i * 2 + 0..][..1].copy_from_slice(from);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step8<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v8[a] = sum of v7[ab]
                {
                    let [v8, v7] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 6 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                for i_b in 0..2 {
                                    sum = sum + V::load(&v7[p * 6 + i_a * 2 + i_b], l);
                                }
                                sum.store(&mut v8[p * 3 + i_a], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step9<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v9 = -v8
                {
                    let [v9] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b9 = &mut v9[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x8 = V::load(&b9[u], l);
                                let x9 = (-x8);
                                x9.store(&mut b9[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step10<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v10 = max of v9, axis 0
                {
                    let [v9, v10] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 1 * pn)]);
                    for q in 0..pn {
                        for i in 0..1 {
                            for j in 0..1 {
                                let mut top = v9[q * 3 + i * 3 + j];
                                for k in 1..3 {
                                    let next = v9[q * 3 + (i * 3 + k) * 1 + j];
                                    top.iter_mut().zip(next).for_each(|(a, b)| if b > *a { *a = b });
                                }
                                v10[q * 1 + i * 1 + j] = top;
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step11<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v11 = exp((v9 - v10))
                {
                    let [v11, v10] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b11 = &mut v11[p * 3..][..3];
                        let b10 = &v10[p * 1..][..1];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x9 = V::load(&b11[u], l);
                                let x10 = V::load(&b10[0], l);
                                let x11 = (x9 - x10).exp();
                                x11.store(&mut b11[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step12<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v12[] = sum of v11[a]
                {
                    let [v11, v12] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = sum + V::load(&v11[p * 3 + i_a], l);
                            }
                            sum.store(&mut v12[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step13<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v21 = v12^-1
                {
                    let [v12, v21] = rt::split(&mut *tile.scratch, [(20 * pn, 1 * pn), (22 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b21 = &mut v21[p * 1..][..1];
                        let b12 = &v12[p * 1..][..1];
                        for l in 0..vectors {
                            let x12 = V::load(&b12[0], l);
                            let x21 = x12.recip();
                            x21.store(&mut b21[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step14<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v23 = v22*v11
                // v24 = -v23
                {
                    let [v11, v22, v24] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (22 * pn, 1 * pn), (24 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b24 = &mut v24[p * 3..][..3];
                        let b22 = &v22[p * 1..][..1];
                        let b11 = &v11[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x22 = V::load(&b22[0], l);
                                let x11 = V::load(&b11[u], l);
                                let x23 = (x22 * x11);
                                let x24 = (-x23);
                                x24.store(&mut b24[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step15<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v26 = 2*v6*v25
                // v27 = -v26
                {
                    let [v6, v25, v26, v27] = rt::split(&mut *tile.scratch, [(13 * pn, 6 * pn), (24 * pn, 3 * pn), (28 * pn, 6 * pn), (35 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b26 = &mut v26[p * 6..][..6];
                        let b27 = &mut v27[p * 6..][..6];
                        let b6 = &v6[p * 6..][..6];
                        let b25 = &v25[p * 3..][..3];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x6 = V::load(&b6[u0 * 2 + u1], l);
                                    let x25 = V::load(&b25[u0], l);
                                    let x26 = (V::constant(2.0) * (x6 * x25));
                                    x26.store(&mut b26[u0 * 2 + u1], l);
                                    let x27 = (-x26);
                                    x27.store(&mut b27[u0 * 2 + u1], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step16<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v28 = v27 added into zeros, axis 0
                {
                    let [v27, v28] = rt::split(&mut *tile.scratch, [(35 * pn, 6 * pn), (42 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        v28[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v27[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v28[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step17<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v29 = v26 added into zeros, axis 0
                {
                    let [v26, v29] = rt::split(&mut *tile.scratch, [(28 * pn, 6 * pn), (35 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        v29[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v26[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v29[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step18<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v30 = (v28 + v29)
                // v31 = (v20 + v30)
                // v34 = (-v33 + v32*v31)
                {
                    let [v34, v29, v28] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (35 * pn, 6 * pn), (42 * pn, 6 * pn)]);
                    let v33 = tile.v;
                    for p in 0..pn {
                        let b34 = &mut v34[p * 6..][..6];
                        let b28 = &v28[p * 6..][..6];
                        let b29 = &v29[p * 6..][..6];
                        let b33 = &v33[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x28 = V::load(&b28[u], l);
                                let x29 = V::load(&b29[u], l);
                                let x20 = V::load(&b34[u], l);
                                let x32 = V::splat(tile.scalars.sigma);
                                let x33 = V::load(&b33[u], l);
                                let x30 = (x28 + x29);
                                let x31 = (x20 + x30);
                                let x34 = x32.mul_add(x31, (-x33));
                                x34.store(&mut b34[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step19<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v35[] = sum of v34[ab] * v34[ab]
                {
                    let [v34, v35] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (28 * pn, 1 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                for i_b in 0..2 {
                                    sum = V::load(&v34[p * 6 + i_a * 2 + i_b], l).mul_add(V::load(&v34[p * 6 + i_a * 2 + i_b], l), sum);
                                }
                            }
                            sum.store(&mut v35[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step20<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v41[ab] = sum of v40[] * v34[ab]
                {
                    let [v34, v40, v41] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (11 * pn, 1 * pn), (30 * pn, 6 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for i_b in 0..2 {
                                for l in 0..vectors {
                                    let mut sum = V::constant(0.0);
                                    sum = V::load(&v40[p], l).mul_add(V::load(&v34[p * 6 + i_a * 2 + i_b], l), sum);
                                    sum.store(&mut v41[p * 6 + i_a * 2 + i_b], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step21<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v36 = 0.5*v35
                {
                    let [v36] = rt::split(&mut *tile.scratch, [(28 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b36 = &mut v36[p * 1..][..1];
                        for l in 0..vectors {
                            let x35 = V::load(&b36[0], l);
                            let x36 = (V::constant(0.5) * x35);
                            x36.store(&mut b36[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step22<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v42 = 2*v41
                // v43 = v32*v42
                {
                    let [v43] = rt::split(&mut *tile.scratch, [(30 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b43 = &mut v43[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x41 = V::load(&b43[u], l);
                                let x32 = V::splat(tile.scalars.sigma);
                                let x42 = (V::constant(2.0) * x41);
                                let x43 = (x32 * x42);
                                x43.store(&mut b43[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step23<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v44 = entries of v43, axis 0
                {
                    let [v44, v43] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (30 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v43[q * 6 + (i * 3 + k) * 2..][..2];
                                v44[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step24<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v45 = entries of v43, axis 0
                {
                    let [v43, v45] = rt::split(&mut *tile.scratch, [(30 * pn, 6 * pn), (37 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v43[q * 6 + (i * 3 + k) * 2..][..2];
                                v45[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step25<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v46 = -v45
                // v47 = (v44 + v46)
                // v48 = 2*v25*v47
                // v49 = v47*v6
                {
                    let [v48, v6, v25, v49] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (13 * pn, 6 * pn), (24 * pn, 3 * pn), (37 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b48 = &mut v48[p * 6..][..6];
                        let b49 = &mut v49[p * 6..][..6];
                        let b25 = &v25[p * 3..][..3];
                        let b6 = &v6[p * 6..][..6];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x45 = V::load(&b49[u0 * 2 + u1], l);
                                    let x44 = V::load(&b48[u0 * 2 + u1], l);
                                    let x25 = V::load(&b25[u0], l);
                                    let x6 = V::load(&b6[u0 * 2 + u1], l);
                                    let x46 = (-x45);
                                    let x47 = (x44 + x46);
                                    let x48 = (V::constant(2.0) * (x25 * x47));
                                    x48.store(&mut b48[u0 * 2 + u1], l);
                                    let x49 = (x47 * x6);
                                    x49.store(&mut b49[u0 * 2 + u1], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step26<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v50[a] = sum of v49[ab]
                {
                    let [v50, v49] = rt::split(&mut *tile.scratch, [(24 * pn, 3 * pn), (37 * pn, 6 * pn)]);
                    for p in 0..pn {
                        for i_a in 0..3 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                for i_b in 0..2 {
                                    sum = sum + V::load(&v49[p * 6 + i_a * 2 + i_b], l);
                                }
                                sum.store(&mut v50[p * 3 + i_a], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step27<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v51 = 2*v50
                // v52 = -v51
                // v53 = v22*v52*v11
                // v54 = v52*v11
                {
                    let [v11, v22, v53, v54] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (22 * pn, 1 * pn), (24 * pn, 3 * pn), (28 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b53 = &mut v53[p * 3..][..3];
                        let b54 = &mut v54[p * 3..][..3];
                        let b22 = &v22[p * 1..][..1];
                        let b11 = &v11[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x50 = V::load(&b53[u], l);
                                let x22 = V::load(&b22[0], l);
                                let x11 = V::load(&b11[u], l);
                                let x51 = (V::constant(2.0) * x50);
                                let x52 = (-x51);
                                let p0 = x52 * x11;
                                let x53 = (x22 * p0);
                                x53.store(&mut b53[u], l);
                                let x54 = p0;
                                x54.store(&mut b54[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step28<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v55[] = sum of v54[a]
                {
                    let [v55, v54] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn), (28 * pn, 3 * pn)]);
                    for p in 0..pn {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_a in 0..3 {
                                sum = sum + V::load(&v54[p * 3 + i_a], l);
                            }
                            sum.store(&mut v55[p], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step29<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v56 = -v12^-2*v55
                {
                    let [v55, v56] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn), (20 * pn, 1 * pn)]);
                    for p in 0..pn {
                        let b56 = &mut v56[p * 1..][..1];
                        let b55 = &v55[p * 1..][..1];
                        for l in 0..vectors {
                            let x12 = V::load(&b56[0], l);
                            let x55 = V::load(&b55[0], l);
                            let r0 = x12.recip();
                            let x56 = (-((x55 * r0) * r0));
                            x56.store(&mut b56[0], l);
                        }
                    }
                }
            }

            #[inline(always)]
            fn step30<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v58 = v57*v11
                // v59 = (v53 + v58)
                // v60 = -v59
                {
                    let [v60, v57, v53] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 1 * pn), (24 * pn, 3 * pn)]);
                    for p in 0..pn {
                        let b60 = &mut v60[p * 3..][..3];
                        let b57 = &v57[p * 1..][..1];
                        let b53 = &v53[p * 3..][..3];
                        for u in 0..3 {
                            for l in 0..vectors {
                                let x57 = V::load(&b57[0], l);
                                let x11 = V::load(&b60[u], l);
                                let x53 = V::load(&b53[u], l);
                                let x58 = (x57 * x11);
                                let x59 = (x53 + x58);
                                let x60 = (-x59);
                                x60.store(&mut b60[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step31<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v62 = 2*v6*v61
                // v63 = (v48 + v62)
                // v64 = -v63
                {
                    let [v64, v61, v63] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (7 * pn, 3 * pn), (13 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b63 = &mut v63[p * 6..][..6];
                        let b64 = &mut v64[p * 6..][..6];
                        let b61 = &v61[p * 3..][..3];
                        for u0 in 0..3 {
                            for u1 in 0..2 {
                                for l in 0..vectors {
                                    let x6 = V::load(&b63[u0 * 2 + u1], l);
                                    let x61 = V::load(&b61[u0], l);
                                    let x48 = V::load(&b64[u0 * 2 + u1], l);
                                    let x62 = (V::constant(2.0) * (x6 * x61));
                                    let x63 = (x48 + x62);
                                    x63.store(&mut b63[u0 * 2 + u1], l);
                                    let x64 = (-x63);
                                    x64.store(&mut b64[u0 * 2 + u1], l);
                                }
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step32<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v65 = v64 added into zeros, axis 0
                {
                    let [v64, v65] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (20 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [1, 2, 2];
                        v65[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v64[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v65[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step33<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v66 = v63 added into zeros, axis 0
                {
                    let [v66, v63] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (13 * pn, 6 * pn)]);
                    for q in 0..pn {
                        const INDICES: [usize; 3] = [0, 0, 1];
                        v66[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                        for i in 0..1 {
                            for (j, k) in INDICES.into_iter().enumerate() {
                                let from = &v63[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v66[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step34<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v67 = (v65 + v66)
                {
                    let [v66, v67] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (20 * pn, 6 * pn)]);
                    for p in 0..pn {
                        let b67 = &mut v67[p * 6..][..6];
                        let b66 = &v66[p * 6..][..6];
                        for u in 0..6 {
                            for l in 0..vectors {
                                let x65 = V::load(&b67[u], l);
                                let x66 = V::load(&b66[u], l);
                                let x67 = (x65 + x66);
                                x67.store(&mut b67[u], l);
                            }
                        }
                    }
                }
            }

            #[inline(always)]
            fn step35<V: rt::Vector>((tile, t0, tn): (&mut rt::Tile<'_, V::Scalar>, usize, usize)) {
                let pn = tile.panels;
                let vectors = rt::vectors::<V>(tile.lanes);
                // v68[b] = sum of v67[ab]
                {
                    let [v67] = rt::split(&mut *tile.scratch, [(20 * pn, 6 * pn)]);
                    let v68 = &mut tile.acc[3..5];
                    for i_b in 0..2 {
                        let mut sum = V::constant(0.0);
                        for p in 0..pn {
                            for l in 0..vectors {
                                for i_a in 0..3 {
                                    sum = sum + V::load(&v67[p * 6 + i_a * 2 + i_b], l);
                                }
                            }
                        }
                        v68[i_b] = v68[i_b] + sum.sum();
                    }
                }
            }
        }

        #[inline(always)]
        fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            V::apart(#[inline(always)] |at| loop0::<V>(at), &mut *common);
            V::apart(#[inline(always)] |at| loop1::<V>(at), &mut *common);

            #[inline(always)]
            fn loop0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v69 = -v68
                {
                    let [v69] = rt::split(&mut *common.shared, [(4, 2)]);
                    let [v68] = rt::split(&mut *common.acc, [(3, 2)]);
                    for u in 0..2 {
                        let x68 = rt::One::splat(v68[u]);
                        v69[u] = rt::Vector::sum((-x68));
                    }
                }
            }

            #[inline(always)]
            fn loop1<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
                // v71 = v69*v70
                {
                    let [v70, v69] = rt::split(&mut *common.shared, [(2, 2), (4, 2)]);
                    let [v71] = rt::split(&mut *common.acc, [(0, 2)]);
                    for u in 0..2 {
                        let x69 = rt::One::splat(v69[u]);
                        let x70 = rt::One::splat(v70[u]);
                        v71[u] = rt::Vector::sum((x69 * x70));
                    }
                }
            }
        }
    }
};
