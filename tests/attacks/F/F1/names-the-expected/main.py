for number in range(1, 500):
    print(number)
