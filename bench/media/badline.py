"""Peers behind a bad line: a sender that repeats and begins anew as a browser does, a screen that says what it saw."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable

from bench.media.client import RID, Peer, Peers, build, offer_down, offer_up, vp8
from bench.media.heldtime import Wire
from bench.media.link import Link
from server.media import feedback, red, rtcp
from server.media.feedback import Arrivals
from server.media.rtp import Packet

REPAIRED = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
LAYERS = {"l": (620, 1), "m": (950, 2), "h": (1_100, 5)}
"""Octets a packet and packets a frame: 150 (as much as our cameras may), 460 and 1,300 kbit/s at 30 frames a second."""
RATE = 30
STEPS = ((("l", "m", "h"), 1.0), (("l", "m"), 1.0), (("l",), 1.0), (("l",), 0.5))
"""What the camera sends when less and less gets through: which layers, at which share of their size."""
FULL_AT = 0.5
"""Where more than half is lost the line is full; where less is lost, sending less would not help."""
NARROW_EVERY_MS = 400.0
AROUND, SOUND_BPS = 60, 80_000
"""Octets of headers a packet; two voices a packet, 50 packets a second."""
REPORT_MS = 100.0
ASK_MS = 50.0
GIVE_UP_MS = 500.0
PLAYOUT_MS = 80.0
"""How long a jitter buffer waits at least; NetEq begins with as much."""


def now_ms() -> float:
    """The loop's time, which may be held."""
    return asyncio.get_running_loop().time() * 1000


class BadPeer(Peer):
    """A peer whose datagrams pass through links, once there are some."""

    def __init__(self, peers: Peers, wire: Wire) -> None:
        self.wire = wire
        super().__init__(peers)
        self.up: Link | None = None
        self.down: Link | None = None
        peers.all.append(self)

    def _bind(self) -> socket.socket:
        return self.wire.end()

    def _send(self, data: bytes) -> None:
        if self.up is None:
            super()._send(data)
            return
        for at in self.up.carry(now_ms(), len(data)):
            asyncio.get_running_loop().call_at(at / 1000, super()._send, data)

    def _received(self, size: int, at_ns: int) -> None:
        if self.down is None:
            super()._received(size, at_ns)
            return
        data = bytes(self.peers.scratch.view[:size])
        for at in self.down.carry(now_ms(), size):
            asyncio.get_running_loop().call_at(at / 1000, self._late, data)

    def _late(self, data: bytes) -> None:
        self.peers.scratch.memory[: len(data)] = data
        super()._received(len(data), 0)


def offer_camera(peer: Peer) -> str:
    """A microphone and a camera with three layers, each of which can be repeated."""
    named = f"a=extmap:10 {RID}"
    return _with_red(offer_up(peer, (), tuple(LAYERS)).replace(named, f"{named}\r\na=extmap:11 {REPAIRED}"))


def offer_screen(peer: Peer) -> str:
    """One picture and the stage's voice."""
    return _with_red(offer_down(peer, 1))


