"""A lean WebRTC peer: ICE, DTLS and SRTP without codecs. Sends scripted packets, counts and times what arrives.

One peer is one UDP socket on loopback. `Peers` reads all of them in one loop, so that a few dozen receivers cost the
load tool little.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import socket
import struct
import time
from collections.abc import Callable

from aioice import stun
from pylibsrtp._binding import lib

from server.media import ice
from server.media.dtls import Certificate, Handshake, Keys, Scratch
from server.media.rtp import is_rtcp

POLL_S = 0.003
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
TWCC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
EXTENSIONS = {MID: 4, RID: 10, TWCC: 3, LEVEL: 1}
SO_TIMESTAMPNS = 35


def own_address() -> str:
    """This machine's address: Janus refuses loopback, and packets to ourselves stay inside all the same."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a datagram socket only chooses an address.
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


HOST = own_address()


class Remote:
    """What an SDP says about the other side."""

    def __init__(self, sdp: str) -> None:
        self.ufrag = re.findall(r"a=ice-ufrag:(\S+)", sdp)[0]
        self.password = re.findall(r"a=ice-pwd:(\S+)", sdp)[0]
        self.fingerprint = re.findall(r"a=fingerprint:sha-256 (\S+)", sdp)[0]
        found = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", sdp, re.IGNORECASE)
        local = [one for one in found if one[0] in ("127.0.0.1", HOST)] or found
        self.address = (local[0][0], int(local[0][1]))


