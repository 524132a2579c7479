// model_card FILE: one JSON object that describes a GGUF model.

#include "llama.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace {

// Errors of the engine are worth reading; its progress report is not.
void log_errors_only(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

// A metadata value of any length, or nothing if the model does not have the key.
std::optional<std::string> metadata(const llama_model * model, const char * key) {
    const int32_t needed = llama_model_meta_val_str(model, key, nullptr, 0);
    if (needed < 0) {
        return std::nullopt;
    }
    std::string value(static_cast<size_t>(needed) + 1, '\0'); // the function writes a terminator as well
    llama_model_meta_val_str(model, key, value.data(), value.size());
    value.resize(static_cast<size_t>(needed));
    return value;
}

std::string json_string(const std::string & text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escaped[8];
            snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
            out += escaped;
        } else {
            out += c; // UTF-8 needs no escaping
        }
    }
    return out + "\"";
}

std::string json_string(const std::optional<std::string> & text) {
    return text ? json_string(*text) : "null";
}

} // namespace

int main(int argc, char ** argv) {
    if (argc != 2) {
        std::cerr << "model_card: usage: model_card FILE\n";
        return 2;
    }
    llama_log_set(log_errors_only, nullptr);
    llama_backend_init();

    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0; // nothing will be computed
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> model(
        llama_model_load_from_file(argv[1], params), llama_model_free);
    if (!model) {
        std::cerr << "model_card: cannot load " << argv[1] << "\n";
        return 1;
    }

    const char * chat_template = llama_model_chat_template(model.get(), nullptr);
    const std::optional<std::string> chat =
        chat_template ? std::optional<std::string>(chat_template) : std::nullopt;

    std::cout << "{\"arch\": " << json_string(metadata(model.get(), "general.architecture"))
              << ", \"name\": " << json_string(metadata(model.get(), "general.name"))
              << ", \"description\": " << json_string(metadata(model.get(), "general.description"))
              << ", \"n_params\": " << llama_model_n_params(model.get())
              << ", \"size_bytes\": " << llama_model_size(model.get())
              << ", \"n_layer\": " << llama_model_n_layer(model.get())
              << ", \"n_head\": " << llama_model_n_head(model.get())
              << ", \"n_head_kv\": " << llama_model_n_head_kv(model.get())
              << ", \"n_embd\": " << llama_model_n_embd(model.get())
              << ", \"n_ctx_train\": " << llama_model_n_ctx_train(model.get())
              << ", \"n_vocab\": " << llama_vocab_n_tokens(llama_model_get_vocab(model.get()))
              << ", \"chat_template\": " << json_string(chat) << "}\n";
    return 0;
}
