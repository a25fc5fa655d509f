"""The meeting decides what is recorded; the recorder does it; whoever may sees it again afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from server.clock import Millis
from server.config import RecordingSettings
from server.documents.papers import VersionId
from server.documents.service import Papers
from server.errors import Forbidden, NotFound, Problem, Refused
from server.joints.presence import Tell
from server.joints.recording.timeline import Happened, PageFrom, happened, seen_by, shown_to_members
from server.media.recorder import archive, plan
from server.media.recorder.service import Recordings
from server.media.recorder.words import Filming, Observation, Recording, Wanted
from server.meetings.acts import Command
from server.meetings.meeting import Meeting
from server.meetings.recording import DeleteRecording, StopRecording, is_recorded, watchers_of_recording
from server.meetings.roles import DESK_AND_SECRETARY
from server.meetings.service import HOUSE, Asker, Meetings, blank, roles, stream_of

EPOCH = 1
SWEEP_EVERY_S = 600.0
DAY_MS = 86_400_000
PAGE_WIDTHS = {720: 960, 1080: 1440}
FATAL = ("disk_full", "write_failed")

Begin = Callable[[Coroutine[Any, Any, None]], None]

log = logging.getLogger("hopso.recording")


class Playback(msgspec.Struct, frozen=True):
    """Everything a player needs: the meeting's course, the recording, and what this person may do with it."""

    title: str
    course: Happened
    kept: archive.Kept
    steers: bool
    """Whether this person may have a film made."""


