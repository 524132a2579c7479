#include <cstdio>
#include <iostream>
#include <vector>
#include "solution.cu"

int main() {
    std::vector<long long> numbers;
    for (long long number; std::cin >> number;) numbers.push_back(number);
    std::printf("%lld\n", total(numbers.data(), static_cast<int>(numbers.size())));
}
