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
            rt::run_batch(common, &[
                (s0::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s1::<V>, &[]),
                (s2::<V>, &[]),
                (s3::<V>, &[]),
                (s4::<V>, &[11, 0, 1, 0]),
                (s5::<V>, &[18, 0]),
                (s6::<V>, &[11, 18]),
                (s7::<V>, &[]),
                (s8::<V>, &[18, 7]),
                (s9::<V>, &[]),
                (s10::<V>, &[18]),
                (s11::<V>, &[18]),
                (s12::<V>, &[7, 18, 0, 1]),
                (s13::<V>, &[]),
                (s14::<V>, &[]),
                (s15::<V>, &[]),
                (s16::<V>, &[25, 18]),
                (s17::<V>, &[18, 11, 1, 0]),
                (s18::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn finish<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s19::<V>, &[]),
            ]);
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
            rt::run_batch(common, &[
                (s0::<V>, &[]),
                (s20::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn tile<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>) {
            rt::run_tile(tile, &[
                (s1::<V>, &[]),
                (s2::<V>, &[]),
                (s21::<V>, &[]),
                (s22::<V>, &[11]),
                (s3::<V>, &[]),
                (s4::<V>, &[13, 0, 1, 0]),
                (s5::<V>, &[20, 0]),
                (s6::<V>, &[13, 20]),
                (s7::<V>, &[]),
                (s8::<V>, &[20, 7]),
                (s9::<V>, &[]),
                (s10::<V>, &[20]),
                (s11::<V>, &[20]),
                (s12::<V>, &[7, 20, 0, 1]),
                (s23::<V>, &[]),
                (s24::<V>, &[]),
                (s25::<V>, &[]),
                (s16::<V>, &[42, 35]),
                (s17::<V>, &[35, 28, 1, 0]),
                (s26::<V>, &[]),
                (s27::<V>, &[]),
                (s28::<V>, &[]),
                (s22::<V>, &[28]),
                (s29::<V>, &[]),
                (s30::<V>, &[]),
                (s4::<V>, &[0, 30, 0, 1]),
                (s5::<V>, &[37, 30]),
                (s31::<V>, &[]),
                (s8::<V>, &[37, 24]),
                (s32::<V>, &[]),
                (s12::<V>, &[28, 11, 1, 0]),
                (s33::<V>, &[]),
                (s34::<V>, &[]),
                (s35::<V>, &[]),
                (s16::<V>, &[20, 0]),
                (s17::<V>, &[0, 13, 0, 1]),
                (s36::<V>, &[]),
                (s37::<V>, &[]),
            ]);
        }

        #[inline(always)]
        fn epilogue<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>) {
            rt::run_batch(common, &[
                (s38::<V>, &[]),
                (s39::<V>, &[]),
            ]);
        }
    }

    fn s0<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = tanh(v1)
            {
                let [v0] = rt::split(&mut *common.shared, [(0, 2)], [0]);
                let v1 = &common.params[0..][..2];
                for u in 0..2 {
                    let x1 = rt::One::splat(v1[u]);
                    v0[u] = rt::Vector::sum(x1.tanh());
                }
            }
        }
    }

    fn s1<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 - v2)
            {
                let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn)], [0]);
                let v1 = tile.x;
                let v2 = &tile.shared[0..][..2];
                for p in 0..pn {
                    let b0 = &mut v0[p * 6..][..6];
                    let b1 = &v1[p * 6..][..6];
                    for u0 in 0..3 {
                        for u1 in 0..2 {
                            for l in 0..vectors {
                                let x1 = V::load(&b1[u0 * 2 + u1], l);
                                let x2 = V::splat(v2[u1]);
                                let x0 = (x1 - x2);
                                x0.store(&mut b0[u0 * 2 + u1], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s2<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = blocks of v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)], [0]);
                let v1 = tile.x;
                for q in 0..pn {
                    for i in 0..3 {
                        let from = &v1[q * 6 + i * 2..][..1];
                        let to = &mut v0[q * 3 + i * 1..][..1];
                        to.copy_from_slice(from);
                    }
                }
            }
        }
    }

    fn s3<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = sin(v1)
            // v2 = -v3*v0
            {
                let [v2] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)], [0]);
                for p in 0..pn {
                    let b2 = &mut v2[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b2[u], l);
                            let x3 = V::constant(1.0);
                            let x0 = x1.sin();
                            let x2 = (-(x3 * x0));
                            x2.store(&mut b2[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s4<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1, n2, n3] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = entries of v1
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 6 * pn)], [n2, n3]);
                for q in 0..pn {
                    for i in 0..1 {
                        let mut j = 0;
                        for r in 0..2 {
                            for e in 0..2 - r {
                                let k = 0 + r;
                                let from = &v1[q * 6 + (i * 3 + k) * 2..][..2];
                                v0[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                                j += 1;
                            }
                        }
                    }
                }
            }
        }
    }

    fn s5<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = entries of v1
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 6 * pn)], [1, 0]);
                for q in 0..pn {
                    for i in 0..1 {
                        let mut j = 0;
                        for r in 0..2 {
                            for e in 0..2 - r {
                                let k = 1 + r + e;
                                let from = &v1[q * 6 + (i * 3 + k) * 2..][..2];
                                v0[q * 6 + (i * 3 + j) * 2..][..2].copy_from_slice(from);
                                j += 1;
                            }
                        }
                    }
                }
            }
        }
    }

    fn s6<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 - v2)
            // v3 = v0^2
            {
                let [v0, v3] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 6 * pn)], [0, 1]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 6..][..6];
                    let b3 = &mut v3[p * 6..][..6];
                    for u in 0..6 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x2 = V::load(&b3[u], l);
                            let x0 = (x1 - x2);
                            x0.store(&mut b0[u], l);
                            let x3 = (x0 * x0);
                            x3.store(&mut b3[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s7<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = v1 in zeros
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (7 * pn, 3 * pn)], [0, 1]);
                for q in 0..pn {
                    v0[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                    for i in 0..3 {
                        let from = &v1[q * 3 + i * 1..][..1];
                        let to = &mut v0[q * 6 + i * 2..][..1];
                        to.copy_from_slice(from);
                    }
                }
            }
        }
    }

    fn s8<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[a] = sum of v1[ab]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 3 * pn)], [1, 0]);
                for p in 0..pn {
                    for i_a in 0..3 {
                        for l in 0..vectors {
                            let mut sum = V::constant(0.0);
                            for i_b in 0..2 {
                                sum = sum + V::load(&v1[p * 6 + i_a * 2 + i_b], l);
                            }
                            sum.store(&mut v0[p * 3 + i_a], l);
                        }
                    }
                }
            }
        }
    }

    fn s9<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = -v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn)], [0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x0 = (-x1);
                            x0.store(&mut b0[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s10<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = maximum of v1
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(n0 * pn, 1 * pn), (7 * pn, 3 * pn)], [1, 0]);
                for q in 0..pn {
                    for i in 0..1 {
                        for j in 0..1 {
                            let mut top = v1[q * 3 + i * 3 + j];
                            for k in 1..3 {
                                let next = v1[q * 3 + (i * 3 + k) * 1 + j];
                                top.iter_mut().zip(next).for_each(|(a, b)| if b > *a { *a = b });
                            }
                            v0[q * 1 + i * 1 + j] = top;
                        }
                    }
                }
            }
        }
    }

    fn s11<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = exp((v1 - v2))
            {
                let [v0, v2] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (n0 * pn, 1 * pn)], [0, 1]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 3..][..3];
                    let b2 = &v2[p * 1..][..1];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x2 = V::load(&b2[0], l);
                            let x0 = (x1 - x2).exp();
                            x0.store(&mut b0[u], l);
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
            let &[n0, n1, n2, n3] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[a]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(n0 * pn, 3 * pn), (n1 * pn, 1 * pn)], [n2, n3]);
                for p in 0..pn {
                    for l in 0..vectors {
                        let mut sum = V::constant(0.0);
                        for i_a in 0..3 {
                            sum = sum + V::load(&v1[p * 3 + i_a], l);
                        }
                        sum.store(&mut v0[p], l);
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
            // v0 = v1^-1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(18 * pn, 1 * pn)], [0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b0[0], l);
                        let x0 = x1.recip();
                        x0.store(&mut b0[0], l);
                    }
                }
            }
        }
    }

    fn s14<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1*v2
            // v3 = -v0
            {
                let [v3, v1] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (18 * pn, 1 * pn)], [0, 1]);
                for p in 0..pn {
                    let b3 = &mut v3[p * 3..][..3];
                    let b1 = &v1[p * 1..][..1];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[0], l);
                            let x2 = V::load(&b3[u], l);
                            let x0 = (x1 * x2);
                            let x3 = (-x0);
                            x3.store(&mut b3[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s15<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1*v2
            // v3 = -v0
            {
                let [v0, v3, v2] = rt::split(&mut *tile.scratch, [(11 * pn, 6 * pn), (18 * pn, 6 * pn), (7 * pn, 3 * pn)], [2, 0, 1]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 6..][..6];
                    let b3 = &mut v3[p * 6..][..6];
                    let b2 = &v2[p * 3..][..3];
                    for u0 in 0..3 {
                        for u1 in 0..2 {
                            for l in 0..vectors {
                                let x1 = V::load(&b0[u0 * 2 + u1], l);
                                let x2 = V::load(&b2[u0], l);
                                let x0 = (V::constant(2.0) * (x1 * x2));
                                x0.store(&mut b0[u0 * 2 + u1], l);
                                let x3 = (-x0);
                                x3.store(&mut b3[u0 * 2 + u1], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s16<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = v1 added into zeros
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 6 * pn)], [1, 0]);
                for q in 0..pn {
                    v0[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                    for i in 0..1 {
                        let mut j = 0;
                        for r in 0..2 {
                            for e in 0..2 - r {
                                let k = 1 + r + e;
                                let from = &v1[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v0[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                                j += 1;
                            }
                        }
                    }
                }
            }
        }
    }

    fn s17<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0, n1, n2, n3] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            // v0 = v1 added into zeros
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(n0 * pn, 6 * pn), (n1 * pn, 6 * pn)], [n2, n3]);
                for q in 0..pn {
                    v0[q * 6 + 0..][..6].fill([<V::Scalar as rt::Real>::of(0.0); rt::LANES]);
                    for i in 0..1 {
                        let mut j = 0;
                        for r in 0..2 {
                            for e in 0..2 - r {
                                let k = 0 + r;
                                let from = &v1[q * 6 + (i * 3 + j) * 2..][..2];
                                let to = &mut v0[q * 6 + (i * 3 + k) * 2..][..2];
                                to.as_flattened_mut().iter_mut().zip(from.as_flattened()).for_each(|(y, x)| *y = *y + *x);
                                j += 1;
                            }
                        }
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
            // v0 = (v1 + v2)
            // v3 = (v4 + v0)
            // v5 = -v3
            {
                let [v5, v1, v2] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (25 * pn, 6 * pn), (18 * pn, 6 * pn)], [0, 2, 1]);
                for p in 0..pn {
                    let b5 = &mut v5[p * 6..][..6];
                    let b1 = &v1[p * 6..][..6];
                    let b2 = &v2[p * 6..][..6];
                    for u in 0..6 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x4 = V::load(&b5[u], l);
                            let x0 = (x1 + x2);
                            let x3 = (x4 + x0);
                            let x5 = (-x3);
                            x5.store(&mut b5[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s19<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // a result
        {
            let [v0] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn)], [0]);
            for p in 0..pn {
                let to = &mut tile.out[p * 6 + 0..][..6];
                to.copy_from_slice(&v0[p * 6 + 0..][..6]);
            }
        }
    }

    fn s20<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = tanh_slope(v1)
            {
                let [v0] = rt::split(&mut *common.shared, [(2, 2)], [0]);
                let v1 = &common.params[0..][..2];
                for u in 0..2 {
                    let x1 = rt::One::splat(v1[u]);
                    v0[u] = rt::Vector::sum(x1.tanh_slope());
                }
            }
        }
    }

    fn s21<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 = v1 v2
        {
            let [v0] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn)], [0]);
            let v2 = tile.omega;
            let v1 = &[<V::Scalar as rt::Real>::of(1.0)];
            let w = rt::Matrix { data: v1, row: 1, col: 1 };
            let x = rt::Rows { rows: &v2[..], panel: 1, row: 1 };
            let y = rt::RowsMut { rows: &mut v0[..], panel: 1, row: 1 };
            rt::product::<V>(w, 1, 1, x, y, rt::Panels { count: pn, lanes: tile.lanes }, rt::Write::Set);
        }
    }

    fn s22<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let &[n0] = rt::numbers(numbers);
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 0.5*v1
            {
                let [v0] = rt::split(&mut *tile.scratch, [(n0 * pn, 1 * pn)], [0]);
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

    fn s23<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = v1^-1
            {
                let [v0, v1] = rt::split(&mut *tile.scratch, [(22 * pn, 1 * pn), (20 * pn, 1 * pn)], [1, 0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    let b1 = &v1[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b1[0], l);
                        let x0 = x1.recip();
                        x0.store(&mut b0[0], l);
                    }
                }
            }
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
            // v3 = -v0
            {
                let [v3, v1, v2] = rt::split(&mut *tile.scratch, [(24 * pn, 3 * pn), (22 * pn, 1 * pn), (7 * pn, 3 * pn)], [2, 1, 0]);
                for p in 0..pn {
                    let b3 = &mut v3[p * 3..][..3];
                    let b1 = &v1[p * 1..][..1];
                    let b2 = &v2[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[0], l);
                            let x2 = V::load(&b2[u], l);
                            let x0 = (x1 * x2);
                            let x3 = (-x0);
                            x3.store(&mut b3[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s25<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1*v2
            // v3 = -v0
            {
                let [v0, v3, v1, v2] = rt::split(&mut *tile.scratch, [(28 * pn, 6 * pn), (35 * pn, 6 * pn), (13 * pn, 6 * pn), (24 * pn, 3 * pn)], [2, 3, 0, 1]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 6..][..6];
                    let b3 = &mut v3[p * 6..][..6];
                    let b1 = &v1[p * 6..][..6];
                    let b2 = &v2[p * 3..][..3];
                    for u0 in 0..3 {
                        for u1 in 0..2 {
                            for l in 0..vectors {
                                let x1 = V::load(&b1[u0 * 2 + u1], l);
                                let x2 = V::load(&b2[u0], l);
                                let x0 = (V::constant(2.0) * (x1 * x2));
                                x0.store(&mut b0[u0 * 2 + u1], l);
                                let x3 = (-x0);
                                x3.store(&mut b3[u0 * 2 + u1], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s26<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            // v3 = (v4 + v0)
            // v5 = (-v6 + v7*v3)
            {
                let [v5, v1, v2] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (42 * pn, 6 * pn), (35 * pn, 6 * pn)], [0, 2, 1]);
                let v6 = tile.v;
                for p in 0..pn {
                    let b5 = &mut v5[p * 6..][..6];
                    let b1 = &v1[p * 6..][..6];
                    let b2 = &v2[p * 6..][..6];
                    let b6 = &v6[p * 6..][..6];
                    for u in 0..6 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x4 = V::load(&b5[u], l);
                            let x7 = V::splat(tile.scalars.sigma);
                            let x6 = V::load(&b6[u], l);
                            let x0 = (x1 + x2);
                            let x3 = (x4 + x0);
                            let x5 = x7.mul_add(x3, (-x6));
                            x5.store(&mut b5[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s27<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[] = sum of v1[ab] * v1[ab]
            {
                let [v1, v0] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (28 * pn, 1 * pn)], [0, 1]);
                for p in 0..pn {
                    for l in 0..vectors {
                        let mut sum = V::constant(0.0);
                        for i_a in 0..3 {
                            for i_b in 0..2 {
                                sum = V::load(&v1[p * 6 + i_a * 2 + i_b], l).mul_add(V::load(&v1[p * 6 + i_a * 2 + i_b], l), sum);
                            }
                        }
                        sum.store(&mut v0[p], l);
                    }
                }
            }
        }
    }

    fn s28<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[ab] = sum of v1[] * v2[ab]
            {
                let [v1, v2, v0] = rt::split(&mut *tile.scratch, [(11 * pn, 1 * pn), (0 * pn, 6 * pn), (30 * pn, 6 * pn)], [1, 0, 2]);
                for p in 0..pn {
                    for i_a in 0..3 {
                        for i_b in 0..2 {
                            for l in 0..vectors {
                                let mut sum = V::constant(0.0);
                                sum = V::load(&v1[p], l).mul_add(V::load(&v2[p * 6 + i_a * 2 + i_b], l), sum);
                                sum.store(&mut v0[p * 6 + i_a * 2 + i_b], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s29<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = 2*v1
            // v2 = v3*v0
            {
                let [v2] = rt::split(&mut *tile.scratch, [(30 * pn, 6 * pn)], [0]);
                for p in 0..pn {
                    let b2 = &mut v2[p * 6..][..6];
                    for u in 0..6 {
                        for l in 0..vectors {
                            let x1 = V::load(&b2[u], l);
                            let x3 = V::splat(tile.scalars.sigma);
                            let x0 = (V::constant(2.0) * x1);
                            let x2 = (x3 * x0);
                            x2.store(&mut b2[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s30<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        let pn = tile.panels;
        let rt::Chunk { t0, tn, lower_suffices } = chunk;
        // v0 += sum of v1 v2'
        {
            let [v2] = rt::split(&mut *tile.scratch, [(28 * pn, 1 * pn)], [0]);
            let v1 = tile.omega;
            let v0 = &mut tile.acc[2..][..1];
            let pairs = [
                (rt::Rows { rows: &v1[..], panel: 1, row: 1 }, rt::Rows { rows: &v2[..], panel: 1, row: 1 }),
            ];
            rt::outer::<V>(v0, 1, 1, 1, 1, &pairs, rt::Panels { count: pn, lanes: tile.lanes });
        }
    }

    fn s31<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = -v1
            // v2 = (v3 + v0)
            // v4 = 2*v5*v2
            // v6 = v2*v7
            {
                let [v4, v6, v5, v7] = rt::split(&mut *tile.scratch, [(0 * pn, 6 * pn), (37 * pn, 6 * pn), (24 * pn, 3 * pn), (13 * pn, 6 * pn)], [0, 3, 2, 1]);
                for p in 0..pn {
                    let b4 = &mut v4[p * 6..][..6];
                    let b6 = &mut v6[p * 6..][..6];
                    let b5 = &v5[p * 3..][..3];
                    let b7 = &v7[p * 6..][..6];
                    for u0 in 0..3 {
                        for u1 in 0..2 {
                            for l in 0..vectors {
                                let x1 = V::load(&b6[u0 * 2 + u1], l);
                                let x3 = V::load(&b4[u0 * 2 + u1], l);
                                let x5 = V::load(&b5[u0], l);
                                let x7 = V::load(&b7[u0 * 2 + u1], l);
                                let x0 = (-x1);
                                let x2 = (x3 + x0);
                                let x4 = (V::constant(2.0) * (x5 * x2));
                                x4.store(&mut b4[u0 * 2 + u1], l);
                                let x6 = (x2 * x7);
                                x6.store(&mut b6[u0 * 2 + u1], l);
                            }
                        }
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
            // v0 = 2*v1
            // v2 = -v0
            // v3 = v4*v2*v5
            // v6 = v2*v5
            {
                let [v3, v6, v4, v5] = rt::split(&mut *tile.scratch, [(24 * pn, 3 * pn), (28 * pn, 3 * pn), (22 * pn, 1 * pn), (7 * pn, 3 * pn)], [3, 2, 0, 1]);
                for p in 0..pn {
                    let b3 = &mut v3[p * 3..][..3];
                    let b6 = &mut v6[p * 3..][..3];
                    let b4 = &v4[p * 1..][..1];
                    let b5 = &v5[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b3[u], l);
                            let x4 = V::load(&b4[0], l);
                            let x5 = V::load(&b5[u], l);
                            let x0 = (V::constant(2.0) * x1);
                            let x2 = (-x0);
                            let p0 = x2 * x5;
                            let x3 = (x4 * p0);
                            x3.store(&mut b3[u], l);
                            let x6 = p0;
                            x6.store(&mut b6[u], l);
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
            // v0 = -v1^-2*v2
            {
                let [v0, v2] = rt::split(&mut *tile.scratch, [(20 * pn, 1 * pn), (11 * pn, 1 * pn)], [1, 0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 1..][..1];
                    let b2 = &v2[p * 1..][..1];
                    for l in 0..vectors {
                        let x1 = V::load(&b0[0], l);
                        let x2 = V::load(&b2[0], l);
                        let r0 = x1.recip();
                        let x0 = (-((x2 * r0) * r0));
                        x0.store(&mut b0[0], l);
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
            // v0 = v1*v2
            // v3 = (v4 + v0)
            // v5 = -v3
            {
                let [v5, v1, v4] = rt::split(&mut *tile.scratch, [(7 * pn, 3 * pn), (20 * pn, 1 * pn), (24 * pn, 3 * pn)], [0, 1, 2]);
                for p in 0..pn {
                    let b5 = &mut v5[p * 3..][..3];
                    let b1 = &v1[p * 1..][..1];
                    let b4 = &v4[p * 3..][..3];
                    for u in 0..3 {
                        for l in 0..vectors {
                            let x1 = V::load(&b1[0], l);
                            let x2 = V::load(&b5[u], l);
                            let x4 = V::load(&b4[u], l);
                            let x0 = (x1 * x2);
                            let x3 = (x4 + x0);
                            let x5 = (-x3);
                            x5.store(&mut b5[u], l);
                        }
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
            // v0 = 2*v1*v2
            // v3 = (v4 + v0)
            // v5 = -v3
            {
                let [v3, v5, v2] = rt::split(&mut *tile.scratch, [(13 * pn, 6 * pn), (0 * pn, 6 * pn), (7 * pn, 3 * pn)], [1, 2, 0]);
                for p in 0..pn {
                    let b3 = &mut v3[p * 6..][..6];
                    let b5 = &mut v5[p * 6..][..6];
                    let b2 = &v2[p * 3..][..3];
                    for u0 in 0..3 {
                        for u1 in 0..2 {
                            for l in 0..vectors {
                                let x1 = V::load(&b3[u0 * 2 + u1], l);
                                let x2 = V::load(&b2[u0], l);
                                let x4 = V::load(&b5[u0 * 2 + u1], l);
                                let x0 = (V::constant(2.0) * (x1 * x2));
                                let x3 = (x4 + x0);
                                x3.store(&mut b3[u0 * 2 + u1], l);
                                let x5 = (-x3);
                                x5.store(&mut b5[u0 * 2 + u1], l);
                            }
                        }
                    }
                }
            }
        }
    }

    fn s36<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0 = (v1 + v2)
            {
                let [v0, v2] = rt::split(&mut *tile.scratch, [(20 * pn, 6 * pn), (0 * pn, 6 * pn)], [1, 0]);
                for p in 0..pn {
                    let b0 = &mut v0[p * 6..][..6];
                    let b2 = &v2[p * 6..][..6];
                    for u in 0..6 {
                        for l in 0..vectors {
                            let x1 = V::load(&b0[u], l);
                            let x2 = V::load(&b2[u], l);
                            let x0 = (x1 + x2);
                            x0.store(&mut b0[u], l);
                        }
                    }
                }
            }
        }
    }

    fn s37<V: rt::Vector>(tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (tile, chunk, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((tile, chunk, numbers): (&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])) {
            let pn = tile.panels;
            let rt::Chunk { t0, tn, lower_suffices } = chunk;
            let vectors = rt::vectors::<V>(tile.lanes);
            // v0[b] = sum of v1[ab]
            {
                let [v1] = rt::split(&mut *tile.scratch, [(20 * pn, 6 * pn)], [0]);
                let v0 = &mut tile.acc[3..][..2];
                for i_b in 0..2 {
                    let mut sum = V::constant(0.0);
                    for p in 0..pn {
                        for l in 0..vectors {
                            for i_a in 0..3 {
                                sum = sum + V::load(&v1[p * 6 + i_a * 2 + i_b], l);
                            }
                        }
                    }
                    v0[i_b] = v0[i_b] + sum.sum();
                }
            }
        }
    }

    fn s38<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = -v1
            {
                let [v0] = rt::split(&mut *common.shared, [(4, 2)], [0]);
                let [v1] = rt::split(&mut *common.acc, [(3, 2)], [0]);
                for u in 0..2 {
                    let x1 = rt::One::splat(v1[u]);
                    v0[u] = rt::Vector::sum((-x1));
                }
            }
        }
    }

    fn s39<V: rt::Vector>(common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]) {
        V::apart(#[inline(always)] |at| body::<V>(at), (common, numbers));
        #[inline(always)]
        fn body<V: rt::Vector>((common, numbers): (&mut rt::Common<'_, V::Scalar>, &[usize])) {
            // v0 = v1*v2
            {
                let [v1, v2] = rt::split(&mut *common.shared, [(4, 2), (2, 2)], [1, 0]);
                let [v0] = rt::split(&mut *common.acc, [(0, 2)], [0]);
                for u in 0..2 {
                    let x1 = rt::One::splat(v1[u]);
                    let x2 = rt::One::splat(v2[u]);
                    v0[u] = rt::Vector::sum((x1 * x2));
                }
            }
        }
    }
};
