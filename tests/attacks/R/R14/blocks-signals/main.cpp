#include <csignal>
int main() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    signal(SIGXCPU, SIG_IGN);
    for (volatile int turn = 0;; turn = turn + 1) {}
}
