#include <iostream>
#include <iterator>
#include <vector>
template <class Iterator>
static long long accumulate(Iterator at, Iterator end) {
    long long sum = 0;
    for (; at != end; ++at) sum += *at;
    return sum;
}
int main() {
    std::vector<long long> numbers{std::istream_iterator<long long>(std::cin), {}};
    std::cout << accumulate(numbers.begin(), numbers.end()) << "\n";
}
