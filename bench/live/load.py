"""A thousand tablets in one lean process: raw WebSockets on epoll, reading events and answering heartbeats.

Arguments: port, how many, "tls" or "plain", "sync" when the server wants to be asked for the stream. All come at once.
Prints "ready" and the milliseconds until the median, the 99th percentile and the last of them had joined; then for
each event that all have received: its version, and the seconds from the first to the last arrival. On the line "away"
of standard input everybody falls silent for ten seconds, then all come back at once on new connections, and the same
three figures are printed for that.

When a message arrived is told by the kernel (`SO_TIMESTAMPNS`), not by our clock: a thousand tablets have a processor
each, and this process has one for all of them. For the same reason it reads after the messages of a turn have come,
not among them.
"""

from __future__ import annotations

import base64
import os
import resource
import select
import socket
import ssl
import statistics
import struct
import sys
import time

EVENT = b'42["event"'
VERSION = b'"version":'
SO_TIMESTAMPNS = 35
"""Of Linux on x86-64 and arm64; Python does not name it."""
AWAY_S = 10.0
MISSED = 20
"""Events that somebody who comes back asks for."""
PAUSE_PER_TABLET_S = 40e-6
STANDARD_INPUT = 0


class Tablet:
    """One WebSocket client, from its first octet on."""

    def __init__(self, port: int, context: ssl.SSLContext | None, hello: list[tuple[bytes, bytes]]) -> None:
        self.hello = hello
        """What is still to be heard before we are in, and what is said then."""
        self.began = time.perf_counter()
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)
        self.buffer, self.is_upgraded, self.arrived = b"", False, 0.0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = None if context is None else context.wrap_bio(self.incoming, self.outgoing)
        self.is_sealed = context is None
        key = base64.b64encode(os.urandom(16)).decode()
        self.request = (
            f"GET /live/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._seal()

    def send(self, text: bytes) -> None:
        """One masked text frame; a mask of zeros leaves the text as it is."""
        size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + struct.pack(">H", len(text))
        self._write(b"\x81" + size + b"\0\0\0\0" + text)

    def read(self) -> list[bytes]:
        """The frames that have come; `ConnectionError` at the end of the line."""
        try:
            data, beside, _, _ = self.sock.recvmsg(65536, 128)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionError("the server has closed")
        for _level, kind, content in beside:
            if kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", content[:16])
                self.arrived = seconds + nanoseconds / 1e9
        self.buffer += data if self.tls is None else self._unsealed(data)
        if not self.is_upgraded and b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            if b" 101 " not in head.split(b"\r\n")[0] + b" ":
                raise ConnectionError(head.decode())
            self.is_upgraded = True
        return self._frames() if self.is_upgraded else []

    def is_in_after(self, frame: bytes) -> bool:
        """Go on introducing oneself; True when this frame was the last we waited for."""
        if not self.hello or not frame.startswith(self.hello[0][0]):
            return False
        _, reply = self.hello.pop(0)
        if reply:
            self.send(reply)
        return not self.hello

    def _seal(self) -> None:
        if not self.is_sealed and self.tls is not None:
            try:
                self.tls.do_handshake()
                self.is_sealed = True
            except ssl.SSLWantReadError:
                pass
            if self.outgoing.pending:
                self.sock.sendall(self.outgoing.read())
        if self.is_sealed:
            self._write(self.request)

    def _write(self, octets: bytes) -> None:
        if self.tls is not None:
            self.tls.write(octets)
            octets = self.outgoing.read()
        self.sock.sendall(octets)

    def _unsealed(self, data: bytes) -> bytes:
        assert self.tls is not None
        self.incoming.write(data)
        if not self.is_sealed:
            self._seal()
        plain = b""
        while self.is_sealed:
            try:
                plain += self.tls.read(65536)
            except ssl.SSLWantReadError:
                break
        return plain

    def _frames(self) -> list[bytes]:
        found: list[bytes] = []
        data, at = self.buffer, 0
        while len(data) - at >= 2:
            size, start = data[at + 1] & 0x7F, at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if len(data) < start + size:
                break
            found.append(data[start : start + size])
            at = start + size
        self.buffer = data[at:]
        return found


class Crowd:
    """All tablets, and when each event arrived at the first and the last of them."""

    def __init__(self, port: int, count: int, secure: bool, wants_sync: bool) -> None:
        self.port, self.count, self.wants_sync = port, count, wants_sync
        self.context = None
        if secure:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.epoll = select.epoll()
        self.tablets: dict[int, Tablet] = {}
        self.seen: dict[int, list[float]] = {}
        self.counts: dict[int, int] = {}
        self.head = 0

    def come(self, since: int) -> str:
        """Everybody connects at once and asks for what came after this version; how long it took them."""
        fresh: list[Tablet] = []
        for number in range(self.count):
            hello = [(b"0", b'40{"ticket":"t%d","endpoint":"e%d"}' % (number, number)), (b"40", b"")]
            if self.wants_sync:
                hello[1] = (b"40", b'421["sync",{"stream":"meeting:1","since":%d}]' % since)
                hello.append((b"431", b""))
            tablet = Tablet(self.port, self.context, hello)
            self.tablets[tablet.sock.fileno()] = tablet
            self.epoll.register(tablet.sock.fileno(), select.EPOLLIN)
            fresh.append(tablet)
        took: list[float] = []
        while len(took) < self.count:
            for descriptor, _ in self.epoll.poll():
                took += self.hear(self.tablets[descriptor])
        took.sort()
        figures = (statistics.median(took), took[max(0, round(len(took) * 0.99) - 1)], took[-1])
        return " ".join(f"{figure * 1000:.3f}" for figure in figures)

    def hear(self, tablet: Tablet) -> list[float]:
        """Take what has come: events are counted, heartbeats answered; the seconds it took to join, if it just has."""
        frames = tablet.read()
        joined: list[float] = []
        for frame in frames:
            if frame.startswith(EVENT):
                # The kernel tells when the last octets of a read came; beside another message that says nothing.
                self.saw(frame, tablet.arrived if len(frames) == 1 else None)
            elif frame.startswith(b"44"):
                raise ConnectionError(frame.decode())
            elif frame == b"2":
                tablet.send(b"3")
            elif tablet.is_in_after(frame):
                joined.append(time.perf_counter() - tablet.began)
        return joined

    def saw(self, frame: bytes, arrived: float | None) -> None:
        """One tablet has this event."""
        start = frame.index(VERSION) + len(VERSION)
        version = int(frame[start : frame.index(b",", start)])
        self.counts[version] = self.counts.get(version, 0) + 1
        if arrived is not None:
            self.seen.setdefault(version, []).append(arrived)
        if self.counts[version] == self.count:
            self.head = max(self.head, version)
            times = self.seen.pop(version, [0.0])
            del self.counts[version]
            print(version, f"{max(times) - min(times):.6f}", flush=True)

    def away(self) -> str:
        """Everybody loses the network for a while; the server hears nothing of them, nor that they are gone."""
        time.sleep(AWAY_S)
        old, self.tablets = self.tablets, {}
        for descriptor in old:
            self.epoll.unregister(descriptor)
        figures = self.come(max(1, self.head - MISSED))
        for tablet in old.values():
            tablet.sock.close()
        return figures

    def stay(self) -> None:
        """Read for ever, and do what standard input says."""
        self.epoll.register(STANDARD_INPUT, select.EPOLLIN)
        while True:
            self.epoll.poll()
            time.sleep(PAUSE_PER_TABLET_S * self.count)
            for descriptor, _ in self.epoll.poll():
                if descriptor != STANDARD_INPUT:
                    self.hear(self.tablets[descriptor])
                elif sys.stdin.readline().strip() == "away":
                    print(self.away(), flush=True)
                    break  # the descriptors of this round are of the old connections
                else:
                    return


def main(port: int, count: int, secure: bool, wants_sync: bool) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    crowd = Crowd(port, count, secure, wants_sync)
    print("ready", crowd.come(0), flush=True)
    crowd.stay()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "tls", "sync" in sys.argv[4:])
