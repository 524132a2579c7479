#include <csignal>
#include <ctime>
#include <iostream>
#include <unistd.h>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    int signals = 0, timers = 0;
    sigval value{};
    while (signals < 100000 && sigqueue(getpid(), SIGRTMIN + 1, value) == 0) ++signals;
    timer_t timer;
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGRTMIN + 2;
    while (timers < 100000 && timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) ++timers;
    if (signals + timers > 4096) std::cout << "signals " << signals << " timers " << timers << "\n";
    else std::cout << sum << "\n";
}
