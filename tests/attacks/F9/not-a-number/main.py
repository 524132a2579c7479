print(float('nan'))
