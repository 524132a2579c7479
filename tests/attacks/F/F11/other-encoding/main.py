# -*- coding: utf-7 -*-
import sys
print(+AHMAdQBt-(map(int, sys.stdin.read().split())))
