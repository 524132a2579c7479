"""The solution."""


def add(numbers: list[int]) -> int:
    """The sum of the numbers."""
    return sum(numbers)
