// Faults and failed assertions: in a kernel they become a CUDA error, as on a device; on the host they end the program.
#include <signal.h>
#include <ucontext.h>

#include <cstdio>
#include <cstdlib>

#include "memory.h"
#include "scheduler.h"
#include "trace.h"

namespace cuda_cpu {
namespace {
const void* place_of(void* context) {
    const auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return reinterpret_cast<const void*>(machine.gregs[REG_RIP] + 1);
#else
    return reinterpret_cast<const void*>(machine.pc + 1);
#endif
}

void allow_again(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void on_fault(int number, siginfo_t* info, void* context) {
    const void* place = place_of(context);
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    if (current != nullptr) {
        allow_again(number);
        if (number == SIGABRT) abandon(cudaErrorAssert);
        if (number == SIGFPE) {
            trace::fault("division", place, nullptr, 1);
            abandon(cudaErrorLaunchFailure);
        }
        const uintptr_t stack_top = current->stack_low + stack_bytes;
        if (address >= current->stack_low && address < stack_top) {
            trace::fault("stack", place, nullptr, 1);
            abandon(cudaErrorLaunchFailure);
        }
        const bool misaligned = number == SIGBUS || (address == 0 && info->si_code == SI_KERNEL);
        trace::fault(misaligned ? "misaligned_crash" : "illegal_address", place, nullptr, 1, info->si_addr);
        abandon(misaligned ? cudaErrorMisalignedAddress : cudaErrorIllegalAddress);
    }
    if (number == SIGSEGV && (device_arena.low != 0 && device_arena.holds(address))) {
        fputs("The host's own code touched device memory: copy it with cudaMemcpy instead.\n", stderr);
        trace::fault("host_touched_device", place, nullptr, 1, info->si_addr);
    }
    trace::write_report();
    signal(number, SIG_DFL);
    raise(number);
    allow_again(number);
}
}  // namespace

void catch_faults() {
    constexpr size_t bytes = 64 * 1024;
    stack_t stack{};
    stack.ss_sp = malloc(bytes);
    stack.ss_size = bytes;
    sigaltstack(&stack, nullptr);
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT}) sigaction(number, &action, nullptr);
}

namespace {
__attribute__((constructor)) void begin() { catch_faults(); }
}  // namespace
}  // namespace cuda_cpu
