#include <cstdlib>
#include <unistd.h>
int main() { std::exit(0); }
