"""A thousand tablets in one lean process: raw WebSockets on epoll, reading events and answering heartbeats.

Arguments: port, how many, "tls" or "plain", "sync" when the server wants to be asked for the stream. Prints "ready",
then for each event that all have received: its version, and the seconds from the first to the last arrival.
"""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import select
import socket
import ssl
import struct
import sys
import time

EVENT = b'42["event"'
VERSION = b'"version":'


class Tablet:
    """One WebSocket client."""

    def __init__(self, port: int, context: ssl.SSLContext | None) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self.sock = context.wrap_socket(self.sock, server_hostname="localhost")
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /live/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.sock.sendall(request.encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.sock.recv(65536)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0] + b" ":
            raise OSError(head.decode())

    def send(self, text: bytes) -> None:
        """One masked text frame; a mask of zeros leaves the text as it is."""
        size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + struct.pack(">H", len(text))
        self.sock.sendall(b"\x81" + size + b"\0\0\0\0" + text)

    def frames(self) -> list[bytes]:
        """The whole frames that have come."""
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

    def expect(self, start: bytes) -> None:
        """Wait for a frame that begins so."""
        while True:
            for frame in self.frames():
                if frame.startswith(start):
                    return
            self.buffer += self.sock.recv(65536)

    def join(self, number: int, wants_sync: bool) -> None:
        """Introduce oneself, and follow the stream."""
        self.expect(b"0")
        self.send(b'40{"ticket":"t%d","endpoint":"e%d"}' % (number, number))
        self.expect(b"40")
        if wants_sync:
            self.send(b'421["sync",{"stream":"meeting:1","since":0}]')
            self.expect(b"431")
        self.sock.setblocking(False)

    def read(self) -> list[bytes]:
        """The frames that can be read without waiting; none at the end of the line either."""
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            self.buffer += self.sock.recv(65536)
            while isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
                self.buffer += self.sock.recv(65536)
        return self.frames()


class Watch:
    """When each event was first and last seen, and by how many."""

    def __init__(self, everybody: int) -> None:
        self.everybody = everybody
        self.seen: dict[int, tuple[int, float]] = {}

    def saw(self, frame: bytes) -> None:
        now = time.perf_counter()
        start = frame.index(VERSION) + len(VERSION)
        version = int(frame[start : frame.index(b",", start)])
        count, first = self.seen.get(version, (0, now))
        if count + 1 == self.everybody:
            del self.seen[version]
            print(version, f"{now - first:.6f}", flush=True)
        else:
            self.seen[version] = (count + 1, first)


def hear(tablet: Tablet, watch: Watch) -> None:
    """Take what has come: events are counted, heartbeats answered."""
    for frame in tablet.read():
        if frame.startswith(EVENT):
            watch.saw(frame)
        elif frame == b"2":
            tablet.send(b"3")


def main(port: int, count: int, secure: bool, wants_sync: bool) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    context = None
    if secure:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tablets: dict[int, Tablet] = {}
    epoll = select.epoll()
    for number in range(count):
        tablet = Tablet(port, context)
        tablet.join(number, wants_sync)
        tablets[tablet.sock.fileno()] = tablet
        epoll.register(tablet.sock.fileno(), select.EPOLLIN)
    print("ready", flush=True)
    watch = Watch(count)
    while True:
        for descriptor, happened in epoll.poll():
            hear(tablets[descriptor], watch)
            if happened & (select.EPOLLHUP | select.EPOLLERR):
                return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "tls", "sync" in sys.argv[4:])
