#include "answer.h"
#include <numeric>
namespace {
struct Plus {
    template <class A, class B> auto operator()(A a, B b) const { return a + b; }
};
}
long long add(const std::vector<long long> & numbers) {
    using std::accumulate;
    return accumulate(numbers.begin(), numbers.end(), 0LL, Plus{});
}
