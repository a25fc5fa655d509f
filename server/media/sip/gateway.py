"""One codec's gateway: `python -m server.media.sip.gateway`. It mixes, transcodes, and passes on; it decides nothing.

It hears from the switchboard on its standard input and answers on its standard output. It opens its sockets, then it
locks itself in: what it decodes was sent by strangers. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

import msgspec

from server.clock import Clock, Millis, SystemClock
from server.confine import PROGRAM_FILES, Policy, confine
from server.errors import Unavailable
from server.media.dtls import Certificate
from server.media.link import LINE_LIMIT, encode
from server.media.sip import uplink
from server.media.sip.bridge import Bridge
from server.media.sip.terms import Own, answer, offer, read_terms
from server.media.sip.words import Agreed, Begin, Fresh, FromGateway, Lost, Said, Through, ToGateway, Told, Unable, Why
from server.media.sip.words import decode_to_gateway as decode

LONGEST_CPU_S = 7 * 86_400
SILENT_MS = 60_000
"""A codec of which nothing at all came for so long is gone."""
KEY_EVERY_MS = 1_000
TICK_S = 0.01


class Gateway:
    """From its first word to its last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.certificate = Certificate()
        self.begin: Begin | None = None
        self.bridge = Bridge(clock, self.certificate, self._wants_picture)
        self.asked_at: Millis = 0
        self.joining: asyncio.Task[None] | None = None

    def say(self, word: FromGateway) -> None:
        """One line to the switchboard."""
        with contextlib.suppress(OSError):
            os.write(sys.stdout.fileno(), encode(word))

    def _wants_picture(self) -> None:
        now = self.clock.now()
        if now - self.asked_at >= KEY_EVERY_MS:
            self.asked_at = now
            self.say(Fresh())

    def heed(self, word: ToGateway) -> None:
        """One word of the switchboard. Raises ValueError when the codec speaks nothing that we do."""
        if isinstance(word, Begin):
            self._begin(word)
        elif isinstance(word, Fresh):
            self.bridge.refresh()
        elif isinstance(word, Lost):
            self._offer_anew()
        elif word.leg == "room":
            self._agreed_with(word)
        else:
            self.bridge.answered(word.leg, word.sdp)

    def _begin(self, word: Begin) -> None:
        self.begin = word
        room = self.bridge.room
        room.prepare(socket.AF_INET).bind((word.host, 0))
        port = room.prepare(socket.AF_INET).getsockname()[1]
        for peer in (self.bridge.up, self.bridge.down):
            peer.prepare(socket.AF_INET)
        confine(Policy(PROGRAM_FILES, [], cpu_s=LONGEST_CPU_S, file_mb=1))
        own = Own(room.ufrag, room.password, self.certificate.fingerprint, (word.host, port))
        if not word.offer:
            self.say(Said("room", offer(own)))
            return
        text, terms = answer(own, word.offer)
        self.say(Said("room", text))
        self.bridge.speak(terms, (word.height, word.kbps))
        self._join()

    def _agreed_with(self, word: Told) -> None:
        assert self.begin is not None
        self.bridge.speak(read_terms(word.sdp), (self.begin.height, self.begin.kbps))
        self._join()

    def _join(self) -> None:
        """The codec is known: find it, and offer to the forwarder what it speaks."""
        terms = self.bridge.terms
        assert terms is not None
        self.say(Agreed(terms.audio.name, terms.video.name if terms.video else ""))
        self.offer_up_and_down()
        self.joining = asyncio.ensure_future(self.bridge.room.reach(terms.place))
        self.joining.add_done_callback(self._joined)

    def _joined(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is None:
            self.say(Through())

    def offer_up_and_down(self) -> None:
        """Say what we send to the forwarder and what we take from it; again after a line of these has broken."""
        terms, certificate = self.bridge.terms, self.certificate.fingerprint
        assert terms is not None
        up = self.bridge.up
        spoken = (terms.video.name, terms.video.parameters) if terms.video else ("", "")
        self.say(Said("up", uplink.offer(Own(up.ufrag, up.password, certificate, ("", 0)), *spoken)))
        self.say(Said("down", self.bridge.down_offer()))

    async def run(self, reader: asyncio.StreamReader) -> Why:
        """Until the input ends, or the codec is gone; why."""
        ticking = asyncio.ensure_future(self._tick())
        hearing = asyncio.ensure_future(self._hear(reader))
        done, _ = await asyncio.wait((ticking, hearing), return_when=asyncio.FIRST_COMPLETED)
        for task in (ticking, hearing):
            task.cancel()
        await self.bridge.close()
        return next(iter(done)).result()

    async def _hear(self, reader: asyncio.StreamReader) -> Why:
        while line := await reader.readline():
            try:
                self.heed(decode(line))
            except (ValueError, msgspec.DecodeError):
                return "nothing_in_common"
        return ""

    async def _tick(self) -> Why:
        while True:
            await asyncio.sleep(TICK_S)
            now = self.clock.now()
            if self.joining is not None and self.joining.done():
                if isinstance(self.joining.exception(), Unavailable) or not self.bridge.room.alive:
                    return "unreachable"
                if now - self.bridge.room.heard_at > SILENT_MS:
                    return "no_media"
            self.bridge.step(now)
            if self.bridge.broken:
                self._offer_anew()

    def _offer_anew(self) -> None:
        if self.bridge.terms is not None:
            self.bridge.anew()
            self.offer_up_and_down()


async def main() -> None:
    """Serve one codec."""
    gateway = Gateway(SystemClock())
    reader = asyncio.StreamReader(LINE_LIMIT)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    gateway.say(Unable(await gateway.run(reader)))


if __name__ == "__main__":
    asyncio.run(main())
