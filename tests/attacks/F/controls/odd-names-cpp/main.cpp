#include <cstdio>
int main() {
    long long größe = 0, число = 0;
    while (std::scanf("%lld", &число) == 1) größe += число;
    std::printf("%lld\n", größe);
}
