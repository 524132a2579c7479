void launch(int* x, int n, int factor) {
    // Your kernel and its launch.
}
