long long total(const long long * numbers, int count) { return 0; }
