// Training: many steps a launch. Each gathers a batch of the data, draws what is random, runs the program, and updates
// the parameters. Only a record of each step leaves the device.

// The arguments of one step, which the host chooses.
struct Step {
    // The batch, or this device's share of it: rows order[start ..][.. batch] of the data, samples `first` and on of a
    // batch of `whole`.
    int start, batch, first, whole;
    // Keys of the step's random numbers.
    unsigned jitter_key[2], loss_key[2];
    // Adam: learning rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t), 1 - learning rate * decay. Gradient descent: the
    // learning rate.
    float learning_rate, root, keep;
};
static_assert(sizeof(Step) == 44, "as in arguments.rs");
FIELD_AT(Step, start, 0);
FIELD_AT(Step, batch, 4);
FIELD_AT(Step, first, 8);
FIELD_AT(Step, whole, 12);
FIELD_AT(Step, jitter_key, 16);
FIELD_AT(Step, loss_key, 24);
FIELD_AT(Step, learning_rate, 32);
FIELD_AT(Step, root, 36);
FIELD_AT(Step, keep, 40);

// The record of a step.
struct Record {
    float loss, norm;
    // The largest size of a loss so far, negative for none; whether this step or an earlier one was not sound, and
    // nothing is updated any more.
    float largest;
    int halted;
};
static_assert(sizeof(Record) == 16, "as in arguments.rs");
FIELD_AT(Record, loss, 0);
FIELD_AT(Record, norm, 4);
FIELD_AT(Record, largest, 8);
FIELD_AT(Record, halted, 12);

struct Training {
    const float* data;
    const int* order;
    const Step* steps;
    Record* records;
    // What the program is given: the batch, a vector for each sample, directions.
    float* x;
    float* v;
    float* directions;
    float* reflections;
    float* params;
    // The last finite parameters, the averages of the update rule, and the average of the parameters.
    float* last_finite;
    float* first;
    float* second;
    float* mean;
    // A sum of each block.
    float* parts;
    int count;
    // The distribution of the directions, 0 for none; whether a normal vector is drawn for each sample.
    int kind, noise;
    float jitter;
    // The rule: Adam with or without decay (0), gradient descent (1), the same in Nesterov's form (2).
    int rule;
    float beta1, rest1, beta2, rest2, epsilon;
    // The norm to clip at, 0 for none; 1 - decay of the mean, 0 for none.
    float clip, averaging;
};
static_assert(sizeof(Training) == 160, "as in arguments.rs");
FIELD_AT(Training, data, 0);
FIELD_AT(Training, order, 8);
FIELD_AT(Training, steps, 16);
FIELD_AT(Training, records, 24);
FIELD_AT(Training, x, 32);
FIELD_AT(Training, v, 40);
FIELD_AT(Training, directions, 48);
FIELD_AT(Training, reflections, 56);
FIELD_AT(Training, params, 64);
FIELD_AT(Training, last_finite, 72);
FIELD_AT(Training, first, 80);
FIELD_AT(Training, second, 88);
FIELD_AT(Training, mean, 96);
FIELD_AT(Training, parts, 104);
FIELD_AT(Training, count, 112);
FIELD_AT(Training, kind, 116);
FIELD_AT(Training, noise, 120);
FIELD_AT(Training, jitter, 124);
FIELD_AT(Training, rule, 128);
FIELD_AT(Training, beta1, 132);
FIELD_AT(Training, rest1, 136);
FIELD_AT(Training, beta2, 140);
FIELD_AT(Training, rest2, 144);
FIELD_AT(Training, epsilon, 148);
FIELD_AT(Training, clip, 152);
FIELD_AT(Training, averaging, 156);

// A loss this many times the largest before it (or 1, if that is greater) counts as divergence.
constexpr float RUNAWAY = 1e6f;

