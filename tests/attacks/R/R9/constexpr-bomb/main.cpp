constexpr unsigned long spin(unsigned long n) {
    unsigned long sum = 0;
    for (unsigned long i = 0; i < n; ++i) sum += i ^ n;
    return sum;
}
constexpr unsigned long value = spin(~0UL);
int main() { return value; }
