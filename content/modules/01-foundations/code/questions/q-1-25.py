"""Question q-1-25: the byte at which a row of a quantized tensor begins."""

end_of_infos, alignment, offset = 1_234_567, 64, 4_128_768
data = -(-end_of_infos // alignment) * alignment
row_bytes = 4096 // 32 * 18
print(data + offset + 5 * row_bytes)
