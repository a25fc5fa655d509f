"""Ink on papers: three layers per version, each a stream of its own, and the PDF that carries them away."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec

from server.db import Database
from server.documents.carrying import Carrying, erasure
from server.documents.limits import PageSize
from server.documents.marks import (
    LAYERS,
    MARK_ADDED,
    MOST_MARKS,
    STROKE_ADDED,
    STROKE_ERASED,
    AddStroke,
    Bookmark,
    Comment,
    EraseStroke,
    InkCommand,
    Mark,
    Remark,
    Shared,
    Stroke,
    fitted,
    may_erase,
)
from server.documents.names import with_extension
from server.documents.papers import Form, PaperId, VersionId
from server.documents.service import Papers
from server.documents.store import DrawnMark, MarkStore
from server.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Refused
from server.streams import Answer, Decide, Decision, NewEvent, StreamId, Streams, Turn

log = logging.getLogger("hopso.documents")

NameOf = Callable[[str], Awaitable[str]]
"""What to call a person in an annotation."""
SIZES_KEPT = 256


def stream_of(version: VersionId, layer: str, person: str) -> StreamId:
    """The stream of a layer: `ink:<version>:all`, `…:desk`, or the person's own."""
    return StreamId(f"ink:{version}:{person if layer == 'mine' else layer}")


class Ink:
    """Everything that is drawn on papers."""

    def __init__(self, db: Database, streams: Streams, papers: Papers, name_of: NameOf) -> None:
        self.streams = streams
        self.papers = papers
        self.name_of = name_of
        self.store = MarkStore(db)
        self.carrying = Carrying(streams, papers, self.store)
        self._sizes: dict[VersionId, tuple[PageSize, ...]] = {}

    async def perform(
        self, stream: StreamId, person: str, command_id: str, command: InkCommand, tidies: bool = False
    ) -> Answer:
        """Add or erase a mark, at most once per command id. `tidies`: may erase what others drew."""
        if isinstance(command, EraseStroke):
            decide = self._erasing(person, command, tidies)
        else:
            mark = command.stroke if isinstance(command, AddStroke) else command.mark
            decide = self._adding(person, mark, await self._page_sizes(VersionId(stream.split(":")[1])))
        answer = await self.streams.perform(stream, person, command_id, decide)
        if answer.ok:
            await self._pass_on(stream)
        return answer

    async def _pass_on(self, stream: StreamId) -> None:
        """What comes late to an older version goes on to the newest; if not now, then when somebody opens that."""
        try:
            await self.carrying.after(stream)
        except Problem as problem:
            log.warning("marks of %s not carried over yet: %s", stream, problem.code)

    async def catch_up(self, stream: StreamId) -> None:
        """Bring over what was drawn in this layer on older versions of the paper, as far as it is not there yet."""
        await self.carrying.catch_up(stream)

    async def standing(self, stream: StreamId) -> tuple[int, list[DrawnMark]]:
        """The stream's version and what is to be seen of it, as it stands."""
        return await self.store.visible(stream)

    async def visible(self, stream: StreamId) -> tuple[int, list[DrawnMark]]:
        """The same, with everything that older versions of the paper have in this layer."""
        await self.catch_up(stream)
        return await self.standing(stream)

    async def comments(self, paper: PaperId, layers: frozenset[Shared]) -> list[Remark]:
        """The sticky comments on the published version, page by page, oldest first; none before it is ready.

        `layers` are those the reader may see: `all`, and `desk` (for chair and secretary). Raises
        `NotFound("paper.unknown")`.
        """
        version = (await self.papers.paper(paper)).version
        if version is None:
            return []
        found = list[Remark]()
        for layer in layers:
            _, drawn = await self.visible(stream_of(version.id, layer, ""))
            found += [_remark(each.mark, each, layer) for each in drawn if isinstance(each.mark, Comment)]
        return sorted(found, key=lambda remark: (remark.page, remark.at, remark.id))

    async def annotated(
        self, person: str, paper: PaperId, layers: frozenset[str], form: Form = "annotations"
    ) -> tuple[bytes, str]:
        """The published version with the marks of these layers, and a name to save it under.

        `mine` is all that `person` kept to themselves and what they wrote to the desk. As a PDF with annotations that
        other programs can show, hide and answer; `flat`, with the marks drawn into its pages; or as `xfdf`, the
        annotations alone.
        """
        if not layers.issubset(LAYERS):
            raise Invalid("ink.layer_unknown")
        found = await self.papers.paper(paper)
        if found.version is None:
            raise NotFound("paper.not_ready")
        drawn = [await self.visible(stream_of(found.version.id, layer, person)) for layer in sorted(layers)]
        marks = [mark for _, layer in drawn for mark in layer]
        if "mine" in layers and "desk" not in layers:
            _, remarks = await self.visible(stream_of(found.version.id, "desk", person))
            marks += [mark for mark in remarks if mark.by == person]
        spelled = await self._spelled(marks)
        name = with_extension(found.name, "pdf")
        made = await self.papers.annotated(found.version.id, spelled, form, name)
        return made, with_extension(name, "xfdf") if form == "xfdf" else name

    async def _spelled(self, marks: list[DrawnMark]) -> bytes:
        names = {person: await self.name_of(person) for person in {mark.by for mark in marks}}
        told = [msgspec.to_builtins(each.mark) | {"author": names[each.by], "at": each.at} for each in marks]
        return msgspec.json.encode(told)

    def _adding(self, person: str, drawn: Mark, sizes: tuple[PageSize, ...]) -> Decide:
        async def decide(turn: Turn) -> Decision:
            mark = fitted(drawn, sizes)
            if isinstance(mark, Bookmark) and turn.stream.split(":")[2] != person:
                raise Refused("bookmark.private")
            known = await self.store.find(turn.connection, turn.stream, mark.id)
            if known is not None and known.by != person:
                raise Conflict("stroke.exists")
            if known is not None:
                return Decision()
            # Every mark is an event, so counting is needed only from that many events on.
            if turn.version >= MOST_MARKS and len(await self.store.ids(turn.connection, turn.stream)) >= MOST_MARKS:
                raise Refused("ink.full", limit=MOST_MARKS)
            type_ = STROKE_ADDED if isinstance(mark, Stroke) else MARK_ADDED
            event = NewEvent(type_, msgspec.to_builtins(mark), person)
            return Decision([event], [self.store.adding(turn.stream, DrawnMark(mark, person, turn.now))])

        return decide

    def _erasing(self, person: str, command: EraseStroke, tidies: bool) -> Decide:
        async def decide(turn: Turn) -> Decision:
            known = await self.store.find(turn.connection, turn.stream, command.id)
            if known is None:
                raise Refused("stroke.unknown")
            if not may_erase(known.by, person, tidies):
                raise Forbidden("stroke.not_yours")
            if known.erased_by:
                return Decision()
            event = NewEvent(STROKE_ERASED, erasure(known), person)
            return Decision([event], [self.store.erasing(turn.stream, command.id, person)])

        return decide

    async def _page_sizes(self, version: VersionId) -> tuple[PageSize, ...]:
        if version not in self._sizes:
            if len(self._sizes) >= SIZES_KEPT:
                self._sizes.clear()
            _, found = await self.papers.version(version)
            self._sizes[version] = found.sizes
        return self._sizes[version]


def _remark(comment: Comment, drawn: DrawnMark, layer: Shared) -> Remark:
    return Remark(comment.id, drawn.by, comment.page, comment.text, drawn.at, layer)
