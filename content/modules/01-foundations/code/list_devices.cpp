// Walks the backend registry: which backends are there, which devices they bring, where their tensors can live.
// Usage: list_devices [DIRECTORY-WITH-BACKEND-LIBRARIES]
#include "ggml-backend.h"

#include <cstdio>

static const char * type_name(enum ggml_backend_dev_type type) {
    switch (type) {
        case GGML_BACKEND_DEVICE_TYPE_CPU:   return "CPU";
        case GGML_BACKEND_DEVICE_TYPE_GPU:   return "GPU, own memory";
        case GGML_BACKEND_DEVICE_TYPE_IGPU:  return "GPU, host memory";
        case GGML_BACKEND_DEVICE_TYPE_ACCEL: return "accelerator beside the CPU";
        case GGML_BACKEND_DEVICE_TYPE_META:  return "several devices as one";
    }
    return "unknown";
}

// region features
// What a backend says about itself is reached by name, because not every backend has it.
static void print_features(ggml_backend_reg_t reg) {
    auto get_features = reinterpret_cast<ggml_backend_get_features_t>(
        ggml_backend_reg_get_proc_address(reg, "ggml_backend_get_features"));
    if (get_features == nullptr) {
        return;
    }
    std::printf("  features:");
    for (const ggml_backend_feature * feature = get_features(reg); feature->name != nullptr; ++feature) {
        std::printf(" %s=%s", feature->name, feature->value);
    }
    std::printf("\n");
}
// endregion features

static void print_device(ggml_backend_dev_t device) {
    size_t free_bytes = 0;
    size_t total_bytes = 0;
    ggml_backend_dev_memory(device, &free_bytes, &total_bytes);
    const double mib = 1024.0 * 1024.0;
    std::printf("  device %s: %s\n", ggml_backend_dev_name(device), ggml_backend_dev_description(device));
    std::printf("    type: %s\n", type_name(ggml_backend_dev_type(device)));
    std::printf("    memory: %.0f MiB, %.0f MiB free\n", total_bytes / mib, free_bytes / mib);

    ggml_backend_buffer_type_t own = ggml_backend_dev_buffer_type(device);
    std::printf("    buffer type: %s, alignment %zu\n", ggml_backend_buft_name(own), ggml_backend_buft_get_alignment(own));

    // Some devices offer further layouts for weights: the CPU, for one, repacks them for its vector units.
    auto get_extra = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(ggml_backend_reg_get_proc_address(
        ggml_backend_dev_backend_reg(device), "ggml_backend_dev_get_extra_bufts"));
    ggml_backend_buffer_type_t * extra = get_extra != nullptr ? get_extra(device) : nullptr;
    for (; extra != nullptr && *extra != nullptr; ++extra) {
        std::printf("    extra buffer type: %s\n", ggml_backend_buft_name(*extra));
    }
}

int main(int argc, char ** argv) {
    if (argc > 2) {
        std::fprintf(stderr, "usage: %s [DIRECTORY-WITH-BACKEND-LIBRARIES]\n", argv[0]);
        return 2;
    }
    // region walk
    // Needed when backends are separate files; does nothing harmful when they are linked in.
    if (argc == 2) {
        ggml_backend_load_all_from_path(argv[1]);
    } else {
        ggml_backend_load_all();
    }
    std::printf("%zu backends, %zu devices\n", ggml_backend_reg_count(), ggml_backend_dev_count());
    for (size_t i = 0; i < ggml_backend_reg_count(); ++i) {
        ggml_backend_reg_t reg = ggml_backend_reg_get(i);
        std::printf("backend %s\n", ggml_backend_reg_name(reg));
        print_features(reg);
        for (size_t j = 0; j < ggml_backend_reg_dev_count(reg); ++j) {
            print_device(ggml_backend_reg_dev_get(reg, j));
        }
    }
    // endregion walk
    return ggml_backend_dev_count() > 0 ? 0 : 1;
}
