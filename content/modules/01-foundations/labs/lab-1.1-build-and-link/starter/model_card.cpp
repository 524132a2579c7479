// model_card FILE: one JSON object that describes a GGUF model.
//
// The build is done for you: g++ -std=c++17 -O2 -Wall -Wextra model_card.cpp -lllama -lggml -lggml-base

#include "llama.h"

#include <cstdio>
#include <string>

// A text as a JSON string, quotes included.
static std::string json_string(const std::string & text) {
    // Which characters may not stand in a JSON string as they are?
    return "\"" + text + "\"";
}

int main(int argc, char ** argv) {
    if (argc != 2) {
        fprintf(stderr, "model_card: usage: model_card FILE\n");
        return 2;
    }

    // 1. Load the model. What does llama_model_load_from_file return when it cannot?
    // 2. Ask it for every member of the card.
    // 3. Print the card. Only the card goes to stdout.

    printf("{\"file\": %s}\n", json_string(argv[1]).c_str());
    return 0;
}
