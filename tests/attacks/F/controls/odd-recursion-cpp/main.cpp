#include <cstdio>
static long long rest() {
    long long number = 0;
    return std::scanf("%lld", &number) == 1 ? number + rest() : 0;
}
int main() { std::printf("%lld\n", rest()); }
