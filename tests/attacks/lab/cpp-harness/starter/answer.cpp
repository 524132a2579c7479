#include "answer.h"

long long add(const std::vector<long long> &) { return 0; }
