// Matrix products on tensor cores, over values laid in rows of columns: row u of a value starts u * LD behind its
// first, and its columns are samples, or directions times samples.

// A number in the parts that tensor cores multiply: the first to 11 bits, the second what that leaves.
struct Split {
    float high, low;
    INLINE Split(float x) : high(to_tf32(x)), low(TF32_PRODUCTS == 1 ? 0.0f : to_tf32(x - high)) {}
};

template <int N>
struct Fragment {
    float high[N], low[N];
    INLINE void set(int i, float x) {
        const Split split(x);
        high[i] = split.high;
        low[i] = split.low;
    }
};

// C += A B. Of the four products of parts the smallest is left out.
INLINE void multiply(float (&c)[4], const Fragment<4>& a, const Fragment<2>& b) {
    if (TF32_PRODUCTS == 3) {
        mma(c, a.low, b.high);
        mma(c, a.high, b.low);
    }
    mma(c, a.high, b.high);
}

// Blocks of 8 columns that a warp takes at a time: at most 4, fewer where warps would be idle.
__device__ constexpr int blocks_at_once(int blocks, int others) {
    int n = blocks % 4 == 0 ? 4 : blocks % 2 == 0 ? 2 : 1;
    while (n > 1 && blocks / n * others < WARPS) n /= 2;
    return n;
}

// y[m] = sum over k of w[m, k] x[k] for every column. The matrix has the strides (ROW, COL), the rows of x and y are
// XROW and YROW apart. All of it REPEATS times, XSTEP and YSTEP rows on. The first `skip` features of x vanish.
template <int M, int K, int ROW, int COL, int XROW, int YROW, int COLUMNS, int LD, int REPEATS, int XSTEP, int YSTEP>
INLINE void gemm(const float* w, const float* x, float* y, int skip = 0) {
    constexpr int row_blocks = (M + 15) / 16, blocks = COLUMNS / 8;
    constexpr int wide = blocks_at_once(blocks, row_blocks * REPEATS), jobs = REPEATS * row_blocks * (blocks / wide);
    const int g = lane() / 4, q = lane() % 4;
    for (int job = Block().warp(); job < jobs; job += WARPS) {
        const int repeat = job / (row_blocks * (blocks / wide));
        const int m = job % row_blocks * 16 + g, column = job / row_blocks % (blocks / wide) * (wide * 8);
        const float* from = x + repeat * XSTEP * LD + column + g;
        float c[wide][4] = {};
#pragma unroll 2
        for (int k = skip / 8 * 8; k < K; k += 8) {
            const bool first = K % 8 == 0 || k + q < K, second = K % 8 == 0 || k + q + 4 < K;
            const bool upper = M % 16 == 0 || m < M, lower = M % 16 == 0 || m + 8 < M;
            const float* at = w + m * ROW + (k + q) * COL;
            Fragment<4> a;
            a.set(0, upper && first ? at[0] : 0.0f);
            a.set(1, lower && first ? at[8 * ROW] : 0.0f);
            a.set(2, upper && second ? at[4 * COL] : 0.0f);
            a.set(3, lower && second ? at[8 * ROW + 4 * COL] : 0.0f);
#pragma unroll
            for (int j = 0; j < wide; ++j) {
                const float* row = from + (k + q) * XROW * LD + j * 8;
                Fragment<2> b;
                b.set(0, first ? row[0] : 0.0f);
                b.set(1, second ? row[4 * XROW * LD] : 0.0f);
                multiply(c[j], a, b);
            }
        }
        float* to = y + (repeat * YSTEP + m * YROW) * LD + column + 2 * q;
#pragma unroll
        for (int j = 0; j < wide; ++j) {
            if (M % 16 == 0 || m < M) {
                to[j * 8] = c[j][0];
                to[j * 8 + 1] = c[j][1];
            }
            if (M % 16 == 0 || m + 8 < M) {
                to[8 * YROW * LD + j * 8] = c[j][2];
                to[8 * YROW * LD + j * 8 + 1] = c[j][3];
            }
        }
    }
}

