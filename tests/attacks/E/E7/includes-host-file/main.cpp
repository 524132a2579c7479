#include "/var/tmp/llsys-canary.h"
int main() { return LLSYS_CANARY; }
