// 8 samples x 1 directions: 272 scalars of per-sample, 0 of per-direction scratch
// 16 samples x 1 directions: 816 scalars of per-sample, 0 of per-direction scratch
// 32 samples x 1 directions: 1360 scalars of per-sample, 0 of per-direction scratch
namespace esm {
    constexpr int DIM = 5;
    constexpr int PARAMS = 30;
    constexpr int SUMS = 32;
    constexpr int SAMPLE_ROWS = 34;
    constexpr int CHUNK_ROWS = 0;

    template <class ThreadGroup>
    INLINE void prologue(const Arguments& a, const ThreadGroup& group) {
        // v11 = 1
        for (int i = group.thread(); i < 5; i += group.threads) {
            const int u = i;
            a.shared[u] = 1.0f;
        }
        group.sync();
        // v12[ba] = sum of v1[ab] * v11[a]
        outputs<1>(group, 25, [&](int i, int part, bool valid) {
            const int i_b = i / 5, i_a = i % 5;
            float sum = 0.0f;
            for (int k = part; k < 1; k += 1) {
                sum = fmaf(a.params[i_a * 5 + i_b], a.shared[i_a], sum);
            }
            sum = lane_sum<1>(sum);
            if (valid && part == 0) a.shared[5 + i_b * 5 + i_a] = sum;
        });
        group.sync();
        // v13 = v12^2
        for (int i = group.thread(); i < 25; i += group.threads) {
            const int u = i;
            const float x12 = a.shared[5 + u];
            a.shared[30 + u] = (x12 * x12);
        }
        group.sync();
        // v14[a] = sum of v13[ab]
        outputs<2>(group, 5, [&](int i, int part, bool valid) {
            const int i_a = i;
            float sum = 0.0f;
            for (int k = part; k < 5; k += 2) {
                const int i_b = k;
                sum += a.shared[30 + i_a * 5 + i_b];
            }
            sum = lane_sum<2>(sum);
            if (valid && part == 0) a.shared[55 + i_a] = sum;
        });
        group.sync();
        // v15 = v6*v14
        for (int i = group.thread(); i < 5; i += group.threads) {
            const int u = i;
            const float x6 = 0.5f;
            const float x14 = a.shared[55 + u];
            a.shared[60 + u] = (x6 * x14);
        }
        group.sync();
        // v16[] = sum of v15[a]
        outputs<2>(group, 1, [&](int i, int part, bool valid) {
            float sum = 0.0f;
            for (int k = part; k < 5; k += 2) {
                const int i_a = k;
                sum += a.shared[60 + i_a];
            }
            sum = lane_sum<2>(sum);
            if (valid && part == 0) a.shared[65] = sum;
        });
        group.sync();
        // v17 = 2*v16
        for (int i = group.thread(); i < 1; i += group.threads) {
            const float x16 = a.shared[65];
            a.shared[66] = (2.0f * x16);
        }
    }

