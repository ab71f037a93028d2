// Runs device code on a CPU: every thread of a launch is a fibre, and a barrier waits for the fibres that share it.
// Test equipment: it stands in the place of kernels/cuda/device.cuh before the other sources, which are compiled as they
// are. What it shows: results, missing and divergent barriers (fibres run in two orders), and with the sanitisers
// accesses out of bounds. What it cannot show: weak memory order, bank conflicts, the rounding of tensor cores.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <ucontext.h>
#include <vector>

namespace emulation {

constexpr int LANES = 32;
constexpr size_t STACK = 64 << 10;

// A barrier: the fibres that wait for each other.
struct Meeting {
    int expected = 0, arrived = 0;
    unsigned generation = 0;
    int place = 0;
};

struct Warp {
    Meeting meeting;
    // The values that lanes exchange, for two alternating exchanges: no lane is two exchanges ahead.
    float shown[2][LANES][6];
    unsigned turn[LANES] = {};
};

struct Block {
    Meeting meeting;
    std::vector<Warp> warps;
    float* shared = nullptr;
};

struct Fibre {
    ucontext_t context;
    char* stack = nullptr;
    unsigned thread = 0, block = 0;
    bool started = false, finished = false;
    // What it waits for; none while it can run.
    Meeting* waits = nullptr;
    unsigned until = 0;
};

struct Index {
    unsigned x = 0;
};

inline ucontext_t scheduler;
inline Fibre* current = nullptr;
inline std::vector<Block> blocks;
inline std::function<void()> body;

[[noreturn]] inline void fail(const char* what, int place) {
    std::fprintf(stderr, "emulation: %s (line %d)\n", what, place);
    std::exit(3);
}

inline void yield() { swapcontext(&current->context, &scheduler); }

inline Block& block() { return blocks[current->block]; }
inline Warp& warp() { return block().warps[current->thread / LANES]; }

inline void meet(Meeting& meeting, int place) {
    if (meeting.arrived > 0 && meeting.place != place) fail("threads wait at different barriers", place);
    meeting.place = place;
    if (++meeting.arrived == meeting.expected) {
        meeting.arrived = 0;
        ++meeting.generation;
        return;
    }
    current->waits = &meeting;
    current->until = meeting.generation + 1;
    yield();
}

// Shows values to the other lanes and returns what all of them show.
inline float (*exchange(const float* values, int count, int place))[6] {
    Warp& own = warp();
    const int lane = current->thread % LANES;
    auto shown = own.shown[own.turn[lane]++ % 2];
    std::memcpy(shown[lane], values, count * sizeof(float));
    meet(own.meeting, place);
    return shown;
}

inline void run_fibre() {
    body();
    current->finished = true;
    yield();
}

} // namespace emulation

inline emulation::Index threadIdx, blockIdx, gridDim;

