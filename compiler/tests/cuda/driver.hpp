// Reads a launch from standard input, runs it, writes results to standard output. Numbers are little-endian 32-bit.

namespace driver {

struct Kernel {
    const char* name;
    void (*run)(Arguments);
};

inline int read_int() {
    int value;
    if (std::fread(&value, sizeof value, 1, stdin) != 1) emulation::fail("the launch ends early", __LINE__);
    return value;
}

// An array in memory of its own, so that the sanitisers see its end; absent where it is empty.
inline float* read_array(int* length = nullptr) {
    const int n = read_int();
    if (length) *length = n;
    if (n == 0) return nullptr;
    float* data = (float*)std::malloc(n * sizeof(float));
    if (std::fread(data, sizeof(float), n, stdin) != (size_t)n) emulation::fail("the launch ends early", __LINE__);
    return data;
}

// An array that holds nothing of use.
inline float* blank(int n) {
    if (n == 0) return nullptr;
    float* data = (float*)std::malloc(n * sizeof(float));
    std::memset(data, 0xff, n * sizeof(float));
    return data;
}

inline int run(const std::vector<Kernel>& kernels) {
    const int kernel = read_int(), grid = read_int(), shared_bytes = read_int(), reverse = read_int();
    Arguments a = {};
    a.batch = read_int();
    a.whole = read_int();
    a.count = read_int();
    const int outs = read_int(), deferred = read_int(), sums = read_int(), shared = read_int(), scratch = read_int();
    int n = 0;
    float* scalars = read_array(&n);
    a.weight = scalars[0];
    a.sigma = scalars[1];
    float *params = read_array(), *x = read_array(), *v = read_array(), *directions = read_array();
    a.params = params;
    a.x = x;
    a.v = v;
    a.directions = directions;
    a.out = blank(outs);
    a.deferred = blank(deferred);
    a.acc = blank(sums);
    a.partials = blank(sums * grid);
    a.shared = blank(shared);
    a.workspace = blank(scratch * grid);
    unsigned arrived = 0;
    a.arrived = &arrived;
    emulation::launch(grid, THREADS, shared_bytes, reverse, [&] { kernels[kernel].run(a); });
    if (outs > 0) std::fwrite(a.out, sizeof(float), outs, stdout);
    if (sums > 0) std::fwrite(a.acc, sizeof(float), sums, stdout);
    for (float* array : {scalars, params, x, v, directions, a.out, a.deferred, a.acc, a.partials, a.shared, a.workspace}) {
        std::free(array);
    }
    return 0;
}

} // namespace driver
