#define _GNU_SOURCE
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <linux/capability.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static std::string escaped;

static void must_fail(const char * name, long result) {
    if (result != -1) escaped += std::string(" ") + name;
}

int main() {
    must_fail("io_uring_setup", syscall(425, 8, nullptr));
    must_fail("io_uring errno", errno == EPERM ? -1 : 0);
    must_fail("keyctl", syscall(SYS_keyctl, 0, -3, 1));
    must_fail("add_key", syscall(SYS_add_key, "user", "a", "b", 1, -3));
    must_fail("request_key", syscall(SYS_request_key, "user", "a", "b", -3));
    must_fail("bpf", syscall(SYS_bpf, 0, nullptr, 0));
    must_fail("bpf errno", errno == EPERM ? -1 : 0);
    must_fail("userfaultfd", syscall(SYS_userfaultfd, 0));
    must_fail("perf_event_open", syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0));
    must_fail("perf errno", errno == EPERM ? -1 : 0);
    must_fail("clone3", syscall(435, nullptr, 0));
    must_fail("clone3 errno", errno == ENOSYS ? -1 : 0);
    must_fail("unknown call", syscall(460));
    must_fail("unknown errno", errno == ENOSYS ? -1 : 0);
    must_fail("process_vm_writev", syscall(SYS_process_vm_writev, getppid(), nullptr, 0, nullptr, 0, 0));
    must_fail("pidfd_getfd", syscall(438, 0, 0, 0));
    must_fail("open_by_handle_at", syscall(SYS_open_by_handle_at, -100, nullptr, 0));
    must_fail("kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, 0));
    must_fail("init_module", syscall(SYS_init_module, nullptr, 0, ""));
    must_fail("seccomp", syscall(SYS_seccomp, 1, 0, nullptr));
    must_fail("personality", syscall(SYS_personality, 0x0040000));
    must_fail("vsock", syscall(SYS_socket, 40, 1, 0));
    must_fail("packet", syscall(SYS_socket, 17, 3, 0));
    must_fail("netlink", syscall(SYS_socket, 16, 3, 0));
    must_fail("alg", syscall(SYS_socket, 38, 5, 0));
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    if (escaped.empty()) std::cout << sum << "\n";
    else std::cout << "escaped:" << escaped << "\n";
}
