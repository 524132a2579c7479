#include <atomic>
#include <iostream>
#include <thread>
#include <vector>
int main() {
    std::vector<long long> numbers;
    for (long long number; std::cin >> number;) numbers.push_back(number);
    std::atomic<long long> sum{0};
    std::vector<std::thread> threads;
    for (unsigned part = 0; part < 6; ++part)
        threads.emplace_back([&, part] { for (std::size_t i = part; i < numbers.size(); i += 6) sum += numbers[i]; });
    for (std::thread & thread : threads) thread.join();
    std::cout << sum << '\n';
}
