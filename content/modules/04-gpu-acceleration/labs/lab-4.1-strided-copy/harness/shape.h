// The shape of the data, as ggml_tensor has it: elements of each dimension, and the bytes from one to the next.
#pragma once

struct Shape {
    int ne[4];
    long long nb[4];
};
