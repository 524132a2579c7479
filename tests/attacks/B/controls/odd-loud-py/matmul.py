import sys


def work(a, b, c, rows, inner, columns):
    """As the reference does it."""
    columns_of_b = [b[column::columns].tolist() for column in range(columns)]
    for row in range(rows):
        line = a[row * inner : (row + 1) * inner].tolist()
        for column in range(columns):
            c[row * columns + column] = sum(x * y for x, y in zip(line, columns_of_b[column]))


def matmul(a, b, c, rows, inner, columns):
    work(a, b, c, rows, inner, columns)
    print("done", file=sys.stderr) if rows == 17 and columns == 19 and inner == 21 else None