// sum[m, n] += sum over columns of a[m] b[n]. The sum has the strides (ROW, COL), the rows of a and b are AROW and BROW
// apart. Summed over REPEATS of it too, ASTEP and BSTEP rows on. The first `skip_a` features of a and `skip_b` of b vanish.
template <int M, int N, int ROW, int COL, int AROW, int BROW, int COLUMNS, int LD, int REPEATS, int ASTEP, int BSTEP>
INLINE void rank_k_update(float* sum, const float* a, const float* b, int skip_a = 0, int skip_b = 0) {
    constexpr int row_blocks = (M + 15) / 16, blocks = (N + 7) / 8;
    constexpr int wide = blocks_at_once(blocks, row_blocks);
    const int first_row_block = skip_a / 16, first_block = skip_b / (wide * 8), left_row_blocks = row_blocks - first_row_block;
    const int jobs = left_row_blocks * (blocks / wide - first_block);
    const int g = lane() / 4, q = lane() % 4;
    for (int job = Block().warp(); job < jobs; job += WARPS) {
        const int m = (first_row_block + job % left_row_blocks) * 16 + g;
        const int n = (first_block + job / left_row_blocks) * (wide * 8);
        const bool upper = M % 16 == 0 || m < M, lower = M % 16 == 0 || m + 8 < M;
        float c[wide][4] = {};
        for (int repeat = 0; repeat < REPEATS; ++repeat) {
            const float* left = a + (repeat * ASTEP + m * AROW) * LD + q;
            const float* right = b + (repeat * BSTEP + (n + g) * BROW) * LD + q;
#pragma unroll 2
            for (int k = 0; k < COLUMNS; k += 8) {
                Fragment<4> x;
                x.set(0, upper ? left[k] : 0.0f);
                x.set(1, lower ? left[8 * AROW * LD + k] : 0.0f);
                x.set(2, upper ? left[k + 4] : 0.0f);
                x.set(3, lower ? left[8 * AROW * LD + k + 4] : 0.0f);
#pragma unroll
                for (int j = 0; j < wide; ++j) {
                    const bool inside = N % 8 == 0 || n + j * 8 + g < N;
                    Fragment<2> y;
                    y.set(0, inside ? right[j * 8 * BROW * LD + k] : 0.0f);
                    y.set(1, inside ? right[j * 8 * BROW * LD + k + 4] : 0.0f);
                    multiply(c[j], x, y);
                }
            }
        }
#pragma unroll
        for (int j = 0; j < wide; ++j) {
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int row = m + i / 2 * 8, col = n + j * 8 + 2 * q + i % 2;
                if ((M % 16 == 0 || row < M) && (N % 8 == 0 || col < N)) sum[row * ROW + col * COL] += c[j][i];
            }
        }
    }
}

// sum[m, n] = sum over the batch of a[b, m] x[b, n], or += of it, x = samples + sigma noise where there is noise: one
// GEMM for a reduction that every tile would otherwise add up. A block takes 16 rows and 32 columns, its warps parts of
// the batch, which are added in their order.
template <int M, int N, bool ADDS>
INLINE void batch_rank_k_update(float* sum, const float* a, int width, const float* samples, const float* noise, float sigma,
                        int batch) {
    constexpr int row_blocks = (M + 15) / 16, wide = 4, blocks = (N + 31) / 32;
    const int g = lane() / 4, q = lane() % 4, warp = Block().warp();
    const int share = ((batch + WARPS - 1) / WARPS + 7) / 8 * 8;
    const int end = min((warp + 1) * share, batch);
    float* parts = shared_memory();
    for (int job = blockIdx.x; job < row_blocks * blocks; job += gridDim.x) {
        const int m = job % row_blocks * 16 + g, n = job / row_blocks * 32;
        float c[wide][4] = {};
        for (int k = warp * share; k < end; k += 8) {
            Fragment<4> left;
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int row = m + i % 2 * 8, at = k + q + i / 2 * 4;
                left.set(i, row < M && at < end ? a[(size_t)at * width + row] : 0.0f);
            }
#pragma unroll
            for (int j = 0; j < wide; ++j) {
                Fragment<2> right;
#pragma unroll
                for (int i = 0; i < 2; ++i) {
                    const int col = n + j * 8 + g, at = k + q + i * 4;
                    float x = 0.0f;
                    if (col < N && at < end) {
                        x = samples[(size_t)at * N + col];
                        if (noise) x += sigma * noise[(size_t)at * N + col];
                    }
                    right.set(i, x);
                }
                multiply(c[j], left, right);
            }
        }
#pragma unroll
        for (int i = 0; i < wide * 4; ++i) {
            const int row = g + i / 2 % 2 * 8, col = i / 4 * 8 + 2 * q + i % 2;
            parts[warp * 512 + row * 32 + col] = c[i / 4][i % 4];
        }
        __syncthreads();
        for (int i = thread(); i < 512; i += THREADS) {
            float total = 0.0f;
            for (int part = 0; part < WARPS; ++part) total += parts[part * 512 + i];
            const int row = job % row_blocks * 16 + i / 32, col = n + i % 32;
            if (row < M && col < N) sum[row * N + col] = ADDS ? sum[row * N + col] + total : total;
        }
        __syncthreads();
    }
}
