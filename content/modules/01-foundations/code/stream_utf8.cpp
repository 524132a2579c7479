// Streams generated text so that nothing it prints is ever a broken character.
// Usage: stream_utf8 MODEL.gguf PROMPT N_PREDICT [trace]
//
// With "trace" it prints one line per token instead: id, bytes of the piece, bytes held back, text let through.
#include "llama.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

// region character
// What stands at the beginning of some bytes: a whole character, one that is cut off, or neither.
struct character {
    enum kind { whole, cut_off, broken } kind;
    size_t length;  // how many bytes belong to it
};

// `bytes` must not be empty. A character that can still become valid is `cut_off`, so the caller waits for more;
// what no further byte can repair is `broken`, and its length is what a decoder should skip.
static character first_character(std::string_view bytes) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return {character::whole, 1};
    }
    size_t length = 0;
    unsigned low = 0x80, high = 0xBF;  // range of the second byte
    if (lead >= 0xC2 && lead <= 0xDF) { length = 2; }  // C0 and C1 would be longer than needed
    if (lead >= 0xE0 && lead <= 0xEF) { length = 3; }
    if (lead >= 0xF0 && lead <= 0xF4) { length = 4; }
    if (lead == 0xE0) { low  = 0xA0; }  // shorter form exists
    if (lead == 0xED) { high = 0x9F; }  // surrogates
    if (lead == 0xF0) { low  = 0x90; }  // shorter form exists
    if (lead == 0xF4) { high = 0x8F; }  // beyond U+10FFFF
    if (length == 0) {
        return {character::broken, 1};
    }
    for (size_t i = 1; i < length; ++i, low = 0x80, high = 0xBF) {
        if (i == bytes.size()) {
            return {character::cut_off, i};
        }
        if (byte(i) < low || byte(i) > high) {
            return {character::broken, i};
        }
    }
    return {character::whole, length};
}
// endregion character

// region assembler
// Bytes go in as tokens deliver them; only whole characters come out, broken ones as U+FFFD.
class utf8_assembler {
public:
    std::string push(std::string_view bytes) {
        held_ += bytes;
        std::string out;
        size_t done = 0;
        while (done < held_.size()) {
            const std::string_view rest = std::string_view(held_).substr(done);
            const character next = first_character(rest);
            if (next.kind == character::cut_off) {
                break;
            }
            out += next.kind == character::whole ? rest.substr(0, next.length) : replacement;
            done += next.length;
        }
        held_.erase(0, done);
        return out;
    }

    // At the end nothing more will come: what is held is broken.
    std::string finish() {
        const std::string out(held_.empty() ? "" : replacement);
        held_.clear();
        return out;
    }

    size_t held() const { return held_.size(); }

private:
    static constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string held_;  // never more than three bytes between two calls
};
// endregion assembler

// region piece
// A piece may be longer than any fixed buffer; the function then returns minus the length it needs.
static std::string piece(const llama_vocab * vocab, llama_token token) {
    const bool special = false;  // control tokens such as </s> give no text
    std::string text(16, '\0');
    int32_t n = llama_token_to_piece(vocab, token, text.data(), static_cast<int32_t>(text.size()), 0, special);
    if (n < 0) {
        text.resize(static_cast<size_t>(-n));
        n = llama_token_to_piece(vocab, token, text.data(), static_cast<int32_t>(text.size()), 0, special);
    }
    text.resize(n > 0 ? static_cast<size_t>(n) : 0);
    return text;
}
// endregion piece

static void trace(llama_token token, const std::string & bytes, size_t held, const std::string & out) {
    std::string hex;
    for (const char c : bytes) {
        char two[4];
        std::snprintf(two, sizeof two, "%02x ", static_cast<unsigned char>(c));
        hex += two;
    }
    std::printf("%5d  %-24s held %zu  |%s|\n", token, hex.c_str(), held, out.c_str());
}

static void log_problems(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR) {
        std::fputs(text, stderr);
    }
}

int main(int argc, char ** argv) {
    const bool traced = argc == 5 && std::strcmp(argv[4], "trace") == 0;
    const int n_predict = argc >= 4 ? std::atoi(argv[3]) : 0;
    if ((argc != 4 && !traced) || n_predict < 1) {
        std::fprintf(stderr, "usage: %s MODEL.gguf PROMPT N_PREDICT [trace]\n", argv[0]);
        return 2;
    }
    llama_log_set(log_problems, nullptr);
    llama_backend_init();
    llama_model * model = llama_model_load_from_file(argv[1], llama_model_default_params());
    if (model == nullptr) {
        std::fprintf(stderr, "cannot load %s\n", argv[1]);
        return 1;
    }
    const llama_vocab * vocab = llama_model_get_vocab(model);
    const int32_t n_text = static_cast<int32_t>(std::strlen(argv[2]));
    std::vector<llama_token> prompt(static_cast<size_t>(n_text) + 8);
    const int32_t n_prompt =
        llama_tokenize(vocab, argv[2], n_text, prompt.data(), static_cast<int32_t>(prompt.size()), true, false);
    llama_context_params params = llama_context_default_params();
    params.n_ctx   = static_cast<uint32_t>(n_prompt > 0 ? n_prompt : 0) + static_cast<uint32_t>(n_predict);
    params.n_batch = static_cast<uint32_t>(n_prompt > 0 ? n_prompt : 1);
    llama_context * ctx = n_prompt > 0 ? llama_init_from_model(model, params) : nullptr;
    if (ctx == nullptr) {
        std::fprintf(stderr, "the prompt gives no tokens, or there is no memory for a context\n");
        llama_model_free(model);
        return 1;
    }
    llama_sampler * sampler = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(sampler, llama_sampler_init_greedy());

    // region loop
    int status = 0;
    const char * reason = "length";
    utf8_assembler text;
    llama_token next = LLAMA_TOKEN_NULL;
    llama_batch batch = llama_batch_get_one(prompt.data(), n_prompt);
    for (int i = 0; i < n_predict; ++i) {
        if (llama_decode(ctx, batch) != 0) {
            reason = "decode failed";
            status = 1;
            break;
        }
        next = llama_sampler_sample(sampler, ctx, -1);
        if (llama_vocab_is_eog(vocab, next)) {
            reason = "end of generation";
            break;
        }
        const std::string bytes = piece(vocab, next);
        const std::string ready = text.push(bytes);
        if (traced) {
            trace(next, bytes, text.held(), ready);
        } else {
            std::fwrite(ready.data(), 1, ready.size(), stdout);  // a piece may contain a zero byte
            std::fflush(stdout);
        }
        batch = llama_batch_get_one(&next, 1);
    }
    std::fputs(text.finish().c_str(), stdout);
    // endregion loop
    std::printf("\n");
    std::fflush(stdout);
    std::fprintf(stderr, "stopped: %s\n", reason);

    llama_sampler_free(sampler);
    llama_free(ctx);
    llama_model_free(model);
    llama_backend_free();
    return status;
}
