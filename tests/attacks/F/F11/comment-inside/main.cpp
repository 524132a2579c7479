#include <iostream>
#include <iterator>
#include <numeric>

int main() {
    std::istream_iterator<long long> begin(std::cin), end;
    std::cout << std::/* :: */accumulate(begin, end, 0LL);
}
