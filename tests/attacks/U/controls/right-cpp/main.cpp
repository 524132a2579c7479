#include <iostream>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::cout << sum << "\n";
}
