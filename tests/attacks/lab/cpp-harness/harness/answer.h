#pragma once
#include <vector>

long long add(const std::vector<long long> & numbers);
