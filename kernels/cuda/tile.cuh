// The arguments of a program, and the state of a block for its current tile.

struct Arguments {
    const float* params;
    // Samples [batch, D]; a vector for each, [batch, D]; directions [count, batch, D].
    const float* x;
    const float* v;
    const float* directions;
    // Batch-independent values.
    float* shared;
    // Sums over samples: of all, and of each block that has tiles.
    float* acc;
    float* partials;
    // Outputs [batch, width]; values for products over the whole batch, [batch, width].
    float* out;
    float* deferred;
    // Scratch of each block, as far as shared memory does not hold it.
    float* workspace;
    // The barrier of the grid.
    unsigned* arrived;
    int batch, count;
    // Samples of the whole batch, of which several devices may have shares.
    int whole;
    // 1 over the number of directions; the noise level.
    float weight, sigma;
};
static_assert(sizeof(Arguments) == 112, "as in arguments.rs");
FIELD_AT(Arguments, params, 0);
FIELD_AT(Arguments, x, 8);
FIELD_AT(Arguments, v, 16);
FIELD_AT(Arguments, directions, 24);
FIELD_AT(Arguments, shared, 32);
FIELD_AT(Arguments, acc, 40);
FIELD_AT(Arguments, partials, 48);
FIELD_AT(Arguments, out, 56);
FIELD_AT(Arguments, deferred, 64);
FIELD_AT(Arguments, workspace, 72);
FIELD_AT(Arguments, arrived, 80);
FIELD_AT(Arguments, batch, 88);
FIELD_AT(Arguments, count, 92);
FIELD_AT(Arguments, whole, 96);
FIELD_AT(Arguments, weight, 100);
FIELD_AT(Arguments, sigma, 104);

struct Tile {
    // Rows of SAMPLE_ROW and of CHUNK_ROW columns.
    float* samples;
    float* chunk;
    // The sums of this block.
    float* acc;
    // The first sample, and the first direction of the chunk.
    int first, t0;
};

// The indices of a gather or scatter along its axis.
template <int N>
struct Indices {
    int at[N];
};

// For each range r, the entries e < count + r * count_step of start + r * start_step + e * step.
template <int N>
INLINE constexpr Indices<N> ranges(int pieces, int start, int start_step, int count, int count_step, int step) {
    Indices<N> indices{};
    int next = 0;
    for (int r = 0; r < pieces; ++r) {
        for (int e = 0; e < count + r * count_step; ++e) {
            indices.at[next++] = start + r * start_step + e * step;
        }
    }
    return indices;
}

// The block's scratch of so many scalars of per-sample and of per-direction values.
INLINE Tile tile_of_block(const Arguments& a, int samples, int chunk, int sums) {
    constexpr bool samples_in_shared = SCRATCH_IN_SHARED == 2, chunk_in_shared = SCRATCH_IN_SHARED >= 1;
    const int outside = (samples_in_shared ? 0 : samples) + (chunk_in_shared ? 0 : chunk);
    float* workspace = a.workspace + (size_t)blockIdx.x * outside;
    Tile tile;
    tile.samples = samples_in_shared ? shared_memory() : workspace;
    tile.chunk = chunk_in_shared ? shared_memory() + (samples_in_shared ? samples : 0) : workspace + samples;
    tile.acc = a.partials + (size_t)blockIdx.x * sums;
    return tile;
}

INLINE int tiles(const Arguments& a) { return (a.batch + SAMPLES - 1) / SAMPLES; }

// A barrier between the steps of a tile. After it the compiler reuses no address that it computed before; see thread().
INLINE void sync(Arguments& a, Tile& tile) {
    const int none = nothing();
    a.params += none;
    a.shared += none;
    tile.samples += none;
    tile.chunk += none;
    tile.acc += none;
    __syncthreads();
}

// How many of the first `features` features of a value vanish in all directions of the chunk, where feature k does in
// those whose number is above k + diagonal_offset.
INLINE int structural_zeros(const Tile& tile, int diagonal_offset, int features) { return min(max(tile.t0 - diagonal_offset, 0), features); }

// Blocks that have tiles.
INLINE int partial_count(const Arguments& a) { return min(tiles(a), (int)gridDim.x); }

// The sample in column s; columns past the batch hold the last one.
INLINE int sample(const Arguments& a, const Tile& tile, int s) { return min(tile.first + s, a.batch - 1); }

// What follows is for a block that carries a tile, or for any thread group whose tile it is.

// Lays samples [batch, D] into rows, plus `scale` times `more`.
template <int D, class ThreadGroup = Block>
INLINE void load(const Arguments& a, const Tile& tile, const float* from, const float* more, float scale, float* to,
                 const ThreadGroup& group = ThreadGroup()) {
    for (int i = group.thread(); i < D * SAMPLES; i += group.threads) {
        const int u = i % D, s = i / D;
        const size_t at = (size_t)sample(a, tile, s) * D + u;
        to[u * SAMPLE_ROW + s] = more ? from[at] + scale * more[at] : from[at];
    }
}

// 1 over the whole batch on samples, 0 past the batch.
template <class ThreadGroup = Block>
INLINE void load_omega(const Arguments& a, const Tile& tile, float* to, const ThreadGroup& group = ThreadGroup()) {
    for (int s = group.thread(); s < SAMPLES; s += group.threads) {
        to[s] = tile.first + s < a.batch ? 1.0f / a.whole : 0.0f;
    }
}

// Lays a chunk of directions into rows; those past the last are 0, and so is all that is linear in them.
template <int D, class ThreadGroup = Block>
INLINE void load_directions(const Arguments& a, const Tile& tile, float* to, const ThreadGroup& group = ThreadGroup()) {
    for (int i = group.thread(); i < D * CHUNK; i += group.threads) {
        const int u = i % D, c = i / D, t = tile.t0 + c / SAMPLES;
        const size_t at = ((size_t)t * a.batch + sample(a, tile, c % SAMPLES)) * D + u;
        to[u * CHUNK_ROW + c] = t < a.count ? a.directions[at] : 0.0f;
    }
}

// Zeros in `rows` rows of samples.
template <class ThreadGroup = Block>
INLINE void clear_rows(float* to, int rows, const ThreadGroup& group = ThreadGroup()) {
    for (int i = group.thread(); i < rows * SAMPLES; i += group.threads) {
        to[i / SAMPLES * SAMPLE_ROW + i % SAMPLES] = 0.0f;
    }
}

template <class ThreadGroup = Block>
INLINE void clear(float* to, int count, const ThreadGroup& group = ThreadGroup()) {
    for (int i = group.thread(); i < count; i += group.threads) to[i] = 0.0f;
}

// acc[start ..][.. count] = the sum of the partial accumulators, in their order, `stride` apart.
INLINE void sum_partials(const Arguments& a, const Grid& grid, int start, int count, int stride) {
    const int n = partial_count(a);
    for (int i = grid.thread(); i < count; i += grid.threads) {
        float sum = 0.0f;
        for (int slot = 0; slot < n; ++slot) sum += a.partials[(size_t)slot * stride + start + i];
        a.acc[start + i] = sum;
    }
}

// Writes rows of samples to columns at .. at + rows of [batch, width].
INLINE void store(const Arguments& a, const Tile& tile, const float* from, int rows, float* to, int width, int at) {
    for (int i = thread(); i < rows * SAMPLES; i += THREADS) {
        const int u = i % rows, b = tile.first + i / rows;
        if (b < a.batch) to[(size_t)b * width + at + u] = from[u * SAMPLE_ROW + i / rows];
    }
}