    INLINE void samples(Arguments a, Tile tile) {
        load<DIM>(a, tile, a.x, nullptr, 0.0f, tile.samples + 28 * SAMPLE_ROW);
        load_omega(a, tile, tile.samples + 33 * SAMPLE_ROW);
        sync(a, tile);
        // v3 = (v0 - v2)
        #pragma unroll 2
        for (int i = thread(); i < 5 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const int u = i / SAMPLES;
            const float x0 = tile.samples[(28 + u) * SAMPLE_ROW + s];
            const float x2 = a.params[25 + u];
            const float x3 = (x0 - x2);
            tile.samples[u * SAMPLE_ROW + s] = x3;
        }
        // v22[qm] = sum of v21[mk] * v19[qk]
        outputs<1>(Block(), 1 * SAMPLES, [&](int i, int part, bool valid) {
            const int s = i % SAMPLES;
            float sum = 0.0f;
            for (int k = part; k < 1; k += 1) {
                sum = fmaf(1.0f, tile.samples[33 * SAMPLE_ROW + s], sum);
            }
            sum = lane_sum<1>(sum);
            if (valid && part == 0) tile.samples[6 * SAMPLE_ROW + s] = sum;
        });
        sync(a, tile);
        // v23[u] = sum of v22[u]
        outputs<8>(Block(), 1 * 1, [&](int i, int part, bool valid) {
            float sum = 0.0f;
            for (int k = part; k < SAMPLES; k += 8) {
                const int s = k % SAMPLES;
                sum += tile.samples[6 * SAMPLE_ROW + s];
            }
            sum = lane_sum<8>(sum);
            if (valid && part == 0) tile.acc[31] += sum;
        });
        sync(a, tile);
        // v30 = 0.5*v22
        #pragma unroll 2
        for (int i = thread(); i < 1 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const float x22 = tile.samples[6 * SAMPLE_ROW + s];
            const float x30 = (0.5f * x22);
            tile.samples[6 * SAMPLE_ROW + s] = x30;
        }
        // v4 = v1 v3
        gemm<5, 5, 1, 5, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(a.params, tile.samples, tile.samples + 8 * SAMPLE_ROW);
        sync(a, tile);
        // v7 = 2*v4*v6
        #pragma unroll 2
        for (int i = thread(); i < 5 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const int u = i / SAMPLES;
            const float x4 = tile.samples[(8 + u) * SAMPLE_ROW + s];
            const float x6 = 0.5f;
            const float x7 = (2.0f * (x4 * x6));
            tile.samples[(8 + u) * SAMPLE_ROW + s] = x7;
        }
        sync(a, tile);
        // v8 = v1 v7
        gemm<5, 5, 5, 1, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(a.params, tile.samples + 8 * SAMPLE_ROW, tile.samples + 14 * SAMPLE_ROW);
        sync(a, tile);
        // v9[] = sum of v8[a] * v8[a]
        outputs<2>(Block(), 1 * SAMPLES, [&](int i, int part, bool valid) {
            const int s = i % SAMPLES;
            float sum = 0.0f;
            for (int k = part; k < 5; k += 2) {
                const int i_a = k;
                sum = fmaf(tile.samples[(14 + i_a) * SAMPLE_ROW + s], tile.samples[(14 + i_a) * SAMPLE_ROW + s], sum);
            }
            sum = lane_sum<2>(sum);
            if (valid && part == 0) tile.samples[20 * SAMPLE_ROW + s] = sum;
        });
        // v31[a] = sum of v30[] * v8[a]
        outputs<1>(Block(), 5 * SAMPLES, [&](int i, int part, bool valid) {
            const int s = i % SAMPLES;
            const int i_a = i / SAMPLES;
            float sum = 0.0f;
            for (int k = part; k < 1; k += 1) {
                sum = fmaf(tile.samples[6 * SAMPLE_ROW + s], tile.samples[(14 + i_a) * SAMPLE_ROW + s], sum);
            }
            sum = lane_sum<1>(sum);
            if (valid && part == 0) tile.samples[(22 + i_a) * SAMPLE_ROW + s] = sum;
        });
        sync(a, tile);
        // v10 = 0.5*v9
        // v18 = (v10 - v17)
        #pragma unroll 2
        for (int i = thread(); i < 1 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const float x9 = tile.samples[20 * SAMPLE_ROW + s];
            const float x17 = a.shared[66];
            const float x10 = (0.5f * x9);
            const float x18 = (x10 - x17);
            tile.samples[20 * SAMPLE_ROW + s] = x18;
        }
        // v32 = 2*v31
        #pragma unroll 2
        for (int i = thread(); i < 5 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const int u = i / SAMPLES;
            const float x31 = tile.samples[(22 + u) * SAMPLE_ROW + s];
            const float x32 = (2.0f * x31);
            tile.samples[(22 + u) * SAMPLE_ROW + s] = x32;
        }
        sync(a, tile);
        // v20 += sum of v19 v18'
        rank_k_update<1, 1, 1, 1, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(tile.acc + 30, tile.samples + 33 * SAMPLE_ROW, tile.samples + 20 * SAMPLE_ROW);
        // v33 = v1 v32
        gemm<5, 5, 1, 5, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(a.params, tile.samples + 22 * SAMPLE_ROW, tile.samples + 14 * SAMPLE_ROW);
        sync(a, tile);
        // v35 = 2*v6*v33
        #pragma unroll 2
        for (int i = thread(); i < 5 * SAMPLES; i += THREADS) {
            const int s = i % SAMPLES;
            const int u = i / SAMPLES;
            const float x6 = 0.5f;
            const float x33 = tile.samples[(14 + u) * SAMPLE_ROW + s];
            const float x35 = (2.0f * (x6 * x33));
            tile.samples[(14 + u) * SAMPLE_ROW + s] = x35;
        }
        sync(a, tile);
        // v36 += sum of v32 v7'
        rank_k_update<5, 5, 5, 1, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(tile.acc, tile.samples + 22 * SAMPLE_ROW, tile.samples + 8 * SAMPLE_ROW);
        // v36 += sum of v3 v35'
        __syncthreads();
        rank_k_update<5, 5, 5, 1, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(tile.acc, tile.samples, tile.samples + 14 * SAMPLE_ROW);
        sync(a, tile);
        // v37 = v1 v35
        gemm<5, 5, 5, 1, 1, 1, SAMPLES, SAMPLE_ROW, 1, 0, 0>(a.params, tile.samples + 14 * SAMPLE_ROW, tile.samples);
        sync(a, tile);
        // v38[u] = sum of v37[u]
        outputs<8>(Block(), 5 * 1, [&](int i, int part, bool valid) {
            const int i_u = i;
            float sum = 0.0f;
            for (int k = part; k < SAMPLES; k += 8) {
                const int s = k % SAMPLES;
                sum += tile.samples[(i_u) * SAMPLE_ROW + s];
            }
            sum = lane_sum<8>(sum);
            if (valid && part == 0) tile.acc[25 + i_u] += sum;
        });
    }

