#include <thread>
#include <vector>
int main() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i) threads.emplace_back([] { for (volatile int turn = 0;; turn = turn + 1) {} });
    for (auto & thread : threads) thread.join();
}
