// Stands in for libcuda.so.1: device memory is the host's, a module is a shared library, a launch is an emulation.
// Work on a stream is done when it is asked for, or recorded while a graph is captured. Test equipment, for machines
// without a GPU. STANDIN_DEVICES says how many there are; what is done on one of them with the context of another current
// is an error, as it is on a GPU. The environment makes it fail: STANDIN_DEVICES, STANDIN_VERSION, STANDIN_CAPABILITY,
// STANDIN_SHARED, STANDIN_ODD (a device with another name), STANDIN_LOST (a device that never finishes its steps, while all
// others wait for it).

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <functional>
#include <map>
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
    INVALID_CONTEXT = 201,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    NOT_WHILE_CAPTURED = 900
};

int setting(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

// The device whose context is current, none before one is.
thread_local int current = -1;

// The stand-in of NCCL reads the device of a stream.
struct Stream {
    int device;
};

// An event that keeps time is a millisecond after the one before it, whatever the machine has to do meanwhile.
struct Event {
    bool timed;
    long at;
};
static std::atomic<long> events;

struct Module {
    int device;
    void* library;
};

// Memory of a device, by its address. That of a stream's pool is closed to other devices.
struct Range {
    size_t bytes;
    int device;
    bool pooled;
};
std::mutex lock;
std::map<uint64_t, Range> memory;

// The range that holds so many bytes at an address, or one of no device.
Range range(uint64_t address, size_t bytes) {
    const std::lock_guard<std::mutex> guard(lock);
    auto after = memory.upper_bound(address);
    if (after == memory.begin()) return {0, -1, true};
    const auto [start, found] = *std::prev(after);
    return address + bytes <= start + found.bytes ? found : Range{0, -1, true};
}

bool here(uint64_t address, size_t bytes) { return current >= 0 && range(address, bytes).device == current; }

int allocate(uint64_t* address, size_t bytes, bool pooled) {
    void* own = std::malloc(bytes);
    if (!own) return OUT_OF_MEMORY;
    // The contents of new memory are undefined.
    std::memset(own, 0xff, bytes);
    *address = (uint64_t)own;
    const std::lock_guard<std::mutex> guard(lock);
    memory[*address] = {bytes, current, pooled};
    return SUCCESS;
}

int release(uint64_t address, bool pooled) {
    if (!here(address, 0) || range(address, 0).pooled != pooled) return INVALID_VALUE;
    const std::lock_guard<std::mutex> guard(lock);
    memory.erase(address);
    return std::free((void*)address), SUCCESS;
}

struct Function {
    int device;
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
int launch(const Function& f, unsigned grid, unsigned shared_bytes, void* stream, void** given) {
    if (f.device != current || ((Stream*)stream)->device != current) return INVALID_CONTEXT;
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
int cuDeviceGetName(char* name, int size, int device) {
    return std::snprintf(name, size, device == setting("STANDIN_ODD", -1) ? "odd stand-in" : "stand-in"), SUCCESS;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = 1 << 30, SUCCESS; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
    case 16: *value = 3; break;       // multiprocessors
    case 75: *value = setting("STANDIN_CAPABILITY", 9); break; // compute capability
    case 76: *value = 0; break;
    case 115: *value = 1; break;      // memory of a stream's pool
    case 97: *value = setting("STANDIN_SHARED", 232448); break; // shared memory of a block
    default: *value = 0;
    }
    return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int device) { return *context = (void*)(uintptr_t)(1 + device), SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxGetCurrent(void** context) { return *context = (void*)(uintptr_t)(1 + current), SUCCESS; }
int cuCtxSetCurrent(void* context) { return current = (int)(uintptr_t)context - 1, SUCCESS; }
int cuCtxSynchronize() { return SUCCESS; }
int cuStreamCreate(void** stream, unsigned) { return *stream = new Stream{current}, SUCCESS; }
int cuStreamDestroy_v2(void* stream) { return delete (Stream*)stream, SUCCESS; }
int cuStreamSynchronize(void*) { return captured ? NOT_WHILE_CAPTURED : SUCCESS; }
int cuStreamQuery(void* stream) {
    const int lost = setting("STANDIN_LOST", -1);
    if (((Stream*)stream)->device != current) return INVALID_CONTEXT;
    return lost < 0 ? SUCCESS : lost == current ? ILLEGAL_ADDRESS : NOT_READY;
}
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

int cuMemAlloc_v2(uint64_t* address, size_t bytes) { return allocate(address, bytes, false); }
int cuMemFree_v2(uint64_t address) { return release(address, false); }
int cuMemAllocAsync(uint64_t* address, size_t bytes, void*) { return allocate(address, bytes, true); }
int cuMemFreeAsync(uint64_t address, void*) { return release(address, true); }
// For the stand-in of NCCL: whether so many bytes are a device's, and open to others.
int standin_is_open(uint64_t address, size_t bytes, int device) {
    const Range found = range(address, bytes);
    return found.device == device && !found.pooled;
}
int cuMemsetD8Async(uint64_t to, unsigned char value, size_t bytes, void*) {
    if (!here(to, bytes)) return INVALID_VALUE;
    return std::memset((void*)to, value, bytes), SUCCESS;
}
int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
    if (!here(to, bytes)) return INVALID_VALUE;
    return std::memcpy((void*)to, from, bytes), SUCCESS;
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void*) {
    if (!here(to, bytes) || !here(from, bytes)) return INVALID_VALUE;
    return std::memcpy((void*)to, (void*)from, bytes), SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
    if (!here(from, bytes)) return INVALID_VALUE;
    return std::memcpy(to, (void*)from, bytes), SUCCESS;
}

// An event is when it was recorded; flag 2 is one that keeps no time.
int cuEventCreate(void** event, unsigned flags) { return *event = new Event{(flags & 2) == 0, 0}, SUCCESS; }
int cuEventRecord(void* event, void*) {
    if (((Event*)event)->timed) ((Event*)event)->at = events++;
    return SUCCESS;
}
int cuEventSynchronize(void*) { return SUCCESS; }
int cuEventElapsedTime_v2(float* milliseconds, void* start, void* end) {
    const Event &from = *(Event*)start, &to = *(Event*)end;
    if (!from.timed || !to.timed) return INVALID_VALUE;
    return *milliseconds = (float)(to.at - from.at), SUCCESS;
}
int cuEventDestroy_v2(void* event) { return delete (Event*)event, SUCCESS; }

int cuModuleLoadData(void** module, const void* image) {
    if (std::memcmp(image, "standin1", 8) != 0) return INVALID_IMAGE;
    uint64_t size = 0;
    std::memcpy(&size, (const char*)image + 8, 8);
    char path[] = "/tmp/scorematch-standin-XXXXXX";
    const int file = mkstemp(path);
    const bool written = write(file, (const char*)image + 16, size) == (ssize_t)size;
    close(file);
    void* library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    unlink(path);
    if (!library) return INVALID_IMAGE;
    *module = new Module{current, library};
    return SUCCESS;
}
int cuModuleUnload(void* module) { return delete (Module*)module, SUCCESS; }
int cuModuleGetFunction(void** function, void* module, const char* name) {
    const auto [device, library] = *(Module*)module;
    void* run = dlsym(library, name);
    void* launch = dlsym(library, "standin_launch");
    void* sizes = dlsym(library, "standin_sizes");
    if (!run || !launch || !sizes) return NOT_FOUND;
    *function = new Function{device, run, (void (*)(void*, unsigned, unsigned, void**))launch,
                             ((const size_t* (*)())sizes)(), 48 << 10};
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
                   unsigned shared_bytes, void* stream, void** arguments, void**) {
    return launch(*(Function*)function, grid, shared_bytes, stream, arguments);
}
int cuLaunchCooperativeKernel(void* function, unsigned grid, unsigned, unsigned, unsigned, unsigned, unsigned,
                              unsigned shared_bytes, void* stream, void** arguments) {
    return grid > 3 ? INVALID_VALUE : launch(*(Function*)function, grid, shared_bytes, stream, arguments);
}
}
