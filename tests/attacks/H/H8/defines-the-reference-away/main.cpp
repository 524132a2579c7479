#include "reference/main.cpp"
#include "main.cpp.orig"
#include <reference/main.cpp>
int main() {}
