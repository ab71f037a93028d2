// What plain C++ cannot express: tensor cores, and the shared memory of a launch. No other file contains PTX.

#define INLINE __device__ __forceinline__

// Asserts where a field of a structure is that the host declares too, in `src/backend/cuda/arguments.rs`. NVRTC has no
// offsetof, but what nvcc's is made of.
#ifdef __CUDACC_RTC__
#define OFFSET_OF(structure, field) __INTADDR__(&((structure*)0)->field)
#else
#define OFFSET_OF(structure, field) __builtin_offsetof(structure, field)
#endif
#define FIELD_AT(structure, field, offset) static_assert(OFFSET_OF(structure, field) == offset, #structure "::" #field)

// The nearest number with the 10 significant bits that tensor cores read.
INLINE float to_tf32(float x) {
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return __uint_as_float(bits);
}

// C += A B for a warp: A 16 x 8, B 8 x 8, C 16 x 8. Lane l = 4 g + q holds A[g, q], A[g + 8, q], A[g, q + 4],
// A[g + 8, q + 4]; B[q, g], B[q + 4, g]; C[g, 2q], C[g, 2q + 1], C[g + 8, 2q], C[g + 8, 2q + 1].
INLINE void mma(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
          "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
}

// The number of the thread in its block. The compiler must not see that it is the same number each time: otherwise it
// computes the addresses of all steps once, outside the loops over tiles and chunks, and runs out of registers.
INLINE int thread() {
    int number = threadIdx.x;
    asm volatile("" : "+r"(number));
    return number;
}

// 0, hidden from the compiler.
INLINE int nothing() {
    int number = 0;
    asm volatile("" : "+r"(number));
    return number;
}

// The shared memory that the launch asked for.
INLINE float* shared_memory() {
    extern __shared__ float memory[];
    return memory;
}
