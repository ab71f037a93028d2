// Stands in for libcuda.so.1: device memory is the host's, a module is a shared library, a launch is an emulation.
// Work on a stream is done when it is asked for, or recorded while a graph is captured. Test equipment, for machines
// without a GPU. The environment makes it fail: STANDIN_DEVICES, STANDIN_VERSION,
// STANDIN_CAPABILITY, STANDIN_SHARED.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace {
enum {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_IMAGE = 200,
    NOT_FOUND = 500,
    NOT_WHILE_CAPTURED = 900
};

int setting(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

struct Function {
    void* run;
    void (*launch)(void*, unsigned, unsigned, void**);
    // Sizes of its arguments, 0 behind the last.
    const size_t* sizes;
    size_t shared;
};

using Graph = std::vector<std::function<void()>>;

// What is being captured, if anything is; tests have one stream.
Graph* captured = nullptr;
} // namespace

// Does work, or records it. For other libraries that stand in, too.
extern "C" void standin_submit(const std::function<void()>& work) {
    if (captured) captured->push_back(work);
    else work();
}

namespace {
int launch(const Function& f, unsigned grid, unsigned shared_bytes, void** given) {
    if (shared_bytes > f.shared) return INVALID_VALUE;
    std::vector<std::string> arguments;
    for (size_t i = 0; f.sizes[i] != 0; ++i) arguments.emplace_back((const char*)given[i], f.sizes[i]);
    standin_submit([f, grid, shared_bytes, arguments] {
        std::vector<void*> pointers;
        for (const std::string& argument : arguments) pointers.push_back((void*)argument.data());
        // The emulation holds one launch at a time.
        static std::mutex one;
        const std::lock_guard<std::mutex> guard(one);
        f.launch(f.run, grid, shared_bytes, pointers.data());
    });
    return SUCCESS;
}
} // namespace

extern "C" {
int cuInit(unsigned) { return setting("STANDIN_DEVICES", 1) == 0 ? NO_DEVICE : SUCCESS; }
int cuDriverGetVersion(int* version) { return *version = setting("STANDIN_VERSION", 13000), SUCCESS; }
int cuDeviceGetCount(int* count) { return *count = setting("STANDIN_DEVICES", 1), SUCCESS; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, SUCCESS; }
int cuDeviceGetName(char* name, int size, int) { return std::snprintf(name, size, "stand-in"), SUCCESS; }
int cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = 1 << 30, SUCCESS; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
    case 16: *value = 3; break;       // multiprocessors
    case 75: *value = setting("STANDIN_CAPABILITY", 9); break; // compute capability
    case 76: *value = 0; break;
    case 97: *value = setting("STANDIN_SHARED", 232448); break; // shared memory of a block
    default: *value = 0;
    }
    return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int) { return *context = (void*)1, SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxGetCurrent(void** context) { return *context = (void*)1, SUCCESS; }
int cuCtxSetCurrent(void*) { return SUCCESS; }
int cuCtxSynchronize() { return SUCCESS; }
int cuStreamCreate(void** stream, unsigned) { return *stream = (void*)2, SUCCESS; }
int cuStreamDestroy_v2(void*) { return SUCCESS; }
int cuStreamSynchronize(void*) { return captured ? NOT_WHILE_CAPTURED : SUCCESS; }
int cuStreamBeginCapture_v2(void*, int) {
    if (captured) return NOT_WHILE_CAPTURED;
    captured = new Graph;
    return SUCCESS;
}
int cuStreamEndCapture(void*, void** graph) {
    *graph = captured;
    captured = nullptr;
    return *graph ? SUCCESS : INVALID_VALUE;
}
int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) {
    return *executable = new Graph(*(Graph*)graph), SUCCESS;
}
int cuGraphUpload(void*, void*) { return SUCCESS; }
int cuGraphLaunch(void* executable, void*) {
    if (captured) return NOT_WHILE_CAPTURED;
    for (const auto& work : *(Graph*)executable) work();
    return SUCCESS;
}
int cuGraphExecDestroy(void* executable) { return delete (Graph*)executable, SUCCESS; }
int cuGraphDestroy(void* graph) { return delete (Graph*)graph, SUCCESS; }
int cuGetErrorName(int error, const char** text) {
    return *text = error == INVALID_IMAGE ? "CUDA_ERROR_INVALID_IMAGE" : "CUDA_ERROR", SUCCESS;
}
int cuGetErrorString(int error, const char** text) {
    return *text = error == INVALID_IMAGE ? "device kernel image is invalid" : "an error", SUCCESS;
}

int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
    void* memory = std::malloc(bytes);
    *address = (uint64_t)memory;
    // What memory holds is anybody's guess.
    if (memory) std::memset(memory, 0xff, bytes);
    return memory ? SUCCESS : OUT_OF_MEMORY;
}
int cuMemFree_v2(uint64_t address) { return std::free((void*)address), SUCCESS; }
int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void*) {
    return std::memset((void*)to, value, bytes), SUCCESS;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
    return std::memcpy((void*)to, from, bytes), SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
    return std::memcpy(to, (void*)from, bytes), SUCCESS;
}

int cuModuleLoadData(void** module, const void* image) {
    if (std::memcmp(image, "standin1", 8) != 0) return INVALID_IMAGE;
    uint64_t size = 0;
    std::memcpy(&size, (const char*)image + 8, 8);
    char path[] = "/tmp/scorematch-standin-XXXXXX";
    const int file = mkstemp(path);
    const bool written = write(file, (const char*)image + 16, size) == (ssize_t)size;
    close(file);
    *module = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    unlink(path);
    return *module ? SUCCESS : INVALID_IMAGE;
}
int cuModuleUnload(void*) { return SUCCESS; }
int cuModuleGetFunction(void** function, void* module, const char* name) {
    void* run = dlsym(module, name);
    void* launch = dlsym(module, "standin_launch");
    void* sizes = dlsym(module, "standin_sizes");
    if (!run || !launch || !sizes) return NOT_FOUND;
    *function = new Function{run, (void (*)(void*, unsigned, unsigned, void**))launch, (const size_t*)sizes, 48 << 10};
    return SUCCESS;
}
int cuFuncSetAttribute(void* function, int attribute, int value) {
    if (attribute != 8 || value > setting("STANDIN_SHARED", 232448)) return INVALID_VALUE;
    ((Function*)function)->shared = value;
    return SUCCESS;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, void*, int, size_t, unsigned) {
    return *blocks = 1, SUCCESS;
}
int cuLaunchKernel(void* function, unsigned grid, unsigned, unsigned, unsigned, unsigned, unsigned,
                   unsigned shared_bytes, void*, void** arguments, void**) {
    return launch(*(Function*)function, grid, shared_bytes, arguments);
}
int cuLaunchCooperativeKernel(void* function, unsigned grid, unsigned, unsigned, unsigned, unsigned, unsigned,
                              unsigned shared_bytes, void*, void** arguments) {
    return grid > 3 ? INVALID_VALUE : launch(*(Function*)function, grid, shared_bytes, arguments);
}
}
