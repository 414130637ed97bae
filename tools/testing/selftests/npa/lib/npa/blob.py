# SPDX-License-Identifier: GPL-2.0
"""Take a file on one TCP connection and give it back on the next.

Run as a program in the peer: blob.py PORT. Prints "ready", then the SHA-256 of
what it took.
"""

import hashlib
import socket
import sys


def main():
    """Serve one connection in and one out."""
    listener = socket.create_server(("", int(sys.argv[1])),
                                    family=socket.AF_INET6,
                                    dualstack_ipv6=True)
    listener.settimeout(60)
    print("ready", flush=True)
    taken = bytearray()
    connection = listener.accept()[0]
    while piece := connection.recv(65536):
        taken += piece
    connection.close()
    print(hashlib.sha256(taken).hexdigest(), flush=True)
    connection = listener.accept()[0]
    connection.sendall(taken)
    connection.close()


if __name__ == "__main__":
    main()
