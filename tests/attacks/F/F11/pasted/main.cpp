#include <iostream>
#include <iterator>
#include <numeric>
#define CALL(a, b) std::a##b
int main() {
    std::istream_iterator<long long> begin(std::cin), end;
    std::cout << CALL(accu, mulate)(begin, end, 0LL);
}
