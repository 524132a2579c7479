def softmax(row):
    return row


def count_words(text):
    return None
