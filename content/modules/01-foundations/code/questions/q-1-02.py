"""Question q-1-02: an upper bound for tokens per second, from bandwidth and the bytes read per token."""

weights, looked_up, bandwidth = 8.0e9, 0.5e9, 60e9
bytes_per_weight = 18 / 32
print(bandwidth / ((weights - looked_up) * bytes_per_weight))