class RecordingDesk:
    """Recordings of meetings. `tell` is `Live.status_here`; `begin` looks after background work."""

    def __init__(
        self, meetings: Meetings, papers: Papers, settings: RecordingSettings, tell: Tell, begin: Begin
    ) -> None:
        self.meetings = meetings
        self.papers = papers
        self.settings = settings
        self.tell, self.begin = tell, begin
        self.recordings = Recordings(settings.control_socket, self.heed, lambda: begin(self._say_again()))
        meetings.recorder = self.recordings.readiness
        meetings.on_change.append(self._changed)

    @property
    def root(self) -> Path:
        """Where all recordings are."""
        return self.settings.folder

    async def run(self) -> None:
        """Stay in touch with the recorder, and delete in time."""
        self.begin(self.recordings.run())
        while True:
            try:
                await self.sweep(self.meetings.clock.now())
            except Exception:
                log.exception("cannot look for recordings that were kept long enough; trying again")
            await asyncio.sleep(SWEEP_EVERY_S)

    def _changed(self, before: Meeting, after: Meeting) -> None:
        known = self.meetings.at_hand(after.id)
        if known is not None and after.recorded:
            self.recordings.want(wanted(*known))
        if before.recorded and not after.recorded:
            self.begin(self.deleted(after.id))

    async def _say_again(self) -> None:
        """The recorder is (again) connected. From the log: another process may have decided what we have not heard."""
        for listing in await self.meetings.running():
            version, meeting = await self.meetings.standing(listing.id)
            if meeting.recorded:
                self.recordings.want(wanted(version, meeting))

    def heed(self, word: Observation) -> None:
        """The recorder says how it goes."""
        if isinstance(word, Recording):
            self.tell(stream_of(word.conference), "recording", _plain(word), None)
            if word.trouble in FATAL or word.running:
                self.begin(self._agree(word))
        elif isinstance(word, Filming):
            known = self.meetings.at_hand(word.conference)
            audience = watchers_of_recording(known[1]) if known else frozenset[str]()
            self.tell(stream_of(word.conference), "film", _plain(word), audience)

    async def _agree(self, word: Recording) -> None:
        """What cannot go on ends in the log too; what should not be recorded any longer is said again."""
        try:
            version, meeting = await self.meetings.standing(word.conference)
        except NotFound:
            return
        if word.trouble in FATAL and meeting.recording:
            log.error("the recording of meeting %s ended: %s", meeting.id, word.trouble)
            stop = StopRecording("disk_full" if word.trouble == "disk_full" else "write_failed")
            await self._perform(meeting.id, f"stop-{word.began_at}-{version}", stop)
        elif word.running and not is_recorded(meeting):
            self.recordings.want(wanted(version, meeting))

    async def _perform(self, meeting_id: str, what: str, command: Command) -> None:
        # All web processes hear the recorder: by its id the command is done once. Receipts know the house as one
        # person, so that the id says of which meeting; names of meetings may be as long as an id.
        command_id = hashlib.sha256(f"{what} {meeting_id}".encode()).hexdigest()
        answer = await self.meetings.perform(meeting_id, HOUSE, command_id, command)
        if not answer.ok:
            log.info("meeting %s: %s was refused: %s", meeting_id, what, answer.code)

    # Afterwards ---------------------------------------------------------------------------------------------------

    async def allowed(self, meeting_id: str, asker: Asker) -> Meeting:
        """The meeting, provided it is over and the asker may see its recording.

        Raises `Forbidden("recording.not_yours")`, `Refused("recording.not_over")`, `NotFound("recording.none")`.
        """
        await self.meetings.seen_by(meeting_id, asker)
        _, meeting = await self.meetings.standing(meeting_id)
        if asker.person not in watchers_of_recording(meeting):
            raise Forbidden("recording.not_yours")
        if meeting.phase != "closed":
            raise Refused("recording.not_over")
        if not meeting.recorded:
            raise NotFound("recording.none")
        return meeting

    async def playback(self, meeting_id: str, asker: Asker) -> Playback:
        """What a player needs."""
        meeting = await self.allowed(meeting_id, asker)
        kept = await asyncio.to_thread(archive.look, self.root, meeting_id)
        course = seen_by(await self._course(meeting_id), meeting, asker.person)
        return Playback(meeting.title, course, kept, bool(roles(meeting, asker) & DESK_AND_SECRETARY))

    async def _course(self, meeting_id: str) -> Happened:
        # In a thread: other meetings go on, and a log may be long.
        return await asyncio.to_thread(happened, blank(meeting_id), await self.meetings.history(meeting_id))

    async def file(self, meeting_id: str, asker: Asker, name: str) -> tuple[Path, str]:
        """One file of the recording, and its media type."""
        await self.allowed(meeting_id, asker)
        return await asyncio.to_thread(archive.file_of, self.root, meeting_id, name)

    async def want_film(self, meeting_id: str, asker: Asker, wanted: bool) -> None:
        """Chair, deputy and secretaries have a film made, or no longer. `Forbidden("role.not_allowed")`."""
        meeting = await self.allowed(meeting_id, asker)
        if not roles(meeting, asker) & DESK_AND_SECRETARY:
            raise Forbidden("role.not_allowed")
        if wanted:
            await self._plan(meeting)
        self.recordings.want_film(meeting_id, wanted)

    async def _plan(self, meeting: Meeting) -> None:
        course = await self._course(meeting.id)
        kept = await asyncio.to_thread(archive.look, self.root, meeting.id)
        first = kept.recorded.stretches[0].began_at
        shown = shown_to_members(course.pages)
        # Of the pages before the recording only the last one is seen.
        before = [one for one in shown if one.at <= first][-1:]
        pages = [await self._page(meeting.id, one) for one in (*before, *(one for one in shown if one.at > first))]
        made = plan.Plan(meeting.title, tuple(pages), captions(course), self.settings.film_height)
        await asyncio.to_thread(archive.keep_plan, self.root, meeting.id, made)

    async def _page(self, meeting_id: str, shown: PageFrom) -> plan.PageFrom:
        if not shown.version:
            return plan.PageFrom(shown.at)
        try:
            width = PAGE_WIDTHS[self.settings.film_height]
            image = await self.papers.page_image(VersionId(shown.version), shown.page, width)
        except Problem as problem:
            log.warning("page %s of %s is missing in a film: %s", shown.page, shown.paper, problem.code)
            return plan.PageFrom(shown.at)
        name = f"{shown.version[:16]}-{shown.page}-{width}.webp"
        return plan.PageFrom(shown.at, await asyncio.to_thread(archive.keep_page, self.root, meeting_id, name, image))

    async def deleted(self, meeting_id: str) -> None:
        """The log says that the recording is deleted: so it is, and nobody makes a film of it any longer."""
        with contextlib.suppress(Problem):  # no recorder, no film
            self.recordings.want_film(meeting_id, False)
        await asyncio.to_thread(archive.delete, self.root, meeting_id)

    async def sweep(self, now: Millis) -> None:
        """Delete what has been kept long enough, and what somebody deleted while nobody could."""
        days = self.settings.keep_days
        for name in await asyncio.to_thread(archive.older_than, self.root, now):
            try:
                _, meeting = await self.meetings.standing(name)
            except NotFound:
                continue
            ended = meeting.periods[-1].ended_at if meeting.periods else 0
            if meeting.phase == "closed" and meeting.recorded and days and ended < now - days * DAY_MS:
                command = DeleteRecording(f"Hết thời hạn lưu {days} ngày")
                await self._perform(name, f"kept-{days}-days", command)
            elif meeting.phase == "closed" and not meeting.recorded:
                await self.deleted(name)


def wanted(version: int, meeting: Meeting) -> Wanted:
    """What the recorder should do when the meeting stands at this version; all web processes say the same."""
    over = meeting.phase == "closed"
    why = "paused" if meeting.recording and not over else "stopped"
    return Wanted(meeting.id, EPOCH, version, is_recorded(meeting), why, over)  # type: ignore[arg-type]


def captions(course: Happened) -> tuple[plan.CaptionFrom, ...]:
    """The words of a film: item and speaker, whenever one of them changes."""
    moments = sorted({one.at for one in course.items} | {one.at for one in course.speakers})
    found = []
    for at in moments:
        item = next((one for one in reversed(course.items) if one.at <= at), None)
        speaker = next((one for one in reversed(course.speakers) if one.at <= at), None)
        title = f"{item.number}. {item.title}" if item and item.item else ""
        found.append(plan.CaptionFrom(at, title, speaker.name if speaker else ""))
    return tuple(found)


def _plain(word: Observation) -> Any:
    return msgspec.to_builtins(word)
