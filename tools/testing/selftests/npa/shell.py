#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A guest to play with: a shell in it, npad behind its NIC, npactl beside."""

import argparse
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from npa import paths, scene  # noqa: E402
from npa.agent import GuestError  # noqa: E402
from npa.net import CommandError, Peer  # noqa: E402
from npa.npad import Npad, NpadError  # noqa: E402
from npa.vm import Guest, npad_device  # noqa: E402

HELLO = """
The peer in its namespace is {peer}, this guest will be {guest}.
In another terminal, in the checkout:

  {enter} build/npad/npactl -s {control} attach --wait
  {enter} build/npad/npactl -s {control} status

The device server's log: {log}
"poweroff -f" here ends everything.

"""


def configure(guest):
    """Give the NIC its address; runs beside the person's shell."""
    try:
        guest.netdev(60)
        guest.up(f"{scene.GUEST}/24")
    except GuestError as error:
        print(f"shell: {error}", file=sys.stderr)


def main():
    """Start all, hand the terminal over, clean up at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", default="newest",
                        help="newest or lts (%(default)s)")
    parser.add_argument("--driver", default="ours",
                        choices=["ours", "in-tree"])
    options = parser.parse_args()
    saved = None
    if sys.stdin.isatty():
        saved = subprocess.run(["stty", "-g"], stdin=sys.stdin, text=True,
                               capture_output=True, check=True).stdout.strip()
    try:
        with Peer() as peer, Npad(netns=peer.name) as npad:
            peer.up(npad.tap, f"{scene.PEER}/24")
            print(HELLO.format(peer=scene.PEER, guest=scene.GUEST,
                               enter="tools/testing/selftests/npa/env/enter",
                               control=npad.control_path, log=npad.log_path),
                  flush=True)
            with Guest(driver=options.driver, kernel=options.kernel,
                       device=npad_device(npad.socket_path),
                       interactive=True) as guest:
                threading.Thread(target=configure, args=(guest,),
                                 daemon=True).start()
                guest.wait()
    except (NpadError, GuestError, CommandError, paths.MissingError) as error:
        print(f"shell: {error}", file=sys.stderr)
        return 1
    finally:
        if saved:
            subprocess.run(["stty", saved], stdin=sys.stdin, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
