#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    long long sum = 0, number = 0;
    if (fork() == 0) {
        while (std::scanf("%lld", &number) == 1) sum += number;
        return write(ends[1], &sum, sizeof sum) == sizeof sum ? 0 : 1;
    }
    wait(nullptr);
    if (read(ends[0], &sum, sizeof sum) != sizeof sum) return 1;
    std::printf("%lld\n", sum);
}
