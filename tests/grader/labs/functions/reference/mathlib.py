import numpy as np


def softmax(row):
    if len(row) == 0:
        raise ValueError("empty")
    parts = np.exp(row - np.max(row))
    return parts / parts.sum()


def count_words(text):
    found = {}
    for word in text.split():
        found[word] = found.get(word, 0) + 1
    return found
