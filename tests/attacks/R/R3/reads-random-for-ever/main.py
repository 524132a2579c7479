kept = open("/dev/urandom", "rb").read()
