#include <unistd.h>
int main() { return syscall(0x40000000 + 39) > 0 ? 0 : 1; }
