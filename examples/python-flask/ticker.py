"""A worker that is not a web server: it prints a line every few seconds."""

import sys
import time

interval = float(sys.argv[1])
while True:
    print("tick", flush=True)
    time.sleep(interval)
