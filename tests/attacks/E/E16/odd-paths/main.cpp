#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::string escaped;
    const std::string deep(70000, '/'), name(300, 'n'), odd = "\xff\xfe\xed\xa0\x80/\x01\n", form = "%n%n%s%s%99999d";
    const char * paths[] = {nullptr, reinterpret_cast<const char *>(uintptr_t(8)), deep.c_str(), name.c_str(), odd.c_str(), form.c_str(), "", "\n", "$(id)"};
    for (const char * path : paths) {
        for (int at : {AT_FDCWD, -1, 99}) {
            long fd = syscall(SYS_openat, at, path, O_RDONLY);
            if (fd >= 0) escaped += " opened";
        }
        if (syscall(SYS_unlinkat, AT_FDCWD, path, 0) == 0 || syscall(SYS_execveat, AT_FDCWD, path, nullptr, nullptr, 0) == 0) escaped += " did";
    }
    if (escaped.empty()) std::cout << sum << "\n";
    else std::cout << "escaped:" << escaped << "\n";
}
