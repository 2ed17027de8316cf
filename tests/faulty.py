"""Programs that deployed apps are made of in tests of what goes wrong."""

from __future__ import annotations

IMPOSTOR = """
import os, socket, time
ports = [int(port) for port in os.environ["WANTED"].split(",")]
tried = taken = 0
while not taken:
    for port in ports:
        for address in ("127.0.0.1", "0.0.0.0"):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((address, port))
                one.listen(100)
                taken = port
                break
            except OSError as error:
                one.close()
                tried += 1
                if tried % 50000 == 1:
                    print("tried", tried, error, flush=True)
        if taken:
            break
print("TAKEN", taken, flush=True)
while True:
    client, _ = one.accept()
    client.recv(1000)
    client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nstolen")
    client.close()
"""
"""Waits for the ports in $WANTED, and answers on the first one that it gets."""

JOB = """
import os, signal, sys, time
state = os.environ["HOP3_STATE_DIR"]
def note(text):
    with open(state + "/jobs", "a") as file:
        print(text, file=file, flush=True)
def stop(number, frame):
    note("stopped")
    sys.exit(1)
signal.signal(signal.SIGTERM, stop)
note("began " + os.environ["WORD"])
for _ in range(int(os.environ["SECONDS"]) * 10):
    if os.path.exists(state + "/end"):
        break
    time.sleep(0.1)
note("ended " + os.environ["WORD"])
"""
"""Notes in the state directory when it begins and how it ends: after $SECONDS, or by a file."""


def by_python(program: str) -> str:
    """Return a command line that every shell takes for ``program``."""
    return f"/usr/bin/python3 -S -c '{program.replace(chr(39), chr(34))}'"
