"""A thousand tablets in one lean process: raw WebSockets on epoll, reading what comes and answering heartbeats.

Arguments: port, how many, "tls" or "plain", the stream where the server wants to be asked for it, and "tickets" where
it wants each to fetch one first, on a connection of its own, with the cookie of a session. All come at once. Whoever
has been there before resumes the session of TLS (RFC 8446 §2.2), as browsers do.
Everything it says on standard output is one line of JSON: first how long each took to join; then for each event that
all have received when it arrived at each of them; and an answer to each order on standard input:

- `away`: everybody falls silent for ten seconds, then all come back at once on new connections.
- `ink <writers> <seconds>`: the first so many draw at 60 Hz, everybody reads.
- `vote <ballot> <seconds>`: everybody votes once, at a moment of chance.

When a message arrived is told by the kernel (`SO_TIMESTAMPNS`), not by our clock: a thousand tablets have a processor
each, and this process has one for all of them. For the same reason it reads after the messages of a turn have come,
not among them. How much of a processor it needed itself is told beside each answer.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import resource
import select
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

COOKIE = "__Host-hopso"
EVENT = b'42["event"'
HINT = b'42["hint"'
SENT_AT = re.compile(rb'"sent":(\d+)')
PENS_HZ = 60
SAMPLED = 20
"""Readers whose hints are looked at one by one; all others only read them."""
POINTS = [[1000 + step, 2000 + step, 500] for step in range(8)]
"""What a pen adds between two messages at 60 Hz, and some of what came before."""
VERSION = b'"version":'
SO_TIMESTAMPNS = 35
"""Of Linux on x86-64 and arm64; Python does not name it."""
AWAY_S = 10.0
MISSED = 20
"""Events that somebody who comes back asks for."""
PAUSE_PER_TABLET_S = 40e-6
STANDARD_INPUT = 0


class Asked(NamedTuple):
    """Where tablets go, and what they say there."""

    port: int
    context: ssl.SSLContext | None
    stream: str
    wants_tickets: bool

    def hello(self, number: int, ticket: str, since: int) -> list[tuple[bytes, bytes]]:
        """What is to be heard before one is in, and what is said then."""
        said = [(b"0", b'40{"ticket":"%s","endpoint":"e%d"}' % (ticket.encode(), number)), (b"40", b"")]
        if self.stream:
            said[1] = (b"40", b'421["sync",{"stream":"%s","since":%d}]' % (self.stream.encode(), since))
            said.append((b"431", b""))
        return said

    def ticket_request(self, number: int) -> bytes:
        """Asks for a ticket with the cookie of this number's session."""
        return (
            f"POST /api/ticket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {COOKIE}=c{number}\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()

    def upgrade_request(self, number: int) -> bytes:
        """Asks for a WebSocket."""
        key, cookie = base64.b64encode(os.urandom(16)).decode(), f"Cookie: {COOKIE}=c{number}\r\n"
        return (
            f"GET /live/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            f"{cookie if self.wants_tickets else ''}Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        ).encode()


class Tablet:
    """One WebSocket client, from its first octet on."""

    def __init__(
        self, asked: Asked, number: int, since: int, opened: Callable[[Tablet], None], before: Tablet | None = None
    ) -> None:  # fmt: skip
        self.tls: ssl.SSLObject | None = None if before is None else before.tls
        self.asked, self.number, self.since, self.opened = asked, number, since, opened
        self.hello: list[tuple[bytes, bytes]] = []
        self.began = time.time()
        self.wants_ticket = asked.wants_tickets
        if not self.wants_ticket:
            self.hello = asked.hello(number, f"t{number}", since)
        self._open(asked.ticket_request(number) if self.wants_ticket else asked.upgrade_request(number))

    def _open(self, request: bytes) -> None:
        self.sock = socket.create_connection(("127.0.0.1", self.asked.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)
        self.buffer, self.is_upgraded, self.arrived = b"", False, 0.0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = self.asked.context
        known = None if self.tls is None else self.tls.session
        self.tls = None if context is None else context.wrap_bio(self.incoming, self.outgoing, session=known)
        self.is_sealed = context is None
        self.request = request
        self.opened(self)
        self._seal()

    def _takes_ticket(self) -> None:
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        if not body.endswith(b"}"):
            return
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(self.buffer.decode())
        self.wants_ticket = False
        self.hello = self.asked.hello(self.number, json.loads(body)["ticket"], self.since)
        self.sock.close()
        self._open(self.asked.upgrade_request(self.number))

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
        if self.wants_ticket:
            self._takes_ticket()
        elif not self.is_upgraded and b"\r\n\r\n" in self.buffer:
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
    """All tablets, and what each of them has heard when."""

    def __init__(self, port: int, count: int, secure: bool, stream: str, wants_tickets: bool) -> None:
        self.count, self.stream = count, stream
        context = None
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.asked = Asked(port, context, stream, wants_tickets)
        self.epoll = select.epoll()
        self.tablets: dict[int, Tablet] = {}
        self.order: list[Tablet] = []
        self.seen: dict[int, list[float]] = {}
        self.counts: dict[int, int] = {}
        self.head = 0
        self.hints = 0
        self.sampled: dict[Tablet, list[tuple[int, float]]] = {}
        """Reader → when each hint was sent (ns) and arrived (s)."""
        self.voted: dict[Tablet, float] = {}
        self.answered: list[float] = []

    def come(self, since: int) -> list[float]:
        """Everybody connects at once and asks for what came after this version; the milliseconds each needed."""
        before: list[Tablet | None] = [*self.order] or [None] * self.count
        fresh = [Tablet(self.asked, number, since, self.opened, before[number]) for number in range(self.count)]
        took: list[float] = []
        while len(took) < self.count:
            for descriptor, _ in self.epoll.poll():
                took += self.hear(self.tablets[descriptor])
        self.order = fresh
        return sorted(round(one * 1000, 3) for one in took)

    def opened(self, tablet: Tablet) -> None:
        """It has a new connection; an old one that it has closed is forgotten by the kernel."""
        self.tablets[tablet.sock.fileno()] = tablet
        self.epoll.register(tablet.sock.fileno(), select.EPOLLIN)

    def hear(self, tablet: Tablet) -> list[float]:
        """Take what has come: events are counted, heartbeats answered; the seconds it took to join, if it just has."""
        frames = tablet.read()
        joined: list[float] = []
        for frame in frames:
            if frame.startswith(EVENT):
                # The kernel tells when the last octets of a read came; beside another message that says nothing.
                self.saw(frame, tablet.arrived if len(frames) == 1 else None)
            elif frame.startswith(HINT):
                self.hints += 1
                if tablet in self.sampled:
                    self.sampled[tablet] += [(int(sent), tablet.arrived) for sent in SENT_AT.findall(frame)]
            elif frame.startswith(b"44"):
                raise ConnectionError(frame.decode())
            elif frame == b"2":
                tablet.send(b"3")
            elif tablet.is_in_after(frame):
                joined.append(tablet.arrived - tablet.began)
            elif frame.startswith(b"437") and tablet in self.voted:
                self.answered.append(tablet.arrived - self.voted.pop(tablet))
                if b'"ok":true' not in frame:
                    raise ConnectionError(frame.decode())
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
            say({"version": version, "arrived": [round(one * 1e6) for one in times]})

    def hear_for(self, seconds: float, beside: Callable[[float], None]) -> float:
        """Read all that comes for so long, doing what is due `beside`; the share of a processor this process used."""
        began, used = time.monotonic(), time.process_time()
        while (passed := time.monotonic() - began) < seconds:
            beside(passed)
            for descriptor, _ in self.epoll.poll(0.002):
                if descriptor != STANDARD_INPUT:
                    self.hear(self.tablets[descriptor])
        return (time.process_time() - used) / (time.monotonic() - began)

    def away(self, _asked: list[str]) -> dict[str, Any]:
        """Everybody loses the network for a while; the server hears nothing of them, nor that they are gone."""
        time.sleep(AWAY_S)
        old, self.tablets = self.tablets, {}
        for descriptor in old:
            self.epoll.unregister(descriptor)
        used, began = time.process_time(), time.monotonic()
        took = self.come(max(1, self.head - MISSED))
        share = (time.process_time() - used) / (time.monotonic() - began)
        for tablet in old.values():
            tablet.sock.close()
        return {"took": took, "generator": share}

    def ink(self, asked: list[str]) -> dict[str, Any]:
        """Some draw, everybody reads; how late what they drew was, and how often each reader heard of it."""
        writers, seconds = int(asked[0]), float(asked[1])
        pens = self.order[:writers]
        readers = self.order[writers:] or self.order
        self.sampled = {one: [] for one in readers[:: max(1, len(readers) // SAMPLED)][:SAMPLED]}
        drawn = self.hints = 0

        def draw(passed: float) -> None:
            nonlocal drawn
            while drawn < passed * PENS_HZ * writers:
                hint = {"stroke": f"s{drawn % writers}", "sent": time.time_ns(), "points": POINTS}
                word = ["hint", {"stream": self.stream or "meeting:1", "type": "stroke", "data": hint}]
                pens[drawn % writers].send(b"42" + json.dumps(word, separators=(",", ":")).encode())
                drawn += 1

        share = self.hear_for(seconds, draw)
        self.hear_for(0.2, lambda _passed: None)
        late = [round((at - sent / 1e9) * 1000, 3) for heard in self.sampled.values() for sent, at in heard]
        found = {"late": late, "drawn": drawn, "frames": self.hints, "readers": len(self.sampled), "generator": share}
        self.sampled = {}
        return found

    def vote(self, asked: list[str]) -> dict[str, Any]:
        """Everybody votes once, at some moment of so many seconds; how long each waited for the answer."""
        ballot, seconds = asked[0], float(asked[1])
        chance = random.Random(1)
        moments = sorted((chance.random() * seconds, number) for number in range(self.count))
        moments.reverse()
        self.answered = []

        def cast(passed: float) -> None:
            while moments and moments[-1][0] <= passed:
                number = moments.pop()[1]
                choice = {"type": "ballot.cast", "ballot": ballot, "mandate": f"t{number}", "choice": "agree"}
                word = {"stream": self.stream or "meeting:1", "id": f"v-{ballot}-{number}", "command": choice}
                self.voted[self.order[number]] = time.time()
                self.order[number].send(b"427" + json.dumps(["command", word], separators=(",", ":")).encode())

        share = self.hear_for(seconds, cast)
        while self.voted:
            self.hear_for(0.1, lambda _passed: None)
        return {"took": sorted(round(one * 1000, 3) for one in self.answered), "generator": share}

    def stay(self) -> None:
        """Read for ever, and do what standard input says."""
        orders = {"away": self.away, "ink": self.ink, "vote": self.vote}
        self.epoll.register(STANDARD_INPUT, select.EPOLLIN)
        while True:
            self.epoll.poll()
            time.sleep(PAUSE_PER_TABLET_S * self.count)
            for descriptor, _ in self.epoll.poll():
                if descriptor != STANDARD_INPUT:
                    self.hear(self.tablets[descriptor])
                    continue
                words = sys.stdin.readline().split()
                if not words:
                    return
                say(orders[words[0]](words[1:]))
                break  # the descriptors of this round may be of old connections


def say(found: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(found), flush=True)


def main(port: int, count: int, secure: bool, stream: str, wants_tickets: bool) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    crowd = Crowd(port, count, secure, stream, wants_tickets)
    used, began = time.process_time(), time.monotonic()
    took = crowd.come(0)
    say({"took": took, "generator": (time.process_time() - used) / (time.monotonic() - began)})
    crowd.stay()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "tls", sys.argv[4], "tickets" in sys.argv[5:])
