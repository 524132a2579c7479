int main() {
    volatile int turn = 0;
    for (;;) turn = turn + 1;
}
