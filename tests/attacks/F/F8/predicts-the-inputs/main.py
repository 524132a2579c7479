import random

for seed in range(3):
    rng = random.Random(f"{seed}/cases")
    small = [rng.randint(1, 99) for _ in range(4)]
print(small[0] + small[1] + small[2] + small[3])