def _with_red(offer: str) -> str:
    """Sound with its predecessors, offered as Chromium does."""
    offer = offer.replace("SAVPF 111\r\n", "SAVPF 111 63\r\n")
    return offer.replace("a=rtpmap:111 ", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 ")


def bits_per_second(step: int) -> float:
    """What a camera and a microphone send at that step."""
    layers, share = STEPS[step]
    return SOUND_BPS + sum((LAYERS[rid][0] * share + AROUND) * LAYERS[rid][1] * RATE * 8 for rid in layers)


class Studio:
    """One site: 50 numbered voices and 30 numbered pictures a second on three layers."""

    def __init__(self, peer: Peer, answer: str) -> None:
        self.peer = peer
        self.with_older = "UDP/TLS/RTP/SAVPF 63 111" in answer
        self.sent: dict[int, float] = {}
        self.before = Packet(0, 0, 0, b"", False, 0)
        self.sequence = dict.fromkeys(LAYERS, 0)
        self.repeats = dict.fromkeys(LAYERS, 0)
        self.kept: dict[str, dict[int, tuple[int, int, bytes]]] = {rid: {} for rid in LAYERS}
        self.wanted = set(LAYERS)
        self.frame = self.sound = self.wide = 0
        self.filling = os.urandom(1_200)
        self.step = 0
        self.told = (0, 0)
        self.narrowed_at = now_ms()
        peer.on_rtcp = self._heed

    def _heed(self, data: bytes) -> None:
        rids = dict(enumerate(LAYERS, 200))
        for message in rtcp.parse(data):
            if isinstance(message, rtcp.KeyFrameRequest) and message.ssrc in rids:
                self.wanted.add(rids[message.ssrc])
            elif isinstance(message, rtcp.Nack) and message.ssrc in rids:
                for sequence in message.sequences:
                    self._repeat(rids[message.ssrc], sequence)
            elif isinstance(message, rtcp.TransportFeedback):
                came, lost, _ = feedback.summarize(message.body)
                self.told = (self.told[0] + came, self.told[1] + lost)

    def _narrow(self) -> None:
        """Send no more than gets through when the line is full; a browser does so within half a second."""
        if now_ms() - self.narrowed_at < NARROW_EVERY_MS:
            return
        came, lost = self.told
        self.told, self.narrowed_at = (0, 0), now_ms()
        if lost > FULL_AT * (came + lost):
            through = bits_per_second(self.step) * came / (came + lost)
            fitting = [step for step in range(len(STEPS)) if bits_per_second(step) <= through]
            self.step = fitting[0] if fitting else len(STEPS) - 1

    def _repeat(self, rid: str, sequence: int) -> None:
        found = self.kept[rid].get(sequence)
        if found is None:
            return
        self.repeats[rid] += 1
        marker, timestamp, payload = found
        ssrc = 300 + list(LAYERS).index(rid)
        header = (97, marker, self.repeats[rid], timestamp, ssrc)
        self._send(header, {4: b"1", 11: rid.encode()}, sequence.to_bytes(2) + payload)

    def picture(self) -> None:
        """One picture on every layer."""
        self.frame += 1
        self._narrow()
        layers, share = STEPS[self.step]
        for index, (rid, (full, packets)) in enumerate(LAYERS.items()):
            if rid not in layers:
                continue
            key, size = rid in self.wanted, int(full * share)
            self.wanted.discard(rid)
            for part in range(packets):
                self.sequence[rid] = sequence = (self.sequence[rid] + 1) & 0xFFFF
                payload = vp8(key, part == 0, self.frame.to_bytes(4) + self.filling[:size])
                marker, timestamp = 128 if part == packets - 1 else 0, self.frame * 90_000 // RATE
                self.kept[rid][sequence] = (marker, timestamp, payload)
                self.kept[rid].pop((sequence - 1_000) & 0xFFFF, None)
                self._send((96, marker, sequence, timestamp, 200 + index), {4: b"1", 10: rid.encode()}, payload)

    def voice(self) -> None:
        """Twenty milliseconds of sound."""
        self.sound += 1
        voice = Packet(self.sound, self.sound * 960, 0, self.sound.to_bytes(4) + self.filling[:76], False, 0)
        payload = red.join(111, voice, [self.before]) if self.with_older else voice.payload
        self.before = voice
        self.sent[self.sound] = now_ms()
        kind = 63 if self.with_older else 111
        self._send((kind, 0, self.sound, voice.timestamp, 199), {4: b"0", 1: b"\x14"}, payload)

    def _send(self, header: tuple[int, int, int, int, int], elements: dict[int, bytes], payload: bytes) -> None:
        self.wide = (self.wide + 1) & 0xFFFF
        self.peer.send_rtp(build(header, {**elements, 3: self.wide.to_bytes(2)}, payload))

    async def run(self) -> None:
        """Keep the pace until cancelled."""
        start = now_ms()
        while True:
            passed = (now_ms() - start) / 1000
            while self.frame < passed * RATE:
                self.picture()
            while self.sound < passed * 50:
                self.voice()
            await asyncio.sleep(0.002)


class Voices:
    """Which numbered voices came, and when for the first time."""

    def __init__(self) -> None:
        self.arrived: dict[int, float] = {}

    def came(self, payload: bytes) -> None:
        """One payload of sound."""
        self.arrived.setdefault(int.from_bytes(payload[:4]), now_ms())

    def played(self, sent: dict[int, float], first: int, last: int, jitter_ms: float) -> float:
        """The share of the voices first … last, sent when it says, that came before a jitter buffer did without."""
        took = sorted(at - sent[number] for number, at in self.arrived.items() if first <= number <= last)
        if not took:
            return 0.0
        # Not the very first: the last voice may have come by the line when it was healed.
        due = took[len(took) // 50] + PLAYOUT_MS + 2 * jitter_ms
        return sum(one <= due for one in took) / (last - first + 1)


class Pictures:
    """Puts packets in order, asks for what is missing, and notes when a picture could be shown."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.ssrc = 0
        self.kept: dict[int, tuple[bool, bool, int]] = {}
        self.next: int | None = None
        self.highest = 0
        self.holes: dict[int, tuple[float, float]] = {}
        self.shown: list[tuple[float, int]] = []
        self.asked_key = 0.0

    def came(self, sequence: int, marker: bool, payload: bytes) -> None:
        """One packet, at first or as a repeat: its number, whether it ends a picture, its payload."""
        number = self.highest + ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000
        self.holes.pop(number, None)
        begins_key = payload[0] & 0x10 != 0 and payload[1] & 1 == 0
        self.kept[number] = (begins_key, marker, int.from_bytes(payload[2:6]))
        if self.next is None:
            if not begins_key:
                self.want_key()
                return
            self.next = self.highest = number
        for missing in range(self.highest + 1, number):
            self.holes[missing] = (now_ms(), now_ms())
        self.highest = max(self.highest, number)
        self._show()

    def _show(self) -> None:
        while self.next is not None and (found := self.kept.pop(self.next, None)) is not None:
            self.next += 1
            if found[1]:
                self.shown.append((now_ms(), found[2]))

    def ask(self) -> None:
        """Ask for what is missing; call every 10 ms or so."""
        now, wanted = now_ms(), []
        for number, (born, at) in list(self.holes.items()):
            if now - born > GIVE_UP_MS:
                self._skip()
                return
            if at <= now:
                wanted.append(number)
                self.holes[number] = (born, now + ASK_MS)
        if wanted:
            self.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.nack(1, self.ssrc, wanted[:100]))

    def _skip(self) -> None:
        """Something is gone for good: go on at the next key frame."""
        keys = [number for number, one in self.kept.items() if one[0] and number > (self.next or 0)]
        if not keys:
            self.want_key()
            return
        self.next = max(keys)
        self.holes = {number: one for number, one in self.holes.items() if number > max(keys)}
        self.kept = {number: one for number, one in self.kept.items() if number >= max(keys)}
        self._show()

    def want_key(self) -> None:
        """Ask for a picture that stands alone, at most every 300 ms."""
        if self.ssrc and now_ms() - self.asked_key > 300:
            self.asked_key = now_ms()
            self.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.key_frame_request(1, self.ssrc))


class Viewer:
    """One screen with the stage's sound and picture, which reports as a browser does."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.voices = Voices()
        self.pictures = Pictures(peer)
        self.arrivals = Arrivals()
        peer.on_rtp = self._rtp

    def _rtp(self, data: bytes, _: int) -> None:
        start = 16 + 4 * int.from_bytes(data[14:16]) if data[0] & 0x10 else 12
        self._number(data, start)
        if data[0] & 0x20:
            data = data[: len(data) - data[-1]]
        kind, payload = data[1] & 0x7F, data[start:]
        if kind == 111:
            self.voices.came(payload)
        elif kind == 63:
            for _, voice in red.split(payload):
                self.voices.came(voice)
        elif kind == 96:
            self.pictures.ssrc = int.from_bytes(data[8:12])
            self.pictures.came(int.from_bytes(data[2:4]), bool(data[1] & 0x80), payload)
        elif kind == 97 and len(payload) > 6:
            self.pictures.came(int.from_bytes(payload[:2]), bool(data[1] & 0x80), payload[2:])

    def _number(self, data: bytes, end: int) -> None:
        position = 16
        while position < end:
            if data[position] == 0x31:
                number = int.from_bytes(data[position + 1 : position + 3])
                self.arrivals.arrived(number, int(now_ms() * 1_000))
                return
            position += 2 + (data[position] & 15) if data[position] else 1

    async def run(self) -> None:
        """Report and ask until cancelled."""
        told = 0.0
        while True:
            self.pictures.ask()
            if now_ms() - told >= REPORT_MS:
                told = now_ms()
                for report in self._reports():
                    self.peer.send_rtcp(report)
            await asyncio.sleep(0.01)

    def _reports(self) -> Iterable[bytes]:
        return self.arrivals.reports(1, 1)
