// Says what a model file holds without reading its weights.
// Usage: model_info MODEL.gguf
#include "llama-cpp.h"

#include <cinttypes>
#include <cstdio>
#include <string>

static void log_problems(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR) {
        std::fputs(text, stderr);
    }
}

// region describe
// Like snprintf, the function returns the length it needed, so a long answer can be asked for again.
static std::string description(const llama_model * model) {
    std::string text(64, '\0');
    int32_t needed = llama_model_desc(model, text.data(), text.size());
    if (needed >= static_cast<int32_t>(text.size())) {
        text.resize(needed + 1);
        needed = llama_model_desc(model, text.data(), text.size());
    }
    text.resize(needed > 0 ? needed : 0);
    return text;
}
// endregion describe

int main(int argc, char ** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s MODEL.gguf\n", argv[0]);
        return 2;
    }
    // The headers this program was compiled with and the library it met at run time can differ.
    std::printf("engine %s\n", llama_version());
    llama_log_set(log_problems, nullptr);
    ggml_backend_load_all();

    // region open
    llama_model_params params = llama_model_default_params();
    params.no_alloc  = true;                  // metadata and tensor shapes only
    params.load_mode = LLAMA_LOAD_MODE_NONE;  // nothing to map when nothing is read
    const llama_model_ptr model(llama_model_load_from_file(argv[1], params));
    if (!model) {
        std::fprintf(stderr, "cannot open %s as a model\n", argv[1]);
        return 1;
    }
    // endregion open
    const uint64_t n_bytes  = llama_model_size(model.get());
    const uint64_t n_params = llama_model_n_params(model.get());
    std::printf("%s\n", description(model.get()).c_str());
    std::printf("type %s\n", llama_ftype_name(llama_model_ftype(model.get())));
    std::printf("%" PRIu64 " parameters in %" PRIu64 " bytes, %.2f bits each\n",
                n_params, n_bytes, 8.0 * n_bytes / n_params);
    return 0;
}
