#include <iostream>
#include <stdexcept>
#include <string>
static long long read() {
    std::string word;
    if (!(std::cin >> word)) throw std::out_of_range("the end");
    return std::stoll(word);
}
int main() {
    long long sum = 0;
    try {
        for (;;) {
            try { sum += read(); throw sum; } catch (long long) {}
        }
    } catch (const std::out_of_range & end) { std::cerr << end.what() << "\n"; }
    std::cout << sum << std::endl;
}
