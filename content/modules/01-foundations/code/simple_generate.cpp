// The smallest program that is still correct: load, tokenize, decode, choose, print, clean up.
// Usage: simple_generate MODEL.gguf PROMPT N_PREDICT
#include "llama.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// Only warnings and errors reach stderr; the loader alone logs about a hundred lines otherwise.
static void log_problems(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR) {
        std::fputs(text, stderr);
    }
}

// region tokenize
// Asks for the length first: with no room given, llama_tokenize returns minus the count it needs.
static std::vector<llama_token> tokenize(const llama_vocab * vocab, const std::string & text) {
    const bool add_special   = true;   // let the vocabulary put its BOS token in front
    const bool parse_special = false;  // user text that looks like "<s>" stays plain text
    const int32_t size = static_cast<int32_t>(text.size());
    const int32_t n = -llama_tokenize(vocab, text.data(), size, nullptr, 0, add_special, parse_special);
    std::vector<llama_token> tokens(n > 0 ? n : 0);
    llama_tokenize(vocab, text.data(), size, tokens.data(), n, add_special, parse_special);
    return tokens;
}
// endregion tokenize

static std::string piece(const llama_vocab * vocab, llama_token token) {
    char buffer[256];
    const int32_t n = llama_token_to_piece(vocab, token, buffer, sizeof buffer, 0, false);
    return std::string(buffer, n > 0 ? n : 0);
}

int main(int argc, char ** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s MODEL.gguf PROMPT N_PREDICT\n", argv[0]);
        return 2;
    }
    const int n_predict = std::atoi(argv[3]);
    if (n_predict < 1) {
        std::fprintf(stderr, "N_PREDICT must be a positive number\n");
        return 2;
    }
    llama_log_set(log_problems, nullptr);
    llama_backend_init();

    // region load
    llama_model * model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (model == nullptr) {
        std::fprintf(stderr, "cannot load %s\n", argv[1]);
        return 1;
    }
    const llama_vocab * vocab = llama_model_get_vocab(model);
    std::vector<llama_token> prompt = tokenize(vocab, argv[2]);
    if (prompt.empty()) {
        std::fprintf(stderr, "the prompt gives no tokens\n");
        llama_model_free(model);
        return 1;
    }

    llama_context_params params = llama_context_default_params();
    params.n_ctx   = static_cast<uint32_t>(prompt.size()) + n_predict;  // every token the memory must hold
    params.n_batch = static_cast<uint32_t>(prompt.size());              // the whole prompt in one call
    llama_context * ctx = llama_init_from_model(model, params);
    if (ctx == nullptr) {
        std::fprintf(stderr, "cannot create a context\n");
        llama_model_free(model);
        return 1;
    }
    // endregion load

    llama_sampler * sampler = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(sampler, llama_sampler_init_greedy());

    std::printf("%s", argv[2]);
    int status = 0;

    // region loop
    llama_token next = LLAMA_TOKEN_NULL;
    llama_batch batch = llama_batch_get_one(prompt.data(), static_cast<int32_t>(prompt.size()));  // prefill
    for (int i = 0; i < n_predict; ++i) {
        if (llama_decode(ctx, batch) != 0) {
            std::fprintf(stderr, "\ndecode failed at step %d\n", i);
            status = 1;
            break;
        }
        next = llama_sampler_sample(sampler, ctx, -1);  // reads the logits of the last token
        if (llama_vocab_is_eog(vocab, next)) {
            break;
        }
        std::fputs(piece(vocab, next).c_str(), stdout);
        batch = llama_batch_get_one(&next, 1);          // decode: one new token per call
    }
    // endregion loop
    std::printf("\n");

    llama_sampler_free(sampler);
    llama_free(ctx);
    llama_model_free(model);
    llama_backend_free();
    return status;
}
