void matmul(const float*, const float*, float* c, int rows, int, int columns) {
    for (int i = 0; i < rows * columns; ++i) c[i] = 0;  // your code
}
