char filler[2000UL << 20] = {1};
int main() { return filler[5]; }
