"""The minutes of a meeting: drafted, written together, kept in revisions, printed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from server.clock import Clock
from server.config import RecordSettings
from server.db import Database
from server.entries import every_entry
from server.errors import Invalid, NotFound, Refused
from server.records import store
from server.records.blocks import Piece
from server.records.course import Course
from server.records.draft import draft
from server.records.forms import printing
from server.records.forms.sheet import Sheet, sheet
from server.records.kit import Kit
from server.records.manuscript import LARGEST_UPDATE, Manuscript
from server.records.prose import Node, blocks_of
from server.records.store import Statement
from server.records.wishes import Dismiss, Insert, Keep, Restore, Update, Wish
from server.streams import Answer, Decision, NewEvent, StreamId, Streams, Turn

UPDATED = "minutes.updated"
KEPT = "minutes.kept"
COMPACTED_EVERY = 100
"""Edits between two compacted states: how many are replayed at most when the minutes are opened."""

CourseOf = Callable[[str], Awaitable[Course]]
KitOf = Callable[[str], Awaitable[Kit]]
PathOf = Callable[[str], Path]


class Minutes:
    """Every verb of the minutes. Edits are commands on the stream `minutes:<meeting>`."""

    def __init__(
        self, db: Database, streams: Streams, clock: Clock, settings: RecordSettings, sources: Sources
    ) -> None:
        self.db = db
        self.streams = streams
        self.clock = clock
        self.settings = settings
        self.sources = sources
        self._open: dict[str, tuple[int, Manuscript]] = {}

    async def perform(self, meeting: str, by: str, command_id: str, wish: Wish) -> Answer:
        """Carry out one wish, at most once per (`by`, `command_id`)."""
        course = await self.sources.course_of(meeting) if isinstance(wish, Insert | Dismiss) else None

        async def decide(turn: Turn) -> Decision:
            return await self._decide(turn, by, wish, course)

        return await self.streams.perform(stream_of(meeting), by, command_id, decide)

    async def close(self, meeting: str, by: str, command_id: str) -> Answer:
        """Keep the text as it stands when the meeting is closed."""
        return await self.perform(meeting, by, command_id, Keep(reason="close"))

    async def state(self, meeting: str) -> tuple[int, bytes]:
        """The version and the whole document as one Yjs update."""
        version, manuscript = await self._read(meeting)
        return version, manuscript.state()

    async def content(self, meeting: str) -> tuple[int, list[Node]]:
        """The version and the text as TipTap JSON."""
        version, manuscript = await self._read(meeting)
        return version, manuscript.content()

    async def news(self, meeting: str) -> list[Piece]:
        """What happened in the meeting that the minutes do not have yet."""
        course = await self.sources.course_of(meeting)
        _, manuscript = await self._read(meeting)
        return manuscript.news(draft(course))

    async def missing(self, meeting: str) -> list[Piece]:
        """What an export would lack, as the minutes stand now; nothing before they are begun: the draft is exported."""
        course = await self.sources.course_of(meeting)
        _, manuscript = await self._read(meeting)
        return [] if manuscript.is_empty() else manuscript.missing(draft(course))

    async def revisions(self, meeting: str) -> list[store.Revision]:
        """All kept states of the text, newest first."""
        async with self.db.reading() as connection:
            return await store.list_revisions(connection, meeting)

    async def revision(self, meeting: str, version: int) -> list[Node]:
        """The text of one of them; `NotFound("minutes.no_such_revision")`."""
        async with self.db.reading() as connection:
            content = await store.read_revision(connection, meeting, version)
        if content is None:
            raise NotFound("minutes.no_such_revision", version=version)
        return content

    async def title(self, meeting: str) -> str:
        """The meeting's, for the names of files."""
        return (await self.sources.course_of(meeting)).title

    async def docx(self, meeting: str, by: str) -> bytes:
        """The minutes on Mẫu 1.9 as DOCX; the text that was printed is kept as a revision."""
        return await asyncio.to_thread(printing.docx, await self._sheet(meeting, by))

    async def pdf(self, meeting: str, by: str) -> bytes:
        """The minutes on Mẫu 1.9 as PDF/A-2b; the text that was printed is kept as a revision."""
        return await asyncio.to_thread(printing.pdf, await self._sheet(meeting, by), self.clock.now())

    @asynccontextmanager
    async def kit(self, meeting: str) -> AsyncIterator[Path]:
        """The ZIP of Bộ dự phòng as a file that lives as long as the `async with`."""
        kit = await self.sources.kit_of(meeting)
        papers = {paper.blob: self.sources.path_of(paper.blob) for paper in kit.papers if paper.blob}
        with tempfile.TemporaryDirectory(prefix="hopso-kit-") as folder:
            target = Path(folder) / "bo-du-phong.zip"
            await asyncio.to_thread(printing.archive, kit, papers, target)
            yield target

    async def _sheet(self, meeting: str, by: str) -> Sheet:
        course = self._named(await self.sources.course_of(meeting))
        _, manuscript = await self._read(meeting)
        if manuscript.is_empty():
            return sheet(course, draft(course))
        await self.perform(meeting, by, self.clock.fresh_id(), Keep(reason="export"))
        return sheet(course, blocks_of(manuscript.content()))

    def _named(self, course: Course) -> Course:
        return msgspec.structs.replace(
            course,
            agency=course.agency or self.settings.agency,
            superior_agency=course.superior_agency or self.settings.superior_agency,
            symbol=course.symbol or self.settings.agency_short,
        )

    # ---- reading ---------------------------------------------------------------------------------------------------

    async def _read(self, meeting: str) -> tuple[int, Manuscript]:
        """A manuscript of one's own: nobody else changes it."""
        async with self.db.reading() as connection:
            version, state = await store.read_state(connection, meeting)
            manuscript = Manuscript(state, self._author())
            async for entry in every_entry(connection, stream_of(meeting), version):
                _merge(manuscript, entry.type, entry.data)
                version = entry.version
        return version, manuscript

    async def _writable(self, turn: Turn) -> Manuscript:
        """The manuscript of this transaction. It is taken out of the cache, so that a rollback loses it too."""
        kept: Manuscript | None = turn.kept.get("manuscript")
        if kept is not None:
            return kept
        meeting = meeting_of(turn.stream)
        version, manuscript = self._open.pop(meeting, (-1, None))
        if manuscript is None or version != turn.version:
            version, state = await store.read_state(turn.connection, meeting)
            manuscript = Manuscript(state, self._author())
            async for entry in every_entry(turn.connection, turn.stream, version):
                _merge(manuscript, entry.type, entry.data)
        turn.kept["manuscript"] = manuscript
        turn.after_commit.append(lambda: self._put_back(turn))
        return manuscript

    def _put_back(self, turn: Turn) -> None:
        manuscript = turn.kept.get("manuscript")
        if manuscript is not None:
            self._open[meeting_of(turn.stream)] = (turn.version, manuscript)
            while len(self._open) > MOST_OPEN:
                self._open.pop(next(iter(self._open)))

    def _author(self) -> int:
        """A Yjs client id of our own: 32 bits, like the editor's."""
        return int(hashlib.sha256(f"{self.clock.fresh_id()}{self.clock.secret()}".encode()).hexdigest()[:8], 16)

    # ---- deciding --------------------------------------------------------------------------------------------------

    async def _decide(self, turn: Turn, by: str, wish: Wish, course: Course | None) -> Decision:
        if isinstance(wish, Keep) and await store.has_revision(turn.connection, meeting_of(turn.stream), turn.version):
            return Decision()
        if isinstance(wish, Update) and wish.update == EMPTY_UPDATE:
            return Decision()
        manuscript = await self._writable(turn)
        try:
            change, cause, before = await self._change(turn, manuscript, by, wish, course)
        except Exception:
            # Half a change may be in it by now; the next command reads it anew.
            turn.kept.pop("manuscript", None)
            raise
        meeting = meeting_of(turn.stream)
        data = {"cause": cause, "update": _text(change)} if change else {"cause": cause}
        event = NewEvent(UPDATED if change else KEPT, data, by)
        statements = [*before]
        following = turn.version + 1
        revision = await self._revision(turn, by, wish, following)
        if revision is not None:
            statements.append(store.keep_revision(self.db, meeting, revision, manuscript.content()))
        if following % COMPACTED_EVERY == 0:
            statements.append(store.keep_state(self.db, meeting, following, manuscript.state()))
        return Decision([event], statements)

    async def _change(
        self, turn: Turn, manuscript: Manuscript, by: str, wish: Wish, course: Course | None
    ) -> tuple[bytes, str, Sequence[Statement]]:
        """The update, why it was made, and rows to be written before the text changes."""
        match wish:
            case Update():
                update = _octets(wish.update)
                manuscript.merge(update)
                return update, "typed", ()
            case Insert() | Dismiss():
                assert course is not None
                return self._draw_in(manuscript, wish, course)
            case Restore():
                content = await store.read_revision(turn.connection, meeting_of(turn.stream), wish.revision)
                if content is None:
                    raise NotFound("minutes.no_such_revision", version=wish.revision)
                now = store.Revision(turn.version, turn.now, by, "restore")
                rows = [store.keep_revision(self.db, meeting_of(turn.stream), now, manuscript.content())]
                return manuscript.bring_back(content), "restored", rows
            case Keep():
                return b"", wish.reason, ()

    def _draw_in(
        self, manuscript: Manuscript, wish: Insert | Dismiss, course: Course
    ) -> tuple[bytes, str, Sequence[Statement]]:
        drafted = draft(course)
        offered = manuscript.missing(drafted) if wish.blocks else manuscript.news(drafted)
        chosen = [p for p in offered if not wish.blocks or p.id in wish.blocks]
        if not chosen:
            raise Refused("minutes.no_news")
        if isinstance(wish, Dismiss):
            return manuscript.wave_away(chosen), "dismissed", ()
        return manuscript.take_in(chosen, [block.id for block in drafted]), "drafted", ()

    async def _revision(self, turn: Turn, by: str, wish: Wish, version: int) -> store.Revision | None:
        if isinstance(wish, Keep):
            return store.Revision(version, turn.now, by, wish.reason, wish.label[:200])
        if isinstance(wish, Restore):
            return store.Revision(version, turn.now, by, "restored", str(wish.revision))
        last = await store.last_revised(turn.connection, meeting_of(turn.stream))
        due = not 0 <= turn.now - last < self.settings.minutes_revision_every_min * 60_000
        return store.Revision(version, turn.now, by, "auto") if due else None


