#include <cstdio>
#include <unistd.h>
int main() {
    if (fork() == 0) {
        setsid();
        sleep(1);
        std::puts("PASS");
        std::fflush(stdout);
        sleep(30);
    }
    _exit(0);
}
