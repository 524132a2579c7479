#include <cstdlib>
#include <unistd.h>
int main() { _exit(0); }
