// Stands in for libnccl.so.2: sums of numbers in the host's memory, in the order of the ranks, made when a group ends.
// Test equipment. It asks for what NCCL asks for: one call of each rank in a group, of one length, with its own device's
// stream, in memory that others can reach. It shows nothing of the order of NCCL's sums, of links, or of GPUs that wait for each other. The environment
// makes it fail: STANDIN_NCCL_FAIL, and STANDIN_NCCL_FAULT, a rank that is given other bits.

#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <vector>

namespace {
enum { SUCCESS = 0, SYSTEM_ERROR = 2, INVALID_ARGUMENT = 4, INVALID_USAGE = 5 };

struct Comm {
    int rank, ranks, device;
};

struct Call {
    const float* from;
    float* to;
    size_t count;
    Comm* comm;
};

thread_local bool grouped = false;
thread_local std::vector<Call> calls;

// Whether other devices can reach so many numbers of one.
bool is_open(const float* numbers, size_t count, int device) {
    void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    const auto ask = (int (*)(uint64_t, size_t, int))(driver ? dlsym(driver, "standin_is_open") : nullptr);
    return ask && ask((uint64_t)numbers, count * sizeof(float), device);
}

int add_up() {
    if (calls.empty()) return SUCCESS;
    std::vector<Call> by_rank(calls[0].comm->ranks);
    for (const Call& call : calls) {
        if (call.count != calls[0].count || by_rank[call.comm->rank].comm) return INVALID_USAGE;
        by_rank[call.comm->rank] = call;
    }
    // NCCL would wait for ever.
    if (calls.size() != by_rank.size()) return INVALID_USAGE;
    std::vector<float> sum(calls[0].count);
    for (const Call& call : by_rank) {
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += call.from[i];
    }
    const char* fault = std::getenv("STANDIN_NCCL_FAULT");
    for (const Call& call : by_rank) {
        for (size_t i = 0; i < sum.size(); ++i) call.to[i] = sum[i];
        if (fault && std::atoi(fault) == call.comm->rank) call.to[1] += 1.0f;
    }
    return SUCCESS;
}
} // namespace

extern "C" {
int ncclGetVersion(int* version) { return *version = 22809, SUCCESS; }
const char* ncclGetErrorString(int error) {
    return error == SYSTEM_ERROR ? "unhandled system error" : "invalid usage";
}
int ncclCommInitAll(Comm** comms, int count, const int* devices) {
    if (std::getenv("STANDIN_NCCL_FAIL")) return SYSTEM_ERROR;
    for (int i = 0; i < count; ++i) comms[i] = new Comm{i, count, devices[i]};
    return SUCCESS;
}
int ncclCommAbort(Comm* comm) { return delete comm, SUCCESS; }
int ncclGroupStart() { return grouped = true, SUCCESS; }
int ncclAllReduce(const float* from, float* to, size_t count, int type, int operation, Comm* comm, const int* stream) {
    if (type != 7 || operation != 0 || *stream != comm->device) return INVALID_ARGUMENT;
    if (!is_open(from, count, comm->device) || !is_open(to, count, comm->device)) return INVALID_ARGUMENT;
    calls.push_back({from, to, count, comm});
    return SUCCESS;
}
int ncclGroupEnd() {
    const int result = grouped ? add_up() : INVALID_USAGE;
    grouped = false;
    calls.clear();
    return result;
}
}
