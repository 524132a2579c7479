#include "/dev/tty"
#include "/dev/stdin"
#include "/dev/random"
int main() {}
