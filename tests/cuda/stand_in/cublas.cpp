// Stands in for libcublas: products by loops, done or recorded by the driver that stands in. Test equipment. It refuses what
// the library refuses: sizes and leading dimensions that no matrix has.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <functional>

namespace {
enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7 };
enum { TF32 = 3 };

struct Handle {
    void (*submit)(const std::function<void()>&);
    bool tf32 = false;
};

// To 10 stored bits, ties away from zero.
float to_tf32(float x) {
    if (!std::isfinite(x)) return x;
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x1000u) & 0xffffe000u;
    std::memcpy(&x, &bits, sizeof bits);
    return x;
}
} // namespace

extern "C" {
int cublasCreate_v2(void** handle) {
    void* driver = dlopen("libcuda.so.1", RTLD_NOW);
    void* submit = driver ? dlsym(driver, "standin_submit") : nullptr;
    if (!submit) return NOT_INITIALIZED;
    *handle = new Handle{(void (*)(const std::function<void()>&))submit};
    return SUCCESS;
}
int cublasDestroy_v2(void* handle) { return delete (Handle*)handle, SUCCESS; }
int cublasSetStream_v2(void*, void*) { return SUCCESS; }
int cublasSetWorkspace_v2(void*, void*, size_t) { return SUCCESS; }
int cublasSetMathMode(void* handle, int mode) { return ((Handle*)handle)->tf32 = mode == TF32, SUCCESS; }

int cublasSgemmStridedBatched(void* handle, int transa, int transb, int m, int n, int k, const float* alpha,
                              const float* a, int lda, long long stridea, const float* b, int ldb, long long strideb,
                              const float* beta, float* c, int ldc, long long stridec, int count) {
    const Handle own = *(Handle*)handle;
    const bool fits = lda >= std::max(1, transa ? k : m) && ldb >= std::max(1, transb ? n : k) && ldc >= std::max(1, m);
    if (m < 0 || n < 0 || k < 0 || count < 0 || !fits) return INVALID_VALUE;
    const float by = *alpha, kept = *beta;
    own.submit([=] {
        const auto read = [&](float x) { return own.tf32 ? to_tf32(x) : x; };
        for (int i = 0; i < count; ++i) {
            const float *left = a + i * stridea, *right = b + i * strideb;
            float* to = c + i * stridec;
            for (int col = 0; col < n; ++col) {
                for (int row = 0; row < m; ++row) {
                    float sum = 0.0f;
                    for (int j = 0; j < k; ++j) {
                        const float x = left[transa ? j + (size_t)row * lda : row + (size_t)j * lda];
                        const float y = right[transb ? col + (size_t)j * ldb : j + (size_t)col * ldb];
                        sum = std::fma(read(x), read(y), sum);
                    }
                    float& entry = to[row + (size_t)col * ldc];
                    // What is not added to need not be a number.
                    entry = kept == 0.0f ? by * sum : by * sum + kept * entry;
                }
            }
        }
    });
    return SUCCESS;
}
int cublasSgemm_v2(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const float* a, int lda,
                   const float* b, int ldb, const float* beta, float* c, int ldc) {
    return cublasSgemmStridedBatched(handle, transa, transb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}
}