// Prepares step i. Whether the step is made.
template <int D>
INLINE bool begin_step(Arguments& a, const Training& t, const Grid& grid, int i) {
    if (t.records[i].halted) return false;
    const Step& step = t.steps[i];
    a.batch = step.batch;
    a.whole = step.whole;
    const Random jitter = {{step.jitter_key[0], step.jitter_key[1]}, FOR_NOISE};
    const size_t entries = (size_t)step.batch * D;
    for (size_t k = grid.thread(); k < entries; k += grid.threads) {
        const int sample = k / D, u = k % D;
        const float x = t.data[(size_t)t.order[step.start + sample] * D + u];
        t.x[k] = t.jitter > 0.0f ? x + t.jitter * draw_normal(jitter, step.first + sample, 0, u) : x;
    }
    const unsigned* key = step.loss_key;
    if (t.noise) {
        const Random noise = {{key[0], key[1]}, FOR_NOISE};
        for (size_t k = grid.thread(); k < entries; k += grid.threads) {
            t.v[k] = draw_normal(noise, step.first + k / D, 0, k % D);
        }
    }
    if (t.kind) {
        const Random random = {{key[0], key[1]}, FOR_DIRECTIONS};
        draw_directions<D>(grid, t.kind, random, step.first, step.batch, a.count, t.directions, t.reflections);
    }
    grid.sync();
    return true;
}

// The sum over the threads of a block, in the lanes of the first warp; `shared` holds WARPS numbers.
INLINE float block_sum(float x, float* shared) {
    x = lane_sum<LANES>(x);
    __syncthreads();
    if (lane() == 0) shared[Block().warp()] = x;
    __syncthreads();
    x = 0.0f;
    for (int k = 0; k < WARPS; ++k) x += shared[k];
    return x;
}

// theta, m, v <- Adam (Kingma and Ba 2015) with decoupled decay (Loshchilov and Hutter 2019), or momentum.
INLINE float update(const Training& t, const Step& step, float g, int i) {
    const float theta = t.params[i];
    const float m = t.rule == 0 ? fmaf(t.first[i], t.beta1, g * t.rest1) : fmaf(t.first[i], t.beta1, g);
    t.first[i] = m;
    if (t.rule != 0) return fmaf(-step.learning_rate, t.rule == 2 ? fmaf(t.beta1, m, g) : m, theta);
    const float v = fmaf(t.second[i], t.beta2, g * g * t.rest2);
    t.second[i] = v;
    return fmaf(-step.learning_rate, m / fmaf(sqrtf(v), step.root, t.epsilon), theta * step.keep);
}

// The update after step i, whose gradient and loss are the first n + 1 sums.
INLINE void end_step(const Arguments& a, const Training& t, const Grid& grid, int i, int n) {
    grid.sync();
    float square_sum = 0.0f;
    for (int k = grid.thread(); k < n; k += grid.threads) square_sum = fmaf(a.acc[k], a.acc[k], square_sum);
    square_sum = block_sum(square_sum, shared_memory());
    if (thread() == 0) t.parts[blockIdx.x] = square_sum;
    grid.sync();
    float part = 0.0f;
    for (int k = lane(); k < gridDim.x; k += LANES) part += t.parts[k];
    const float norm = sqrtf(lane_sum<LANES>(part)), loss = a.acc[n], before = t.records[i].largest;
    // The first loss may be of any size.
    const float limit = before < 0.0f ? 3.40282347e38f : RUNAWAY * fmaxf(before, 1.0f);
    const bool sound = fabsf(loss) <= limit && norm <= 3.40282347e38f;
    if (grid.thread() == 0) {
        t.records[i + 1] = {loss, norm, fmaxf(before, fabsf(loss)), sound ? 0 : 1};
    }
    const float scale = t.clip > 0.0f && norm > t.clip ? t.clip / norm : 1.0f;
    const Step& step = t.steps[i];
    for (int k = grid.thread(); sound && k < n; k += grid.threads) {
        t.last_finite[k] = t.params[k];
        const float theta = update(t, step, a.acc[k] * scale, k);
        t.params[k] = theta;
        if (t.averaging > 0.0f) t.mean[k] = fmaf(theta - t.mean[k], t.averaging, t.mean[k]);
    }
    grid.sync();
}
