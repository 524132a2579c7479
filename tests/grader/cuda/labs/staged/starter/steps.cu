void launch(const float* x, float* y, float a, int count, int steps) {}
