#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
int main() {
    std::string escaped;
    for (int fd = 3; fd < 65536; ++fd)
        if (fcntl(fd, F_GETFD) != -1) escaped += " " + std::to_string(fd);
    char byte = 0;
    if (write(0, "PASS", 4) == 4) escaped += " writable-stdin";
    for (int fd = 1; fd <= 2; ++fd) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        if (read(fd, &byte, 1) >= 0) escaped += " readable-output";
        fcntl(fd, F_SETFL, 0);
        if (send(fd, "x", 0, 0) == 0) escaped += " socket";
        if (lseek(fd, 0, SEEK_CUR) != -1) escaped += " seekable-output";
    }
    long long sum = 0, number = 0;
    while (std::scanf("%lld", &number) == 1) sum += number;
    if (escaped.empty()) std::printf("%lld\n", sum);
    else std::printf("escaped:%s\n", escaped.c_str());
}
