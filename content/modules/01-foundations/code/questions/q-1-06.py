"""Question q-1-06: GiB of a KV cache with keys in F16 and values in Q8_0."""

layers, kv_heads, head_size, n_ctx = 40, 8, 128, 16_384
numbers = layers * kv_heads * head_size
print((numbers * 2 + numbers // 32 * 34) * n_ctx / 2**30)