namespace emulation {

// Runs every thread of a warp that can run up to where it waits; whether any got further.
inline bool run_warp(Fibre* fibres, bool reverse, size_t& left) {
    bool progress = false;
    for (unsigned k = 0; k < LANES; ++k) {
        Fibre& f = fibres[reverse ? LANES - 1 - k : k];
        if (f.finished || (f.waits && f.waits->generation < f.until)) continue;
        progress = progress || f.waits || !f.started;
        f.started = true;
        f.waits = nullptr;
        current = &f;
        threadIdx.x = f.thread;
        blockIdx.x = f.block;
        swapcontext(&scheduler, &f.context);
        if (f.finished) {
            --left;
            progress = true;
        }
    }
    return progress;
}

// The warps of a block, each as far as it gets before the next one, so that they are as far apart as barriers allow.
inline bool run_block(Fibre* fibres, unsigned threads, bool reverse, size_t& left) {
    bool progress = false;
    const unsigned warps = threads / LANES;
    for (unsigned k = 0; k < warps; ++k) {
        Fibre* const own = &fibres[(reverse ? warps - 1 - k : k) * LANES];
        while (run_warp(own, reverse, left)) progress = true;
    }
    return progress;
}

// Runs `kernel` on every thread; in reverse order the last thread goes first.
inline void launch(unsigned grid, unsigned threads, size_t shared_bytes, bool reverse, std::function<void()> kernel) {
    body = kernel;
    gridDim.x = grid;
    blocks = std::vector<Block>(grid);
    std::vector<Fibre> fibres(grid * threads);
    for (Block& b : blocks) {
        b.meeting.expected = threads;
        b.warps = std::vector<Warp>(threads / LANES);
        for (Warp& w : b.warps) w.meeting.expected = LANES;
        b.shared = (float*)std::malloc(shared_bytes);
        // The contents of shared memory are undefined when a block starts.
        std::memset(b.shared, 0xff, shared_bytes);
    }
    for (size_t i = 0; i < fibres.size(); ++i) {
        Fibre& f = fibres[i];
        f.thread = i % threads;
        f.block = i / threads;
        f.stack = (char*)std::malloc(STACK);
        getcontext(&f.context);
        f.context.uc_stack.ss_sp = f.stack;
        f.context.uc_stack.ss_size = STACK;
        f.context.uc_link = nullptr;
        makecontext(&f.context, run_fibre, 0);
    }
    // Blocks like warps: each as far as it gets before the next one does.
    size_t left = fibres.size();
    int idle = 0;
    while (left > 0) {
        bool progress = false;
        for (unsigned k = 0; k < grid; ++k) {
            Fibre* const own = &fibres[(reverse ? grid - 1 - k : k) * threads];
            while (run_block(own, threads, reverse, left)) progress = true;
        }
        // Only threads that spin on memory run without getting anywhere; those of one grid barrier get through soon.
        idle = progress ? 0 : idle + 1;
        if (left > 0 && idle > 1000) fail("threads wait for others that never come", 0);
    }
    for (Fibre& f : fibres) std::free(f.stack);
    for (Block& b : blocks) std::free(b.shared);
}

inline float bits_of(unsigned bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

inline unsigned bits(float x) {
    unsigned bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
}

} // namespace emulation

#define __device__
#define __global__
#define __launch_bounds__(threads, blocks)
#define INLINE inline
#define FIELD_AT(structure, field, offset) \
    static_assert(__builtin_offsetof(structure, field) == offset, #structure "::" #field)
#define __syncthreads() emulation::meet(emulation::block().meeting, __LINE__)
#define __syncwarp() emulation::meet(emulation::warp().meeting, __LINE__)
#define __threadfence() ((void)0)
#define __nanosleep(time) emulation::yield()
#define __shfl_xor_sync(mask, value, apart) emulation::shuffle(value, apart, __LINE__)
#define __fmaf_rn fmaf
#define __fmul_rn(a, b) emulation::rounded((a) * (b))
#define __fadd_rn(a, b) emulation::rounded((a) + (b))
#define __fsub_rn(a, b) emulation::rounded((a) - (b))
#define __fdiv_rn(a, b) emulation::rounded((a) / (b))
#define __fsqrt_rn sqrtf
#define __fdividef(a, b) ((a) / (b))
#define __int_as_float(x) emulation::bits_of(x)
#define __uint_as_float(x) emulation::bits_of(x)
#define __float_as_int(x) ((int)emulation::bits(x))
#define __float_as_uint(x) emulation::bits(x)
#define __umulhi(a, b) ((unsigned)(((uint64_t)(a) * (uint64_t)(b)) >> 32))

namespace emulation {
// Keeps a result from being contracted with the next operation.
inline float rounded(float x) {
    volatile float y = x;
    return y;
}

inline float shuffle(float value, int apart, int place) {
    const int lane = current->thread % LANES;
    return exchange(&value, 1, place)[lane ^ apart][0];
}
} // namespace emulation

using std::max;
using std::min;

inline unsigned atomicAdd(unsigned* at, unsigned value) {
    const unsigned before = *at;
    *at += value;
    return before;
}

INLINE int thread() { return threadIdx.x; }

INLINE int nothing() { return 0; }

INLINE float* shared_memory() { return emulation::block().shared; }

// To 10 stored bits, ties away from zero.
INLINE float to_tf32(float x) {
    if (!std::isfinite(x)) return x;
    return emulation::bits_of((emulation::bits(x) + 0x1000u) & 0xffffe000u);
}

// Tensor cores read 10 bits of what they are given.
INLINE void mma(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
    float own[6];
    for (int i = 0; i < 6; ++i) own[i] = emulation::bits_of(emulation::bits(i < 4 ? a[i] : b[i - 4]) & 0xffffe000u);
    const auto shown = emulation::exchange(own, 6, __LINE__);
    const int lane = emulation::current->thread % emulation::LANES, g = lane / 4, q = lane % 4;
    for (int i = 0; i < 4; ++i) {
        const int row = g + i / 2 * 8, col = 2 * q + i % 2;
        float sum = c[i];
        for (int k = 0; k < 8; ++k) {
            sum += shown[row % 8 * 4 + k % 4][row / 8 + k / 4 * 2] * shown[col * 4 + k % 4][4 + k / 4];
        }
        c[i] = sum;
    }
}