EMPTY_UPDATE = "AAA="
"""A Yjs update of no edits and no deletions: an editor that has nothing to say."""
MOST_OPEN = 64
"""Manuscripts kept in memory between two edits."""


class Sources(msgspec.Struct, frozen=True):
    """Where the minutes take their facts from; the hall fills these in."""

    course_of: CourseOf
    kit_of: KitOf
    path_of: PathOf
    """Where the file of a blob lies."""


def stream_of(meeting: str) -> StreamId:
    """`minutes:<meeting>`."""
    return StreamId(f"minutes:{meeting}")


def meeting_of(stream: StreamId) -> str:
    """The meeting whose minutes these are."""
    return stream.partition(":")[2]


class _Data(msgspec.Struct):
    cause: str = ""
    update: str = ""


def _merge(manuscript: Manuscript, kind: str, data: msgspec.Raw) -> None:
    if kind == UPDATED:
        manuscript.merge(base64.b64decode(msgspec.json.decode(data, type=_Data).update))


def _text(update: bytes) -> str:
    return base64.b64encode(update).decode()


def _octets(text: str) -> bytes:
    if len(text) > LARGEST_UPDATE * 4 // 3 + 4:
        raise Invalid("minutes.update_malformed")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Invalid("minutes.update_malformed") from error
