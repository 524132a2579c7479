import builtins

builtins.print = lambda *words: None


def add(numbers):
    return 0
