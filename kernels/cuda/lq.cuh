// A = L Q for a shared R x D matrix. For R <= D by products: A A' = L L' by Cholesky, Q = L^-1 A by substitution. For a
// taller A, L is A itself and Q is the identity. Such an L is not triangular, so programs leave nothing out of it.
//
// What must hold is L L' = A A' and L Q = A, both to rounding: exact curvature and its gradient see L and Q only
// through these. Q's rows are orthonormal as far as A is well conditioned. A pivot that rounding has made too small is
// raised, so that a dependent row gives no infinity; a row of zeros has a pivot of 0 and a row of zeros in Q.

// The least pivot, as a part of the row's square.
constexpr float LEAST_PIVOT = 1e-6f;

// The Cholesky factor of the lower triangle of `a`, R x R with rows LD apart, in its place; by one block.
template <int R, int LD>
INLINE void cholesky(float* a) {
    for (int j = 0; j < R; ++j) {
        // Column j is final but for its scale; the squares of its row's left part give the row's whole square.
        __syncthreads();
        const float rest = a[j * LD + j];
        __syncthreads();
        if (thread() < LANES) {
            float taken = 0.0f;
            for (int k = thread(); k < j; k += LANES) taken += square(a[j * LD + k]);
            taken = lane_sum<LANES>(taken);
            if (thread() == 0) a[j * LD + j] = sqrtf(fmaxf(rest, LEAST_PIVOT * (taken + fmaxf(rest, 0.0f))));
        }
        __syncthreads();
        const float pivot = a[j * LD + j], scale = pivot > 0.0f ? 1.0f / pivot : 0.0f;
        for (int i = j + 1 + thread(); i < R; i += THREADS) a[i * LD + j] *= scale;
        __syncthreads();
        const int left = R - j - 1;
        for (int i = thread(); i < left * left; i += THREADS) {
            const int row = j + 1 + i / left, col = j + 1 + i % left;
            if (col <= row) a[row * LD + col] -= a[row * LD + j] * a[col * LD + j];
        }
    }
    __syncthreads();
}

// L (R x R) and Q (R x D) of a wide A (R x D); by all blocks.
template <int R, int D>
INLINE void lq_by_products(const Grid& grid, const float* a, float* l, float* q) {
    outputs<LANES>(grid, R * R, [&](int output, int part, bool valid) {
        const int row = output / R, col = output % R;
        float sum = 0.0f;
        if (col <= row) {
            for (int k = part; k < D; k += LANES) sum = fmaf(a[row * D + k], a[col * D + k], sum);
        }
        sum = lane_sum<LANES>(sum);
        if (valid && part == 0) l[output] = sum;
    });
    grid.sync();
    if (blockIdx.x == 0) {
        cholesky<R, R>(l);
    }
    grid.sync();
    if (!q) return;
    // A warp solves for one column of Q at a time.
    for (int col = grid.warp(); col < D; col += grid.warps) {
        for (int row = 0; row < R; ++row) {
            float sum = 0.0f;
            for (int k = lane(); k < row; k += LANES) sum = fmaf(l[row * R + k], q[k * D + col], sum);
            sum = lane_sum<LANES>(sum);
            const float pivot = l[row * R + row];
            if (lane() == 0) q[row * D + col] = pivot > 0.0f ? (a[row * D + col] - sum) / pivot : 0.0f;
            __syncwarp();
        }
    }
}

// L (R x min(R, D)) and Q (min(R, D) x D) of A (R x D); by all blocks. `q` may be absent.
template <int R, int D>
INLINE void lq(const Grid& grid, const float* a, float* l, float* q) {
    if constexpr (R <= D) {
        lq_by_products<R, D>(grid, a, l, q);
        return;
    }
    for (int i = grid.thread(); i < R * D; i += grid.threads) l[i] = a[i];
    if (!q) return;
    for (int i = grid.thread(); i < D * D; i += grid.threads) q[i] = i / D == i % D ? 1.0f : 0.0f;
}
