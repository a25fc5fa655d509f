"""`python -m bench.media.flood HOST PORT PACKETS [A_SECOND]`: junk for a media port; prints how many packets left.

Of every kind that a door must look at before it can throw it away: empty, no more than a first octet, what begins like
a connectivity check, a handshake, RTP or RTCP, and noise. The same every time.
"""

from __future__ import annotations

import random
import socket
import sys
import time

A_SECOND = 50_000
BATCH = 100
FIRST = (0, 1, 20, 22, 63, 128, 144, 191, 255)
SIZES = (0, 1, 12, 20, 100, 400, 1_200)


def junk(seed: int = 7) -> list[bytes]:
    """A few hundred different datagrams."""
    chance = random.Random(seed)
    found = []
    for size in SIZES:
        for first in FIRST:
            for _ in range(4):
                data = bytearray(chance.randbytes(size))
                data[:1] = bytes((first,)) if size else b""
                found.append(bytes(data))
    chance.shuffle(found)
    return found


def flood(target: tuple[str, int], packets: int, a_second: int = A_SECOND) -> int:
    """Send so many at that pace, or as fast as the machine can; how many left."""
    datagrams, left, done = junk(), 0, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        began = time.monotonic()
        while done < packets:
            for number in range(done, min(done + BATCH, packets)):
                left += _leaves(sock, datagrams[number % len(datagrams)], target)
            done += BATCH
            time.sleep(max(0.0, done / a_second - (time.monotonic() - began)))
    return left


def _leaves(sock: socket.socket, data: bytes, target: tuple[str, int]) -> bool:
    """Send one; false when nobody listens there."""
    try:
        sock.sendto(data, target)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    host, port, packets, *pace = sys.argv[1:]
    print(flood((host, int(port)), int(packets), *map(int, pace)))
