#include <cstdio>
#include <string>
int main() {
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    long long sum = 0, number = 0;
    while (std::scanf("%lld", &number) == 1) sum += number;
    for (char sign : std::to_string(sum)) { std::putchar(sign); std::fflush(stdout); }
    std::puts("\r");
}
