// What one machine can do at all: bytes copied and single-precision multiply-adds, many short samples of each.
// Prints one JSON object of lists, in GB/s (read and written together) and GFLOP/s.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif
typedef float Vector __attribute__((vector_size(lanes * sizeof(float))));

#if defined(__x86_64__)
#define OPAQUE(vector) __asm__ volatile("" : "+v"(vector))
#else
#define OPAQUE(vector) __asm__ volatile("" : "+w"(vector))
#endif

constexpr int samples = 25, chains = 10, threads_at_most = 256;
constexpr long steps = 400'000;

// Processor time of this thread: what other programs take does not make a machine slower than it is.
static double now() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

static Vector sink[threads_at_most];

// Independent chains hide the latency of an operation; their number fits the registers of every width. They have names
// because the compiler keeps an array in memory. The empty asm makes every value opaque, or the end would be computed.
#define STEP(sum)               \
    sum = sum * factor + term; \
    OPAQUE(sum)
__attribute__((noinline)) static void multiply_add(int who, long count) {
    const Vector factor = Vector{} + 0.999999f, term = Vector{} + 1e-6f;
    Vector a = Vector{} + 1, b = a + 1, c = b + 1, d = c + 1, e = d + 1, f = e + 1, g = f + 1, h = g + 1, i = h + 1,
           j = i + 1;
    for (long step = 0; step < count; ++step) {
        STEP(a);
        STEP(b);
        STEP(c);
        STEP(d);
        STEP(e);
        STEP(f);
        STEP(g);
        STEP(h);
        STEP(i);
        STEP(j);
    }
    sink[who] = a + b + c + d + e + f + g + h + i + j;
}

static void rate(int who, double* result) {
    const double began = now();
    multiply_add(who, steps);
    *result = 2.0 * lanes * chains * steps / (now() - began) / 1e9;
}

static double arithmetic(int threads) {
    std::vector<std::thread> others;
    std::vector<double> rates(static_cast<std::size_t>(threads));
    for (int who = 1; who < threads; ++who) others.emplace_back(rate, who, &rates[static_cast<std::size_t>(who)]);
    rate(0, &rates[0]);
    for (std::thread& other : others) other.join();
    double total = 0;
    for (double one : rates) total += one;
    return total;
}

static double copying(std::vector<char>& from, std::vector<char>& to, int times) {
    const double began = now();
    for (int i = 0; i < times; ++i) {
        std::memcpy(to.data(), from.data(), from.size());
        std::swap(from, to);
    }
    return 2.0 * static_cast<double>(from.size()) * times / (now() - began) / 1e9;
}

template <class Measure>
static void print(const char* name, const char* end, Measure measure) {
    measure();  // once for nothing: pages and clocks settle
    std::printf("\"%s\": [", name);
    for (int i = 0; i < samples; ++i) std::printf("%s%.4f", i ? ", " : "", measure());
    std::printf("]%s\n", end);
}

int main() {
    const int threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, threads_at_most);
    std::vector<char> far_from(96 << 20, 1), far_to(96 << 20, 2), near_from(128 << 10, 1), near_to(128 << 10, 2);
    std::printf("{\n");
    print("copy_far", ",", [&] { return copying(far_from, far_to, 1); });
    print("copy_near", ",", [&] { return copying(near_from, near_to, 1000); });
    print("arithmetic_one", ",", [] { return arithmetic(1); });
    print("arithmetic_all", "", [&] { return arithmetic(threads); });
    std::printf("}\n");
}
