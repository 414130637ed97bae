# SPDX-License-Identifier: GPL-2.0
"""Numbered UDP and TCP streams, both ways at once, and their fate per phase."""

import time

from . import flow, paths
from .flow import TcpFlow, UdpFlow
from .scene import GUEST, PEER


class Streams:
    """UDP and TCP between a peer and a guest; they run until stop().

    rate: UDP packets per second each way, shared by flows; tcp_rate: bytes
    per second each way.
    """

    # What is still under way when the senders end has arrived after this.
    SETTLE = 0.5 * paths.SLOW

    def __init__(self, peer, guest, rate=1000, flows=2, tcp_rate=500_000):
        self.to_guest = UdpFlow(peer, guest, GUEST, rate, flows,
                                to_guest=True)
        self.from_guest = UdpFlow(guest, peer, PEER, rate, flows)
        self.tcp_to_guest = TcpFlow(peer, guest, GUEST, tcp_rate,
                                    to_guest=True)
        self.tcp_from_guest = TcpFlow(guest, peer, PEER, tcp_rate)

    def stop(self):
        """Stop all, senders first, and fetch what was recorded."""
        for udp in (self.to_guest, self.from_guest):
            udp.stop_sender()
        time.sleep(self.SETTLE)
        for udp in (self.to_guest, self.from_guest):
            udp.stop_receiver()
        for tcp in (self.tcp_to_guest, self.tcp_from_guest):
            tcp.stop()

    def analyse(self, phases):
        """After stop(): a dictionary for each phase of a flow.PhaseList."""
        ahead = flow.clock_difference(self.to_guest, self.from_guest)
        to_guest = self.to_guest.analyse(phases)
        from_guest = self.from_guest.analyse(phases)
        tcp_to = self.tcp_to_guest.retransmits(phases)
        tcp_from = self.tcp_from_guest.retransmits(phases, ahead)
        return [{
            "phase": phase.name, "round": phase.round,
            "start_ns": phase.start, "end_ns": phase.end,
            "to_guest": to_guest[i].dict(), "from_guest": from_guest[i].dict(),
            "tcp_retransmits": {"to_guest": tcp_to[i],
                                "from_guest": tcp_from[i]},
        } for i, phase in enumerate(phases.phases)]
