# -*- coding: utf-8 -*-
import sys

größe = 0
for número in sys.stdin.read().split():
    größe += int(número)
print(größe)
