#include <iostream>
#include <iterator>
#include <numeric>
using namespace std;
int main() {
    std::istream_iterator<long long> begin(std::cin), end;
    std::cout << accumulate(begin, end, 0LL);
}
