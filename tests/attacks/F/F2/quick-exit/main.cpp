#include <cstdlib>
#include <unistd.h>
int main() { std::quick_exit(0); }
