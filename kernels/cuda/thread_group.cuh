// Thread groups: the threads of a block, or of all blocks. The same loops run on either.

// Threads of a block.
#ifndef THREADS
#define THREADS 256
#endif
// Samples of a tile, and directions of a chunk.
#ifndef SAMPLES
#define SAMPLES 8
#endif
#ifndef DIRECTIONS
#define DIRECTIONS 4
#endif
// Products of a TF32 split: 3 keep the accuracy of float32, 1 does not.
#ifndef TF32_PRODUCTS
#define TF32_PRODUCTS 3
#endif
// What scratch lies in shared memory, and not in the workspace: none (0), per-direction values (1), all (2).
#ifndef SCRATCH_IN_SHARED
#define SCRATCH_IN_SHARED 2
#endif

constexpr int LANES = 32;
constexpr int WARPS = THREADS / LANES;

INLINE int lane() { return thread() % LANES; }

// The least multiple of 32 and 8 more that is not below n: rows that follow each other at this distance start 8 banks
// apart, so that the fragments of a product are read without conflicts.
__device__ constexpr int padded(int n) { return n <= 8 ? 8 : n <= 24 ? 24 : (n + 23) / 32 * 32 + 8; }

// Columns of a value that varies over samples, or over samples and directions too, and the distance of its rows.
constexpr int CHUNK = SAMPLES * DIRECTIONS;
constexpr int SAMPLE_ROW = padded(SAMPLES);
constexpr int CHUNK_ROW = padded(CHUNK);

struct Block {
    static constexpr int warps = WARPS;
    static constexpr int threads = THREADS;
    INLINE int warp() const { return ::thread() / LANES; }
    INLINE int thread() const { return ::thread(); }
    INLINE void sync() const { __syncthreads(); }
};

// All blocks of a cooperative launch. `arrived` starts at 0 and needs no reset: its highest bit flips when the last
// block arrives.
struct Grid {
    unsigned* arrived;
    int warps, threads;
    INLINE Grid(unsigned* arrived) : arrived(arrived), warps(gridDim.x * WARPS), threads(gridDim.x * THREADS) {}
    // Neighbouring numbers lie in different blocks, so that a small amount of work is spread over all multiprocessors.
    INLINE int warp() const { return ::thread() / LANES * gridDim.x + blockIdx.x; }
    INLINE int thread() const { return blockIdx.x * THREADS + ::thread(); }
    INLINE void sync() const {
        __syncthreads();
        if (::thread() == 0) {
            const unsigned own = blockIdx.x == 0 ? 0x80000000u - (gridDim.x - 1) : 1u;
            __threadfence();
            const unsigned before = atomicAdd(arrived, own);
            while (((before ^ *(volatile unsigned*)arrived) & 0x80000000u) == 0) {
                __nanosleep(20);
            }
            __threadfence();
        }
        __syncthreads();
    }
};

// The sum over the lanes of a warp that differ in their number by multiples of LANES / G, in all of them.
template <int G>
INLINE float lane_sum(float x) {
#pragma unroll
    for (int apart = LANES / 2; apart >= LANES / G; apart /= 2) {
        x += __shfl_xor_sync(0xffffffffu, x, apart);
    }
    return x;
}

// Calls each(output, part, valid) for every output, with G lanes of a warp on each: `part` is a lane's number among
// them, and its results are to be added by lane_sum<G>. All lanes of a warp are called together.
template <int G, class ThreadGroup, class Each>
INLINE void outputs(const ThreadGroup& group, int count, Each each) {
    constexpr int at_once = LANES / G;
    for (int first = group.warp() * at_once; first < count; first += group.warps * at_once) {
        const int output = first + lane() % at_once;
        each(output < count ? output : count - 1, lane() / at_once, output < count);
    }
}
