int deeper(volatile int * outer) {
    volatile int frame[1024];
    frame[0] = *outer + 1;
    return deeper(frame) + frame[0];
}
int main() {
    volatile int start = 0;
    return deeper(&start);
}
