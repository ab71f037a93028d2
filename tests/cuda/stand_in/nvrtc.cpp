// Stands in for libnvrtc: the source is compiled by g++ with the emulation in place of what only a device has, and the
// shared library that comes of it is the machine code. STANDIN_EMULATION names the emulation's header.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {
struct Program {
    std::string source, log, code;
};

// What the driver that stands in calls, and what it must keep of arguments to call it later.
const char* const launcher = R"(
#if defined(TRAINING)
using Kernel = void (*)(Arguments, Training);
#elif defined(SHARES)
using Kernel = void (*)(Arguments, Training, int);
#elif defined(ENDING)
using Kernel = void (*)(Arguments, Training, int, int);
#elif defined(REFERENCE)
using Kernel = void (*)(Arguments, int);
#else
using Kernel = void (*)(Arguments);
#endif

template <class... Parameters, size_t... I>
void standin_call(void (*run)(Parameters...), void** given, std::index_sequence<I...>) {
    run(*(Parameters*)given[I]...);
}
template <class... Parameters>
void standin_call(void (*run)(Parameters...), void** given) {
    standin_call(run, given, std::index_sequence_for<Parameters...>());
}
template <class>
struct Sizes;
template <class... Parameters>
struct Sizes<void (*)(Parameters...)> {
    static constexpr size_t all[] = {sizeof(Parameters)..., 0};
};

extern "C" void standin_launch(void* run, unsigned grid, unsigned bytes, void** given) {
    emulation::launch(grid, THREADS, bytes, false, [&] { standin_call((Kernel)run, given); });
}
extern "C" const size_t* standin_sizes() { return Sizes<Kernel>::all; }
)";

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
} // namespace

extern "C" {
int nvrtcVersion(int* major, int* minor) { return *major = 13, *minor = 0, 0; }
int nvrtcCreateProgram(void** program, const char* source, const char*, int, const char* const*, const char* const*) {
    *program = new Program{source, "", ""};
    return 0;
}
int nvrtcDestroyProgram(void** program) { return delete (Program*)*program, 0; }
int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
    Program& program = *(Program*)handle;
    if (std::getenv("STANDIN_FAIL")) {
        program.log = "error: the stand-in was told to fail";
        return 6;
    }
    char folder[] = "/tmp/scorematch-nvrtc-XXXXXX";
    if (!mkdtemp(folder)) return 1;
    const std::string base = std::string(folder) + "/program";
    // What a device alone has ends where thread_group.cuh defines the size of a block.
    const size_t portable = program.source.find("#ifndef THREADS");
    if (portable == std::string::npos) {
        program.log = "error: the stand-in finds no `#ifndef THREADS`, after device.cuh";
        return 6;
    }
    std::ofstream(base + ".cpp") << read(std::getenv("STANDIN_EMULATION")) << program.source.substr(portable)
                                 << launcher;
    std::string command = "g++ -std=c++17 -O1 -w -mfma -ffp-contract=off -shared -fPIC -o " + base + ".so " + base + ".cpp";
    if (program.source.find("end_shared_step(") != std::string::npos) command += " -DENDING";
    for (int i = 0; i < count; ++i) {
        if (std::string(options[i]).rfind("-D", 0) == 0) command += std::string(" ") + options[i];
    }
    command += " 2> " + base + ".log";
    const int status = std::system(command.c_str());
    program.log = read(base + ".log");
    const std::string library = read(base + ".so");
    for (const char* end : {".cpp", ".so", ".log"}) std::remove((base + end).c_str());
    std::remove(folder);
    if (status != 0) return 6;
    const uint64_t size = library.size();
    program.code = "standin1" + std::string((const char*)&size, 8) + library;
    return 0;
}
int nvrtcGetProgramLogSize(void* program, size_t* size) { return *size = ((Program*)program)->log.size() + 1, 0; }
int nvrtcGetProgramLog(void* program, char* log) {
    const std::string& text = ((Program*)program)->log;
    return log[text.copy(log, text.size())] = 0, 0;
}
int nvrtcGetCUBINSize(void* program, size_t* size) { return *size = ((Program*)program)->code.size(), 0; }
int nvrtcGetCUBIN(void* program, char* code) {
    const std::string& bytes = ((Program*)program)->code;
    return bytes.copy(code, bytes.size()), 0;
}
}
