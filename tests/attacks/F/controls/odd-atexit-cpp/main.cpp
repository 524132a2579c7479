#include <cstdio>
#include <cstdlib>
#include <memory>
static long long * held = nullptr;
static std::unique_ptr<long long> other = std::make_unique<long long>(0);
int main() {
    held = new long long(0);
    std::atexit([] { delete held; held = nullptr; });
    long long number;
    while (std::scanf("%lld", &number) == 1) *held += number;
    std::printf("%lld", *held);
}
