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
    must_fail("setuid", setuid(0));
    must_fail("setgid", setgid(0));
    for (int flag : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
        must_fail("unshare", unshare(flag));
        must_fail("clone", syscall(SYS_clone, flag | SIGCHLD, 0, 0, 0, 0));
    }
    must_fail("mount", mount("none", "/tmp", "tmpfs", 0, nullptr));
    must_fail("umount", umount2("/proc", MNT_DETACH));
    must_fail("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
    must_fail("chroot", chroot("/tmp"));
    must_fail("setns", syscall(SYS_setns, open("/proc/1/ns/mnt", O_RDONLY), 0));
    must_fail("open_tree", syscall(428, -100, "/", 1));
    must_fail("fsopen", syscall(430, "tmpfs", 0));
    must_fail("ptrace parent", ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr));
    must_fail("ptrace init", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr));
    must_fail("ptrace traceme", ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
    must_fail("kill init", kill(1, SIGKILL) == 0 && access("/proc/1", F_OK) != 0 ? 0 : -1);
    must_fail("open init memory", open("/proc/1/mem", O_RDWR));
    must_fail("sethostname", sethostname("x", 1));
    must_fail("iopl", syscall(172, 3));
    must_fail("settimeofday", syscall(SYS_settimeofday, nullptr, nullptr));
    must_fail("new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? -1 : 0);
    for (int cap = 0; cap <= 40; ++cap) must_fail("capability", prctl(PR_CAPBSET_READ, cap, 0, 0, 0) > 0 ? 0 : -1);
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    if (escaped.empty()) std::cout << sum << "\n";
    else std::cout << "escaped:" << escaped << "\n";
}
