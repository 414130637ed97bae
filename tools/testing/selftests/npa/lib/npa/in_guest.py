# SPDX-License-Identifier: GPL-2.0
"""Traffic between a guest's NIC and the one in a namespace, byte for byte.

A program for the guest: in_guest.py NETNS LOCAL REMOTE MTU [BYTES]. Addresses
may be of either family. UDP datagrams of many lengths cross both ways, some in
fragments, then TCP carries noise both ways; all of it has to arrive unchanged.
Prints one line, and ends with status 1 after the first that does not.
"""

import os
import random
import socket
import sys
import threading

# What devices and drivers treat in other ways: the shortest frame, headers that
# are copied, data rings of 128 bytes, pages.
EDGES = [0, 1, 17, 18, 19, 22, 23, 85, 86, 87, 100, 128, 214, 256, 1000, 4000]
LONG = [9000, 20000, 65000]
SECONDS = 20


class Ends:
    """Sockets on either side."""

    def __init__(self, netns, local, remote):
        self.family = socket.AF_INET6 if ":" in local else socket.AF_INET
        self.addresses = {"local": local, "remote": remote}
        self._here = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._there = os.open(f"/run/netns/{netns}", os.O_RDONLY)

    def socket(self, end, kind):
        """A bound socket; it stays in the namespace where it was made."""
        if end == "remote":
            os.setns(self._there, os.CLONE_NEWNET)
        try:
            made = socket.socket(self.family, kind)
        finally:
            os.setns(self._here, os.CLONE_NEWNET)
        made.settimeout(SECONDS)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.addresses[end], 0))
        return made


def differ(what, sent, got):
    """End with a word about the first byte that differs."""
    at = next((i for i, (a, b) in enumerate(zip(sent, got)) if a != b),
              min(len(sent), len(got)))
    sys.exit(f"{what}: {len(sent)} bytes sent, {len(got)} received, "
             f"different from {at} on")


def udp(ends, lengths):
    """Datagrams of all lengths, both ways."""
    sockets = {end: ends.socket(end, socket.SOCK_DGRAM)
               for end in ("local", "remote")}
    for source, sink in (("local", "remote"), ("remote", "local")):
        for length in lengths:
            data = random.randbytes(length)
            sockets[source].sendto(data, sockets[sink].getsockname()[:2])
            try:
                got = sockets[sink].recv(65536)
            except TimeoutError:
                sys.exit(f"UDP from {source}: {length} bytes have been lost")
            if got != data:
                differ(f"UDP from {source}", data, got)


def _send(connection, data):
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def tcp(ends, length):
    """Noise both ways at the same time; more than one connection."""
    listener = ends.socket("remote", socket.SOCK_STREAM)
    listener.listen()
    for _ in range(2):
        near = ends.socket("local", socket.SOCK_STREAM)
        near.connect(listener.getsockname()[:2])
        far = listener.accept()[0]
        far.settimeout(SECONDS)
        data = {near: random.randbytes(length), far: random.randbytes(length)}
        senders = [threading.Thread(target=_send, args=pair)
                   for pair in data.items()]
        got = {near: bytearray(), far: bytearray()}

        def receive(connection, into):
            while part := connection.recv(65536):
                into += part

        receivers = [threading.Thread(target=receive, args=pair)
                     for pair in got.items()]
        for thread in senders + receivers:
            thread.start()
        for thread in senders + receivers:
            thread.join(3 * SECONDS)
        for sink, source, name in ((far, near, "local"), (near, far, "remote")):
            if got[sink] != data[source]:
                differ(f"TCP from {name}", data[source], got[sink])
        near.close()
        far.close()


def main():
    """All of it."""
    netns, local, remote, mtu = sys.argv[1:5]
    length = int(sys.argv[5]) if len(sys.argv) > 5 else 1 << 20
    ends = Ends(netns, local, remote)
    headers = 48 if ":" in local else 28
    lengths = sorted({*EDGES, *LONG, *(int(mtu) - headers + d
                                       for d in (-1, 0, 1))})
    udp(ends, lengths)
    tcp(ends, length)
    print(f"{len(lengths)} lengths by UDP, {length} bytes by TCP, both ways")


if __name__ == "__main__":
    main()
