#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <unistd.h>
static std::jmp_buf place;
static void leave(int) { std::longjmp(place, 1); }
int main() {
    std::signal(SIGUSR1, leave);
    if (setjmp(place) == 0) raise(SIGUSR1);
    std::set_terminate([] { _exit(0); });
    throw 1;
}
