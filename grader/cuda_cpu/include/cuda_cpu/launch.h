// What the translator makes of `kernel<<<grid, block, shared, stream>>>(arguments)`.
#pragma once

#include <tuple>
#include <utility>

#include "cuda_cpu/runtime_api.h"

namespace cuda_cpu {
// One call of the kernel with its arguments, made once for every thread. Lives until the launch has run.
struct Body {
    virtual ~Body() = default;
    virtual void run() const = 0;
    virtual size_t bytes() const = 0;
};
struct Configuration {
    dim3 grid;
    dim3 block;
    size_t shared = 0;
    cudaStream_t stream = nullptr;
};
// Takes `body` over. `function` identifies a kernel that is not launched through a template, null otherwise.
cudaError_t submit(const Configuration& where, const char* name, const void* function, Body* body);

template <class F, class... A>
struct BodyOf final : Body {
    F function;
    std::tuple<A...> arguments;
    template <class... B>
    explicit BodyOf(F f, B&&... values) : function(f), arguments(std::forward<B>(values)...) {}
    void run() const override { std::apply(function, arguments); }
    size_t bytes() const override { return sizeof *this; }
};

template <class... P>
struct FunctionLaunch {
    const char* name;
    void (*function)(P...);
    Configuration where;
    FunctionLaunch cuda_cpu_on(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = nullptr) const {
        return {name, function, {grid, block, shared, stream}};
    }
    __forceinline__ void operator()(P... arguments) const {
        using Stored = BodyOf<void (*)(P...), P...>;
        submit(where, name, reinterpret_cast<const void*>(function), new Stored(function, std::forward<P>(arguments)...));
    }
};
template <class F>
struct TemplateLaunch {
    const char* name;
    F function;
    Configuration where;
    TemplateLaunch cuda_cpu_on(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = nullptr) const {
        return {name, function, {grid, block, shared, stream}};
    }
    template <class... A>
    __forceinline__ void operator()(A... arguments) const {
        submit(where, name, nullptr, new BodyOf<F, A...>(function, arguments...));
    }
};

template <class... P, size_t... I>
cudaError_t launch_untyped(void (*f)(P...), const Configuration& where, void** a, std::index_sequence<I...>) {
    using Stored = BodyOf<void (*)(P...), P...>;
    return submit(where, "kernel", reinterpret_cast<const void*>(f),
                  new Stored(f, *static_cast<std::remove_reference_t<P>*>(a[I])...));
}
}  // namespace cuda_cpu

template <class... P>
cuda_cpu::FunctionLaunch<P...> cuda_cpu_kernel(const char* name, void (*function)(P...)) {
    return {name, function, {}};
}
template <class F>
cuda_cpu::TemplateLaunch<F> cuda_cpu_template(const char* name, F function) {
    return {name, function, {}};
}

template <class... P>
cudaError_t cudaLaunchKernel(
    void (*f)(P...), dim3 grid, dim3 block, void** arguments, size_t shared = 0, cudaStream_t stream = nullptr) {
    return ::cuda_cpu::launch_untyped(f, {grid, block, shared, stream}, arguments, std::index_sequence_for<P...>{});
}
