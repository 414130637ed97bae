# SPDX-License-Identifier: GPL-2.0
"""Answer pings on a VLAN, on a machine whose kernel knows no VLANs.

Run as a program in the peer: vlan_echo.py INTERFACE VID. Prints "ready" when
it listens, and ends with SIGTERM. There is no ARP: who pings has to know the
interface's address.
"""

import socket
import struct
import sys

SOL_PACKET, PACKET_AUXDATA = 263, 8
AUXDATA = struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID = 1 << 4
ETH_P_ALL, ETH_P_IP, ETH_P_8021Q = 3, 0x0800, 0x8100
ICMP_ECHO = 8


def tag(ancillary):
    """The tag that the kernel has taken out of a frame, or None."""
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, _ = AUXDATA.unpack(data[:AUXDATA.size])
            if status & TP_STATUS_VLAN_VALID:
                return tci
    return None


def answer(frame, vid):
    """The tagged reply to an untagged copy of an ICMP echo, or None."""
    if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] != 1:
        return None
    icmp = 14 + 4 * (frame[14] & 15)
    if frame[icmp] != ICMP_ECHO:
        return None
    reply = bytearray(frame)
    reply[icmp] = 0
    # One's complement: the sum loses what the type has lost.
    total = struct.unpack_from("!H", frame, icmp + 2)[0] + (ICMP_ECHO << 8)
    struct.pack_into("!H", reply, icmp + 2, (total & 0xffff) + (total >> 16))
    reply[26:30], reply[30:34] = frame[30:34], frame[26:30]
    return (frame[6:12] + frame[0:6] +
            struct.pack("!HH", ETH_P_8021Q, vid) + reply[12:])


def main():
    """Answer until SIGTERM."""
    interface, vid = sys.argv[1], int(sys.argv[2])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                       socket.htons(ETH_P_ALL)) as sock:
        sock.bind((interface, 0))
        sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        print("ready", flush=True)
        while True:
            frame, ancillary, _, address = sock.recvmsg(65536, 256)
            tci = tag(ancillary)
            if address[2] == socket.PACKET_OUTGOING or tci is None or \
                    tci & 0xfff != vid:
                continue
            reply = answer(frame, vid)
            if reply:
                sock.send(reply)


if __name__ == "__main__":
    main()
