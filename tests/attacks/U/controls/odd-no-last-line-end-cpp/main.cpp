#include <cstdio>
int main() { long long s = 0, n; while (std::scanf("%lld", &n) == 1) s += n; std::printf("%lld", s); }