#include <iostream>
#include <iterator>
#include <numeric>
namespace s = std;
int main() {
    std::istream_iterator<long long> begin(std::cin), end;
    std::cout << s::accumulate(begin, end, 0LL);
}