    template <class ThreadGroup>
    INLINE void epilogue(const Arguments& a, const ThreadGroup& group) {
        // v24 = -v23
        for (int i = group.thread(); i < 1; i += group.threads) {
            const float x23 = a.acc[31];
            a.shared[67] = (-x23);
        }
        group.sync();
        // v26 = 2*v6*v25
        for (int i = group.thread(); i < 5; i += group.threads) {
            const int u = i;
            const float x6 = 0.5f;
            const float x25 = a.shared[67];
            a.shared[68 + u] = (2.0f * (x6 * x25));
        }
        group.sync();
        // v28 = 2*v12*v27
        for (int i = group.thread(); i < 25; i += group.threads) {
            const int u0 = i / 5, u1 = i % 5;
            const float x12 = a.shared[5 + u0 * 5 + u1];
            const float x27 = a.shared[68 + u0];
            a.shared[73 + u0 * 5 + u1] = (2.0f * (x12 * x27));
        }
        group.sync();
        // v29[ba] = sum of v28[ab] * v11[b]
        outputs<1>(group, 25, [&](int i, int part, bool valid) {
            const int i_b = i / 5, i_a = i % 5;
            float sum = 0.0f;
            for (int k = part; k < 1; k += 1) {
                sum = fmaf(a.shared[73 + i_a * 5 + i_b], a.shared[i_b], sum);
            }
            sum = lane_sum<1>(sum);
            if (valid && part == 0) a.shared[98 + i_b * 5 + i_a] = sum;
        });
        // v39 = -v38
        for (int i = group.thread(); i < 5; i += group.threads) {
            const int u = i;
            const float x38 = a.acc[25 + u];
            a.acc[25 + u] = (-x38);
        }
        group.sync();
        // v40 = (v29 + v34)
        for (int i = group.thread(); i < 25; i += group.threads) {
            const int u = i;
            const float x29 = a.shared[98 + u];
            const float x34 = a.acc[u];
            a.acc[u] = (x29 + x34);
        }
    }

    INLINE void whole(Arguments a, const Grid& grid) {
        if (blockIdx.x == 0) prologue(a, Block());
        grid.sync();
        if (blockIdx.x < partial_count(a)) {
            Tile tile = tile_of_block(a, SAMPLE_ROWS * SAMPLE_ROW, CHUNK_ROWS * CHUNK_ROW, SUMS);
            clear(tile.acc + 0, 32);
            for (int i = blockIdx.x; i < tiles(a); i += gridDim.x) {
                tile.first = i * SAMPLES;
                __syncthreads();
                samples(a, tile);
            }
        }
        grid.sync();
        sum_partials(a, grid, 0, 32, SUMS);
        grid.sync();
        if (blockIdx.x == 0) epilogue(a, Block());
    }

    #ifdef TRAINING
    extern "C" __global__ void __launch_bounds__(THREADS, 1) train_esm(Arguments a, Training t) {
        const Grid grid(a.arrived);
        for (int i = 0; i < t.count && begin_step<DIM>(a, t, grid, i); ++i) {
            whole(a, grid);
            end_step(a, t, grid, i, PARAMS);
        }
    }
    #elif defined(SHARES)
    extern "C" __global__ void __launch_bounds__(THREADS, 1) share_esm(Arguments a, Training t, int i) {
        const Grid grid(a.arrived);
        if (begin_step<DIM>(a, t, grid, i)) whole(a, grid);
    }
    #else
    extern "C" __global__ void __launch_bounds__(THREADS, 1) run_esm(Arguments a) {
        whole(a, Grid(a.arrived));
    }
    #endif
}
