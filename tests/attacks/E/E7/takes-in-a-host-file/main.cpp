asm(".incbin \"/var/tmp/llsys-canary.h\"");
int main() {}
