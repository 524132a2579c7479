// Walks the metadata and the tensor descriptions of a GGUF file with the C API of gguf.h; reads no tensor data.
// Usage: gguf_inspect FILE.gguf [WORD]
// With WORD, only the keys and tensors are listed whose name contains it.
#include "gguf.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

static std::string number_text(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", number);
    return text;
}

// region value
// Each type has a getter of its own, and the wrong one ends the process: ask for the type first.
static std::string value_text(const gguf_context * file, int64_t id) {
    switch (gguf_get_kv_type(file, id)) {
        case GGUF_TYPE_UINT8:   return std::to_string(gguf_get_val_u8(file, id));
        case GGUF_TYPE_INT8:    return std::to_string(gguf_get_val_i8(file, id));
        case GGUF_TYPE_UINT16:  return std::to_string(gguf_get_val_u16(file, id));
        case GGUF_TYPE_INT16:   return std::to_string(gguf_get_val_i16(file, id));
        case GGUF_TYPE_UINT32:  return std::to_string(gguf_get_val_u32(file, id));
        case GGUF_TYPE_INT32:   return std::to_string(gguf_get_val_i32(file, id));
        case GGUF_TYPE_UINT64:  return std::to_string(gguf_get_val_u64(file, id));
        case GGUF_TYPE_INT64:   return std::to_string(gguf_get_val_i64(file, id));
        case GGUF_TYPE_FLOAT32: return number_text(gguf_get_val_f32(file, id));
        case GGUF_TYPE_FLOAT64: return number_text(gguf_get_val_f64(file, id));
        case GGUF_TYPE_BOOL:    return gguf_get_val_bool(file, id) ? "true" : "false";
        case GGUF_TYPE_STRING:  return gguf_get_val_str(file, id);
        case GGUF_TYPE_ARRAY:   return std::to_string(gguf_get_arr_n(file, id)) + " x " +
                                       gguf_type_name(gguf_get_arr_type(file, id));
        case GGUF_TYPE_COUNT:   break;
    }
    return "?";
}
// endregion value

// region tensor
static void print_tensor(const gguf_context * file, int64_t id) {
    const enum ggml_type type = gguf_get_tensor_type(file, id);
    const int64_t * ne = gguf_get_tensor_ne(file, id);  // always GGML_MAX_DIMS numbers, 1 where there is no dimension
    std::printf("  %-28s %-5s ne %5" PRId64 " x %5" PRId64 " x %" PRId64 " x %" PRId64,
                gguf_get_tensor_name(file, id), ggml_type_name(type), ne[0], ne[1], ne[2], ne[3]);
    std::printf("  row %5zu  at %8zu  bytes %7zu\n",
                ggml_row_size(type, ne[0]), gguf_get_tensor_offset(file, id), gguf_get_tensor_size(file, id));
}
// endregion tensor

// A chat template has many lines and thousands of bytes; the beginning is enough here, cut between two characters.
static std::string beginning(const std::string & text) {
    size_t end = std::min<size_t>(text.find('\n'), 60);
    if (end >= text.size()) {
        return text;
    }
    while (end > 0 && (text[end] & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end) + "...";
}

int main(int argc, char ** argv) {
    if (argc != 2 && argc != 3) {
        std::fprintf(stderr, "usage: %s FILE.gguf [WORD]\n", argv[0]);
        return 2;
    }
    const char * word = argc == 3 ? argv[2] : "";

    // region open
    // Without a ggml_context to fill, the reader stops where the data section begins.
    const gguf_init_params params = {/*no_alloc*/ true, /*ctx*/ nullptr};
    gguf_context * file = gguf_init_from_file(argv[1], params);
    if (file == nullptr) {
        std::fprintf(stderr, "%s: no complete description in this file\n", argv[1]);
        return 1;
    }
    // endregion open
    std::printf("version %" PRIu32 ", %" PRId64 " keys, %" PRId64 " tensors, alignment %zu, data section at %zu\n",
                gguf_get_version(file), gguf_get_n_kv(file), gguf_get_n_tensors(file), gguf_get_alignment(file),
                gguf_get_data_offset(file));
    for (int64_t id = 0; id < gguf_get_n_kv(file); ++id) {
        const char * key = gguf_get_key(file, id);
        if (std::strstr(key, word) != nullptr) {
            std::printf("  %-40s %-4s = %s\n", key, gguf_type_name(gguf_get_kv_type(file, id)),
                        beginning(value_text(file, id)).c_str());
        }
    }
    for (int64_t id = 0; id < gguf_get_n_tensors(file); ++id) {
        if (std::strstr(gguf_get_tensor_name(file, id), word) != nullptr) {
            print_tensor(file, id);
        }
    }
    gguf_free(file);
    return 0;
}