class Peers:
    """The sockets of many peers, read together."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.certificate = Certificate()
        self.scratch = Scratch()
        self.all: list[Peer] = []
        self.task: asyncio.Task[None] | None = None

    def add(self, timed: bool = False) -> Peer:
        peer = Peer(self, timed, self.host)
        self.all.append(peer)
        self.start()
        return peer

    def start(self) -> None:
        """Read from now on."""
        if self.task is None:
            self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            for peer in self.all:
                peer.drain()
            await asyncio.sleep(POLL_S)

    async def remove(self, peer: Peer) -> None:
        """Forget a peer."""
        self.all.remove(peer)
        if peer.keepalive is not None:
            peer.keepalive.cancel()
        if peer.handshake is not None:
            await peer.handshake.stop()
        peer.socket.close()

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
        for peer in list(self.all):
            await self.remove(peer)


class Peer:
    """One connection."""

    def __init__(self, peers: Peers, timed: bool = False, host: str = "127.0.0.1") -> None:
        self.peers = peers
        self.host = host
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(16)
        self.socket = self._bind()
        self.remote: Remote | None = None
        self.handshake: Handshake | None = None
        self.incoming: Keys | None = None
        self.outgoing: Keys | None = None
        self.reachable = asyncio.Event()
        self.timed = timed
        self.session = ""
        self.packets = 0
        self.octets = 0
        self.transport_sequence = 0
        self.answered_at: float | None = None
        self.on_rtp: Callable[[bytes, int], None] | None = None
        self.on_rtcp: Callable[[bytes], None] | None = None
        self.on_header: Callable[[memoryview], None] | None = None
        self.ssrcs: tuple[int, ...] = ()
        self.keepalive: asyncio.Task[None] | None = None

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind((self.host, 0))
        sock.setblocking(False)
        return sock

    def move(self) -> None:
        """Send from another port from now on, as after a change of network."""
        self.socket.close()
        self.socket = self._bind()

    @property
    def fingerprint(self) -> str:
        return self.peers.certificate.fingerprint

    async def connect(self, sdp: str, fingerprint: str = "", limit_s: float = 10) -> None:
        """Check, shake hands. Raises ConnectionError or TimeoutError when it does not come about."""
        self.remote = Remote(sdp)
        for _ in range(50):
            self.check()
            try:
                await asyncio.wait_for(self.reachable.wait(), 0.1)
                break
            except TimeoutError:
                continue
        self.keepalive = asyncio.create_task(self._keep_alive())
        expected = fingerprint or self.remote.fingerprint
        self.handshake = Handshake(self.peers.certificate, [("sha-256", expected)], self._send, client=True)
        keys = await asyncio.wait_for(self.handshake.run(), limit_s)
        if keys is None:
            raise ConnectionError("no handshake")
        self.incoming, self.outgoing = keys

    async def _keep_alive(self) -> None:
        for count in itertools.count():
            # Often at first: the other side may not have known our password yet.
            await asyncio.sleep(2.5 if count > 10 else 0.2)
            self.check()

    def check(self, nominate: bool = True) -> None:
        """One connectivity check."""
        assert self.remote is not None
        attributes: dict[str, object] = {
            "USERNAME": f"{self.remote.ufrag}:{self.ufrag}",
            "PRIORITY": 1853824767,
            "ICE-CONTROLLING": 1,
        }
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity(self.remote.password.encode())
        self._send(bytes(message))

    def _send(self, data: bytes) -> None:
        assert self.remote is not None
        try:
            self.socket.sendto(data, self.remote.address)
        except OSError:
            return

    def send_raw(self, data: bytes) -> None:
        """Any datagram to the server."""
        self._send(data)

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send one RTP packet."""
        scratch, keys = self.peers.scratch, self.outgoing
        assert keys is not None
        scratch.memory[: len(packet)] = packet
        scratch.length[0] = len(packet)
        if not lib.srtp_protect(keys.pointer, scratch.pointer, scratch.length):
            self._send(bytes(scratch.view[: scratch.length[0]]))

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send one compound RTCP packet."""
        assert self.outgoing is not None
        self._send(self.peers.scratch.protect_rtcp(self.outgoing, packet))

    def drain(self) -> None:
        """Read what has arrived."""
        if self.timed:
            self._drain_timed()
            return
        receive, view = self.socket.recv_into, self.peers.scratch.view
        while True:
            try:
                size = receive(view)
            except OSError:
                return
            self._received(size, 0)

    def _drain_timed(self) -> None:
        scratch = self.peers.scratch
        while True:
            try:
                size, ancillary, _, _ = self.socket.recvmsg_into([scratch.memory], 64)
            except OSError:
                return
            seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2]) if ancillary else (0, 0)
            self._received(size, seconds * 1_000_000_000 + nanoseconds)

    def _received(self, size: int, at_ns: int) -> None:
        scratch = self.peers.scratch
        first = scratch.memory[0] if size else 0
        if 128 <= first <= 191:
            self._media(size, at_ns)
        elif 20 <= first <= 63 and self.handshake is not None:
            self.handshake.received(bytes(scratch.view[:size]))
        elif size >= 20 and first < 2:
            self._stun(bytes(scratch.view[:size]))

    def _media(self, size: int, at_ns: int) -> None:
        scratch = self.peers.scratch
        if is_rtcp(scratch.view[:2]):
            if self.on_rtcp is not None and self.incoming is not None:
                length = scratch.unprotect_rtcp(self.incoming, size)
                if length:
                    self.on_rtcp(bytes(scratch.view[:length]))
            return
        self.packets += 1
        self.octets += size
        if self.on_header is not None:
            self.on_header(scratch.view)
        if self.on_rtp is not None and self.incoming is not None:
            length = scratch.unprotect(self.incoming, size)
            if length:
                self.on_rtp(bytes(scratch.view[:length]), at_ns)

    def _stun(self, data: bytes) -> None:
        if data[0] == 1:
            self.reachable.set()
            self.answered_at = time.monotonic()
            return
        assert self.remote is not None
        found = ice.check(data, self.remote.address, lambda local, _: self.password if local == self.ufrag else None)
        if found is not None:
            self._send(found.answer)


def build(header: tuple[int, int, int, int, int], elements: dict[int, bytes], payload: bytes) -> bytes:
    """An RTP packet: header is (payload type, marker 0|128, sequence, timestamp, ssrc)."""
    kind, marker, sequence, timestamp, ssrc = header
    block = b"".join(bytes((key << 4 | len(value) - 1,)) + value for key, value in elements.items())
    block += bytes(-len(block) % 4)
    fixed = struct.pack(
        ">BBHII", 0x90 if block else 0x80, marker | kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc
    )
    return fixed + (struct.pack(">HH", 0xBEDE, len(block) // 4) + block if block else b"") + payload


def _media(peer: Peer, kind: str, mid: str, direction: str, extra: list[str]) -> list[str]:
    types = "96 97 102 103" if kind == "video" else "111"
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{mid}",
        f"a={direction}",
    ]
    lines += [f"a=ice-ufrag:{peer.ufrag}", f"a=ice-pwd:{peer.password}", f"a=fingerprint:sha-256 {peer.fingerprint}"]
    lines += ["a=setup:active"] + [f"a=extmap:{number} {uri}" for uri, number in EXTENSIONS.items()]
    if kind == "video":
        lines += ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 transport-cc"]
        lines += ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtpmap:102 H264/90000"]
        lines += ["a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"]
        lines += ["a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102"]
    else:
        lines += ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]
    return lines + extra


def _session(mids: list[str]) -> list[str]:
    return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]


def offer_up(peer: Peer, ssrcs: tuple[int, ...] = (), rids: tuple[str, ...] = ()) -> str:
    """An offer with one microphone (mid 0) and one camera (mid 1); `ssrcs` are (audio, video, repeat)."""
    audio = [f"a=ssrc:{ssrcs[0]} cname:x"] if ssrcs else []
    video = [f"a=ssrc-group:FID {ssrcs[1]} {ssrcs[2]}", f"a=ssrc:{ssrcs[1]} cname:x"] if ssrcs else []
    video += [f"a=rid:{rid} send" for rid in rids] + ([f"a=simulcast:send {';'.join(rids)}"] if rids else [])
    lines = _session(["0", "1"]) + _media(peer, "audio", "0", "sendonly", audio)
    return "\r\n".join([*lines, *_media(peer, "video", "1", "sendonly", video), ""])


def offer_down(peer: Peer, videos: int, audios: int = 3) -> str:
    """An offer for so many m-lines of pictures and of sound."""
    mids = [str(index) for index in range(audios + videos)]
    lines = _session(mids)
    for index, mid in enumerate(mids):
        lines += _media(peer, "audio" if index < audios else "video", mid, "recvonly", [])
    return "\r\n".join([*lines, ""])


def vp8(key: bool, first: bool, rest: bytes = b"") -> bytes:
    """A VP8 payload: one-octet descriptor, then the frame's first octet (its lowest bit is 0 on key frames)."""
    return bytes((0x10 if first else 0x00, 0 if key else 1)) + rest


def h264(key: bool, first: bool, rest: bytes = b"") -> bytes:
    """A piece of an H264 picture (RFC 6184 §5.8): an IDR slice where it is a key frame."""
    return bytes((0x7C, (0x80 if first else 0) | (5 if key else 1))) + rest
