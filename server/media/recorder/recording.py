"""One conference as it is recorded: keeps a connection to the forwarder, and the tracks on their way to the disk."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Literal

import structlog

from server.clock import Clock, Millis
from server.errors import Problem
from server.media.conference import RECORDER, Grants, Seats
from server.media.dtls import Certificate
from server.media.recorder import words
from server.media.recorder.agreement import offer, read_answer
from server.media.recorder.folder import Folder
from server.media.recorder.index import TRACKS, Began, Ended, Seated, Why
from server.media.recorder.index import Track as Name
from server.media.recorder.session import Session
from server.media.recorder.track import Track
from server.media.rtcp import SenderReport
from server.media.rtp import Codec, Packet
from server.media.service import Conferences

TICK_S = 0.01
BEAT_MS = 100
TELL_MS = 2_000
KEY_FRAME_MS = 500
RETRY_S = 0.5

log = structlog.get_logger("recorder")


class Recording:
    """Records one conference until it is told to stop; a line that breaks leaves a gap, and is made anew."""

    def __init__(
        self, conference: str, folder: Folder, media: Conferences, clock: Clock, tell: Callable[[words.Recording], None]
    ) -> None:
        self.conference = conference
        self.folder = folder
        self.media = media
        self.clock = clock
        self.tell = tell
        self.certificate = Certificate()
        self.tracks: dict[Name, Track] = {}
        self.seats = Seats()
        self.session: Session | None = None
        self.session_id = ""
        self.running = False
        self.began_at: Millis = 0
        self.trouble: Literal["", "disk_full", "no_media", "write_failed"] = ""
        self.why: Why = "broken"
        self.asked_at: dict[Name, Millis] = {}
        self.task = asyncio.ensure_future(self._run())

    async def stop(self, why: Why) -> None:
        """End it; everything that arrived is written."""
        self.why = why
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def lost(self, session: str = "") -> None:
        """The forwarder ended this session (any, when none is named): begin anew."""
        if self.session is not None and session in ("", self.session_id):
            self.session.closed = True

    def seated(self, seats: Seats) -> None:
        """Others are in the slots now: a track without anybody ends its file, and a note says who is in which."""
        before, self.seats = self.seats, seats
        if self.running and before != seats:
            try:
                self._note_seats()
            except OSError as error:
                self._failed(error)

    def _note_seats(self) -> None:
        seats = self.seats
        picture = seats.video[0] if seats.video else None
        for name, there in (("picture", picture), ("screen", seats.screen)):
            if there is None and name in self.tracks:
                self.tracks[name].finish()
        voices = tuple(one or "" for one in seats.audio)
        self.folder.append(Seated(self.clock.now(), picture or "", seats.screen or "", voices))

    def state(self) -> words.Recording:
        """How it stands."""
        return words.Recording(self.conference, self.running, self.began_at, self.folder.octets, self.trouble)

    async def _run(self) -> None:
        try:
            self.folder.open()
            while self.trouble not in ("disk_full", "write_failed"):
                await self._try_once()
                await asyncio.sleep(RETRY_S)
        except OSError as error:
            self._failed(error)
        self.tell(self.state())

    async def _try_once(self) -> None:
        """What somebody sent may break our own code: that leaves a gap, and the next session follows."""
        try:
            await self._once()
        except OSError:
            raise
        except Exception:
            log.exception("recorder.broken", conference=self.conference)

    async def _once(self) -> None:
        session = self.session = Session(self.clock, self.certificate, self)
        try:
            text = offer(session.ufrag, session.password, self.certificate.fingerprint)
            answer = await self.media.open(self.conference, RECORDER, ("down", "camera"), Grants(), text)
            self.session_id = answer.session
            await session.connect(read_answer(answer.body))
        except (Problem, ValueError) as error:
            self._no_media(error)
            await session.close()
            return
        except asyncio.CancelledError:
            await session.close()
            raise
        try:
            self._begin()
            await self._receive(session)
        finally:
            self._end()
            await session.close()

    def _no_media(self, error: Exception) -> None:
        log.warning("recorder.no_media", conference=self.conference, reason=str(error))
        if self.trouble != "no_media":
            self.trouble = "no_media"
            self.tell(self.state())

    def _begin(self) -> None:
        now = self.clock.now()
        self.folder.append(Began(now))
        self.tracks = {name: Track(name, self.folder) for name in TRACKS}  # type: ignore[misc,arg-type]
        self.asked_at.clear()
        self.running, self.began_at, self.trouble = True, now, ""
        self._note_seats()
        self.tell(self.state())

    async def _receive(self, session: Session) -> None:
        beat = told = self.clock.now()
        while session.alive and self.trouble == "":
            await asyncio.sleep(TICK_S)
            now = self.clock.now()
            try:
                session.drain()
                self._advance(session, now)
            except OSError as error:
                self._failed(error)
            if now - beat >= BEAT_MS:
                session.beat(now)
                beat = now
            if now - told >= TELL_MS:
                self.tell(self.state())
                told = now

    def _advance(self, session: Session, now: Millis) -> None:
        for name, track in self.tracks.items():
            wants = track.advance(now) and now - self.asked_at.get(name, 0) >= KEY_FRAME_MS
            if wants:
                self.asked_at[name] = now
            missing = [] if track.audio else track.jitter.wanted(now)
            if missing or wants:
                session.ask(name, missing, wants)

    def full(self) -> None:
        """The disk is nearly full: end in good order while there is room for that."""
        if self.running:
            self.trouble = "disk_full"

    def _failed(self, error: OSError) -> None:
        self.trouble = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "write_failed"
        log.error("recorder.write_failed", conference=self.conference, reason=str(error))

    def _end(self) -> None:
        self.running = False
        try:
            for track in self.tracks.values():
                track.finish()
            full = self.trouble == "disk_full"
            self.folder.append(Ended(self.clock.now(), "disk_full" if full else self.why))
        except OSError as error:
            self._failed(error)
        self.tell(self.state())

    def packet(self, track: Name, codec: Codec, packet: Packet) -> None:
        """One packet of a slot (see `Receiver`)."""
        if track in self.tracks:
            self.tracks[track].take(codec, packet)

    def report(self, track: Name, report: SenderReport) -> None:
        """The forwarder's report about a slot (see `Receiver`)."""
        if track in self.tracks:
            self.tracks[track].report(report)
