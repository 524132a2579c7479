#include "llsys_serve_staged.h"

void launch(const float* x, float* y, float a, int count, int steps);

namespace harness {

using llsys::must;
constexpr float factor = 0.5f;
constexpr int steps = 500;

__global__ void draw_values(float* x, int count, unsigned int seed) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) x[i] = static_cast<float>((seed + 2654435761u * (i + 1)) >> 8);
}

struct Task {
    long long count;
    unsigned int seed;
};

Task task_of(const llsys::Item& item) {
    Task task{};
    std::memcpy(&task, item.input, item.input_bytes);
    return task;
}

class Stages {
public:
    void prepare(const std::vector<llsys::Item>& items) {
        for (float* memory : memory_) must(cudaFree(memory), "cudaFree");
        memory_.clear();
        for (const llsys::Item& item : items) {
            for (int vector = 0; vector < 2; ++vector) {
                float* memory = nullptr;
                must(cudaMalloc(&memory, item.output_bytes), "cudaMalloc");
                must(cudaMemset(memory, 0xff, item.output_bytes), "poison");
                memory_.push_back(memory);
            }
        }
    }
    void draw(const std::vector<llsys::Item>& items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Task task = task_of(items[i]);
            const int count = static_cast<int>(task.count);
            draw_values<<<(count + 127) / 128, 128>>>(memory_[2 * i], count, task.seed);
        }
    }
    void launch(const std::vector<llsys::Item>& items) { launch_some(items, 0, items.size()); }
    void collect(const std::vector<llsys::Item>& items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const void* from = memory_[2 * i + 1];
            must(cudaMemcpy(items[i].output, from, items[i].output_bytes, cudaMemcpyDeviceToHost), "copy");
        }
    }

private:
    void launch_some(const std::vector<llsys::Item>& items, std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end; ++i) {
            ::launch(memory_[2 * i], memory_[2 * i + 1], factor, static_cast<int>(task_of(items[i]).count), steps);
        }
    }

    std::vector<float*> memory_;
};

int one_case(int count) {
    std::vector<float> x(count, 2), y(count);
    float *dx = nullptr, *dy = nullptr;
    must(cudaMalloc(&dx, 4 * count), "cudaMalloc");
    must(cudaMalloc(&dy, 4 * count), "cudaMalloc");
    must(cudaMemcpy(dx, x.data(), 4 * count, cudaMemcpyHostToDevice), "copy");
    must(cudaMemcpy(dy, y.data(), 4 * count, cudaMemcpyHostToDevice), "copy");
    ::launch(dx, dy, factor, count, 2);
    must(cudaDeviceSynchronize(), "kernel");
    must(cudaMemcpy(y.data(), dy, 4 * count, cudaMemcpyDeviceToHost), "copy");
    for (float one : y) {
        if (one != 3) return 1;
    }
    std::puts("right");
    return 0;
}

}  // namespace harness

int main(int argc, char** argv) {
    harness::Stages stages;
    return llsys::asked_to_serve(argc, argv) ? llsys::serve_staged(stages) : harness::one_case(std::atoi(argv[1]));
}

#include "steps.cu"
