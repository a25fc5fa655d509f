"""What flows through a gateway: a voice and a picture each way, and the beats that keep its three lines alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.clock import Clock, Millis
from server.media import rtcp
from server.media.dtls import Certificate
from server.media.peer import OWN_SSRC
from server.media.recorder import agreement
from server.media.recorder.index import Track
from server.media.recorder.session import Session
from server.media.remote import read_place
from server.media.rtcp import SenderReport
from server.media.rtp import AUDIO_RATE, Codec, Packet
from server.media.sip.coding import PIECE_MS, STEPS, Mouth, level, mixed
from server.media.sip.legs import Leg, RoomLeg
from server.media.sip.packing import Outgoing
from server.media.sip.picture import Picture
from server.media.sip.terms import SSRCS, Terms
from server.media.sip.uplink import LEVEL_ID, MID_ID, OPUS, PICTURE, PICTURE_SSRC, VOICE_SSRC
from server.media.sip.voice import Voice

BEAT_MS = 100
REPORT_MS = 1_000
KEY_EVERY_MS = 500
LATE_MS = 200
"""So late the beat of the voices begins anew, instead of catching up."""
NAME = "codec"


class Bridge:
    """Three lines and what goes over from one to another. `wanted` is called when the codec should send afresh."""

    def __init__(self, clock: Clock, certificate: Certificate, wanted: Callable[[], None]) -> None:
        self.clock = clock
        self.certificate = certificate
        self.wanted = wanted
        self.room = RoomLeg(clock, certificate, self.refresh, self._from_room)
        self.up, self.down = Leg(clock, certificate, self._ask_room), Session(clock, certificate, self)
        self.terms: Terms | None = None
        self.said = Mouth("OPUS")
        self.voices = [Voice("OPUS") for _ in range(3)]
        self.up_voice, self.up_picture = Outgoing(VOICE_SSRC, OPUS, AUDIO_RATE), Outgoing(PICTURE_SSRC, PICTURE)
        self.picture: Picture | None = None
        self.due = self.beaten = self.reported = self.asked_at = clock.now()
        self.joining: list[asyncio.Task[None]] = []
        self.answered_legs: set[str] = set()

    def speak(self, terms: Terms, limits: tuple[int, int]) -> None:
        """What is spoken with the codec is known; `limits` are the height and the kbit/s of its pictures."""
        self.terms = self.room.terms = terms
        self.heard, self.told = Voice(terms.audio.name), Mouth(terms.audio.name)
        self.room_voice = Outgoing(SSRCS["audio"], terms.audio.payload_type, 50 * STEPS[terms.audio.name])
        if terms.video is not None:
            self.picture = Picture(Outgoing(SSRCS["video"], terms.video.payload_type), terms.video.name, *limits)

    def down_offer(self) -> str:
        """What we take of the forwarder."""
        return agreement.offer(self.down.ufrag, self.down.password, self.certificate.fingerprint)

    def answered(self, leg: str, sdp: str) -> None:
        """The forwarder has answered. Raises ValueError when its answer cannot be read."""
        self.answered_legs.add(leg)
        joining = self.up.reach(read_place(sdp)) if leg == "up" else self.down.connect(agreement.read_answer(sdp))
        self.joining.append(asyncio.ensure_future(joining))

    @property
    def broken(self) -> bool:
        """Whether a line to the forwarder has broken, once both were offered."""
        if len(self.answered_legs) < 2 or not all(one.done() for one in self.joining):
            return False
        return any(one.cancelled() or one.exception() for one in self.joining) or not (
            self.up.alive and self.down.alive
        )

    def anew(self) -> None:
        """Other lines to the forwarder, over the same sockets: a process that is locked in opens no more of them."""
        up, down = self.up, self.down
        for task in self.joining:
            task.cancel()
        self.up, self.down = (
            Leg(self.clock, self.certificate, self._ask_room),
            Session(self.clock, self.certificate, self),
        )
        self.up.sockets, self.down.sockets = up.sockets, down.sockets
        self.joining, self.answered_legs = [], set()

    # What comes in -------------------------------------------------------------------------------------------------

    def _from_room(self, kind: str, packet: Packet) -> None:
        if kind == "audio":
            self.heard.put(packet)
            return
        out = self.up_picture
        out.number = (packet.number - 1) & 0xFFFF
        self.up.send_rtp(out.packet(packet.payload, packet.timestamp, packet.marker, {MID_ID: b"1"}))
        out.sent_at = packet.arrival

    def packet(self, track: Track, codec: Codec, packet: Packet) -> None:
        """One packet of the forwarder (see `recorder.session.Receiver`)."""
        if track == "picture" and self.picture is not None:
            self.picture.put(codec, packet)
        elif track.startswith("voice"):
            self.voices[int(track[-1])].put(packet)

    def report(self, track: Track, report: SenderReport) -> None:
        """Voices and pictures go through in the time they take; nobody needs the forwarder's clock here."""

    def _ask_room(self) -> None:
        if self.room.picture_ssrc:
            self.room.send_rtcp(
                rtcp.receiver_report(OWN_SSRC, []) + rtcp.key_frame_request(OWN_SSRC, self.room.picture_ssrc)
            )
            self.wanted()

    def refresh(self) -> None:
        """The codec wants a picture that stands alone."""
        if self.picture is not None and self.picture.refresh():
            self._ask_stage()

    def _ask_stage(self) -> None:
        now = self.clock.now()
        if self.down.keys is not None and now - self.asked_at >= KEY_EVERY_MS:
            self.asked_at = now
            self.down.ask("picture", [], True)

    # What goes out -------------------------------------------------------------------------------------------------

    def step(self, now: Millis) -> None:
        """A hundred times a second: read, pass on, and every 20 ms speak."""
        for peer in (self.room, self.up, self.down):
            if peer.keys is not None:
                peer.drain()
        if self.terms is None:
            return
        if now - self.due > LATE_MS:
            self.due = now
        while self.due <= now:
            self._speak(self.due)
            self.due += PIECE_MS
        if self.picture is not None:
            self._show(self.picture, now)
        if now - self.beaten >= BEAT_MS:
            self._beat(now)

    def _speak(self, now: Millis) -> None:
        assert self.terms is not None
        piece = self.heard.take(now)
        for payload in self.said.say(piece):
            elements = {MID_ID: b"0", LEVEL_ID: bytes((level(piece),))}
            self.up.send_rtp(self.up_voice.packet(payload, self.up_voice.timestamp + 960, 0, elements))
        step = STEPS[self.terms.audio.name]
        for payload in self.told.say(mixed([voice.take(now) for voice in self.voices])):
            self.room.send_rtp(self.room_voice.packet(payload, self.room_voice.timestamp + step, 0))
        self.up_voice.sent_at = self.room_voice.sent_at = now

    def _show(self, picture: Picture, now: Millis) -> None:
        for packet in picture.take(now):
            self.room.send_rtp(packet)
            picture.out.sent_at = now
        if picture.wants_key:
            self._ask_stage()
        missing = picture.jitter.wanted(now)
        if missing and self.down.keys is not None:
            self.down.ask("picture", missing, False)

    def _beat(self, now: Millis) -> None:
        self.beaten = now
        for peer in (self.room, self.up, self.down):
            if peer.keys is not None:
                peer.beat(now)
        if now - self.reported >= REPORT_MS:
            self.reported = now
            streams = [(self.up, self.up_voice), (self.up, self.up_picture), (self.room, self.room_voice)]
            if self.picture is not None:
                streams.append((self.room, self.picture.out))
            for leg, out in streams:
                if out.packets:
                    leg.send_rtcp(out.report(NAME, now, out.sent_at))

    async def close(self) -> None:
        """Say goodbye on all lines."""
        for task in self.joining:
            task.cancel()
        await asyncio.gather(self.room.close(), self.up.close(), self.down.close())
