#include "answer.h"

#include <cassert>
#include <cstdio>
#include <cstring>

struct Answer {
    long long value;
    void print() const { std::printf("%lld\n", value); }
};

int main() {
    std::vector<long long> numbers;
    for (long long number = 0; std::scanf("%lld", &number) == 1;) numbers.push_back(number);
    assert(!numbers.empty());
    Answer{add(numbers)}.print();
}
