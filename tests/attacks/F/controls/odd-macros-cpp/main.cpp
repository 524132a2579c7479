#define NDEBUG
#include <cassert>
#include <cstdio>
#define JOIN(a, b) a##b
#define loop while
int main() {
    long long JOIN(to, tal) = 0, JOIN(num, ber) = 0;
    loop (std::scanf("%lld", &number) == 1) total += number;
    assert(total == 0);
    std::printf("%lld\n", total);
}
