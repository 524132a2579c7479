print(3.5 * 1024)
