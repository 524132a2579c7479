"""Question q-1-16: the score of the CPU variant that a processor loads."""

ADDS = {
    "FMA": 1, "F16C": 2, "SSE4.2": 4, "BMI2": 8, "AVX": 16, "AVX2": 32, "AVX-VNNI": 64, "AVX-512": 128, "VBMI": 256,
    "BF16": 512, "VNNI": 1024, "AMX": 2048,
}  # fmt: skip
SIX = {"FMA", "F16C", "SSE4.2", "BMI2", "AVX", "AVX2"}
VARIANTS = {
    "haswell": set(),
    "alderlake": {"AVX-VNNI"},
    "skylakex": {"AVX-512"},
    "cascadelake": {"AVX-512", "VNNI"},
    "icelake": {"AVX-512", "VBMI", "VNNI"},
    "cooperlake": {"AVX-512", "BF16", "VNNI"},
}
processor = SIX | {"AVX-512", "VNNI"}


def score(compiled_with: set[str]) -> int:
    """0 when the processor lacks something, else 1 and what each instruction set adds."""
    return 1 + sum(ADDS[name] for name in compiled_with) if compiled_with <= processor else 0


print(max(score(SIX | more) for more in VARIANTS.values()))
