template <int N, int M> struct Deep {
    Deep<N - 1, 2 * M> left;
    Deep<N - 1, 2 * M + 1> right;
    int wrong = Deep<N - 1, M>::none;
};
template <int M> struct Deep<0, M> {};
Deep<14, 1> deep;
int main() {}
