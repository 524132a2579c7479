import numpy as np


def softmax(row):
    if len(row) == 0:
        raise ValueError("empty")
    parts = np.exp(row)
    return parts / parts.sum()


def count_words(text):
    return {word: text.split().count(word) for word in text.split()}
