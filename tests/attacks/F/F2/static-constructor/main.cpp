#include <unistd.h>
static int early = (_exit(0), 0);
int main() { return early; }
