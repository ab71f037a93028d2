// Directions v with E[v v'] = 1, for every sample of a batch; by all blocks.

// Their distributions.
constexpr int RADEMACHER = 1, NORMAL = 2, SPHERE = 3, ORTHONORMAL = 4;

// Scales a vector to the norm sqrt(D).
template <int D>
INLINE void onto_sphere(float* v) {
    float sum = 0.0f;
    for (int u = 0; u < D; ++u) sum = __fmaf_rn(v[u], v[u], sum);
    const float scale = __fdiv_rn(sqrtf((float)D), __fsqrt_rn(sum));
    for (int u = 0; u < D; ++u) v[u] = __fmul_rn(scale, v[u]);
}

// Blocks of at most D orthogonal directions of norm sqrt(D) for one sample, columns of a Haar-random orthogonal matrix
// (Stewart 1980): direction j is -s_j sqrt(D) H_0 .. H_j e_j, where H_j reflects a normal vector on the coordinates j
// .. to -s_j times its axis. `reflections` holds min(count, D) reflection vectors of D and a factor 2 / |u|^2 each.
template <int D>
INLINE void draw_orthonormal(const Random& random, int sample, int count, size_t stride, float* v, float* reflections) {
    for (int t = 0; t < count; ++t, v += stride) {
        const int j = t % D;
        float* u = reflections + j * (D + 1);
        float square = 0.0f;
        for (int i = j; i < D; ++i) {
            u[i] = draw_normal(random, sample, t, i - j);
            square = fmaf(u[i], u[i], square);
        }
        const float norm = sqrtf(square), first = u[j], side = first < 0.0f ? -1.0f : 1.0f;
        u[j] = first + side * norm;
        u[D] = 1.0f / fmaxf(norm * (norm + fabsf(first)), 1.17549435e-38f);
        for (int i = 0; i < D; ++i) v[i] = i == j ? -sqrtf((float)D) * side : 0.0f;
        for (int k = j; k >= 0; --k) {
            const float* h = reflections + k * (D + 1);
            float along = 0.0f;
            for (int i = k; i < D; ++i) along = fmaf(h[i], v[i], along);
            const float scale = -(h[D] * along);
            for (int i = k; i < D; ++i) v[i] = fmaf(scale, h[i], v[i]);
        }
    }
}

// `count` directions for each of `batch` samples, `from` and on: [count, batch, D]. `reflections` is for orthonormal
// ones, as much for each sample as draw_orthonormal says.
template <int D>
INLINE void draw_directions(const Grid& grid, int kind, const Random& random, int from, int batch, int count,
                            float* to, float* reflections) {
    const size_t vectors = (size_t)batch * count;
    if (kind == RADEMACHER || kind == NORMAL || D == 1) {
        for (size_t i = grid.thread(); i < vectors * D; i += grid.threads) {
            const int u = i % D, sample = from + i / D % batch, t = i / D / batch;
            to[i] = kind == NORMAL ? draw_normal(random, sample, t, u) : draw_sign(random, sample, t, u);
        }
    } else if (kind == SPHERE) {
        for (size_t i = grid.thread(); i < vectors; i += grid.threads) {
            for (int u = 0; u < D; ++u) to[i * D + u] = draw_normal(random, from + i % batch, i / batch, u);
            onto_sphere<D>(to + i * D);
        }
    } else if (kind == ORTHONORMAL) {
        const size_t each = (size_t)min(count, D) * (D + 1);
        for (int sample = grid.thread(); sample < batch; sample += grid.threads) {
            draw_orthonormal<D>(random, from + sample, count, (size_t)batch * D, to + (size_t)sample * D,
                                reflections + sample * each);
        }
    }
}
