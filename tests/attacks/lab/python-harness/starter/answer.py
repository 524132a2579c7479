"""Your part."""


def add(numbers: list[int]) -> int:
    """The sum of the numbers."""
    raise NotImplementedError
