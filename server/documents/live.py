"""The live door of ink: `ink:<version>:all`, `…:desk` (chair and secretary), `…:<person>` (mine)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence

import msgspec

from server.canonical import digest
from server.documents.ink import Ink
from server.documents.marks import (
    MARK_ADDED,
    MARK_CARRIED,
    STROKE_ADDED,
    STROKE_ERASED,
    InkCommand,
    LayerRights,
    Stroke,
)
from server.documents.store import DrawnMark
from server.errors import Forbidden, Invalid, NotFound
from server.http import Visitor
from server.streams import Answer, Entry, StreamId

Rights = Callable[[Visitor, str], Awaitable[LayerRights]]
DeskOf = Callable[[str], frozenset[str]]
"""The chair and the secretaries of the meeting a version belongs to, as of now."""
MayPoint = Callable[[Visitor, str], bool]
"""Whether this visitor points at a version's pages now; asked at every hint."""
ADDED = frozenset({STROKE_ADDED, MARK_ADDED, MARK_CARRIED})
STREAMS_KEPT = 64
RIGHTS_KEPT = 4096


class _Seen(msgspec.Struct):
    """Which marks of a stream are to be seen, as of a version."""

    version: int
    ids: set[str]


class _Author(msgspec.Struct):
    """Of an event's data, whose stroke it is about; empty when it is the one who acted."""

    drawn_by: str = ""


class InkDoor:
    """Translates between the live protocol and `Ink`."""

    kind = "ink"
    for_the_house: Container[str] = frozenset()

    def __init__(self, ink: Ink, rights: Rights, desk_of: DeskOf, may_point: MayPoint) -> None:
        self.ink = ink
        self.rights = rights
        self.desk_of = desk_of
        self.may_point = may_point
        self._known: dict[tuple[str, str], LayerRights] = {}
        self._seen: dict[StreamId, _Seen] = {}
        self._arriving: dict[StreamId, list[Entry]] = {}
        self._loading = asyncio.Lock()
        ink.streams.listeners.append(self._listen)

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """May follow what they may read or draw on; of others' own layers they do not even learn that they exist."""
        version, layer = _parts(stream, visitor)
        rights = await self._rights(visitor, version)
        if layer not in rights.read | rights.write:
            raise NotFound("ink.unknown")

    async def snapshot(self, visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """`{"strokes": [{…stroke, "by", "at"}], "marks": [{…}]}` without the erased ones, in the order they were drawn.

        Who may draw on a layer and not read it (a delegate's remarks to the desk) sees their own strokes.
        """
        version_id, layer = _parts(stream, visitor)
        reads = layer in (await self._rights(visitor, version_id)).read
        await self.ink.catch_up(stream)
        async with self._loading:
            self._arriving[stream] = []
            version, drawn = await self.ink.standing(stream)
            self._remember(stream, version, drawn)
        mine = [each for each in drawn if reads or each.by == visitor.person]
        strokes = [_shown(each) for each in mine if isinstance(each.mark, Stroke)]
        others = [_shown(each) for each in mine if not isinstance(each.mark, Stroke)]
        return version, msgspec.json.encode({"strokes": strokes, "marks": others})

    def audience(self, entry: Entry) -> frozenset[str] | None:
        """Everyone admitted; the desk and the stroke's author; or the one person whose layer it is."""
        _, version, layer = entry.stream.split(":")
        if layer == "all":
            return None
        if layer != "desk":
            return frozenset({layer})
        author = msgspec.json.decode(entry.data, type=_Author).drawn_by or entry.by
        return self.desk_of(version) | {author}

    async def perform(self, visitor: Visitor, stream: StreamId, command_id: str, command: bytes) -> Answer:
        """`stroke.add` with a `stroke`, `mark.add` with a `mark`, `stroke.erase` with an `id`."""
        version, layer = _parts(stream, visitor)
        rights = await self._rights(visitor, version)
        if layer not in rights.write:
            raise Forbidden("ink.read_only") if layer in rights.read else NotFound("ink.unknown")
        try:
            wanted = msgspec.json.decode(command, type=InkCommand)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("stroke.malformed") from error
        return await self.ink.perform(stream, visitor.person, command_id, wanted, rights.tidies)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Whoever may draw may show the line while it grows; whoever presents, where they point.

        Hints go to all who follow a layer. Whoever writes to the desk follows its layer, too: there nothing is hinted.
        """
        version, layer = _parts(stream, visitor)
        if kind == "pointer":
            return layer == "all" and self.may_point(visitor, version)
        known = self._known.get((visitor.session, version), LayerRights())
        return kind == "stroke" and layer != "desk" and layer in known.write

    def digest(self, stream: StreamId) -> tuple[int, str] | None:
        """Version, and SHA-256 over the canonical JSON of the sorted ids of all visible strokes.

        Of the layer for all only: the others look different to different people.
        """
        seen = self._seen.get(stream)
        return None if seen is None or not stream.endswith(":all") else (seen.version, digest(sorted(seen.ids)))

    async def _rights(self, visitor: Visitor, version: str) -> LayerRights:
        rights = await self.rights(visitor, version)
        if len(self._known) >= RIGHTS_KEPT:
            self._known.clear()
        self._known[(visitor.session, version)] = rights
        return rights

    def _remember(self, stream: StreamId, version: int, drawn: Sequence[DrawnMark]) -> None:
        if len(self._seen) >= STREAMS_KEPT:
            self._seen.pop(next(iter(self._seen)))
        self._seen[stream] = _Seen(version, {each.mark.id for each in drawn})
        self._follow(stream, self._arriving.pop(stream))

    def _listen(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        if stream in self._arriving:
            self._arriving[stream] += entries
        elif stream in self._seen:
            self._follow(stream, entries)

    def _follow(self, stream: StreamId, entries: Sequence[Entry]) -> None:
        seen = self._seen[stream]
        for entry in entries:
            if entry.version <= seen.version:
                continue
            if entry.version != seen.version + 1:
                # Another process wrote in between: unknown until somebody asks for a snapshot again.
                del self._seen[stream]
                return
            seen.version = entry.version
            mark: str = msgspec.json.decode(entry.data)["id"]
            if entry.type in ADDED:
                seen.ids.add(mark)
            elif entry.type == STROKE_ERASED:
                seen.ids.discard(mark)


def _parts(stream: StreamId, visitor: Visitor) -> tuple[str, str]:
    """The version and the layer as this visitor sees it; somebody else's own layer is nobody's business."""
    parts = stream.split(":")
    if len(parts) != 3 or len(parts[1]) != 64:
        raise NotFound("ink.unknown")
    if parts[2] in ("all", "desk"):
        return parts[1], parts[2]  # whatever somebody is called, these layers are never their own
    return parts[1], "mine" if parts[2] == visitor.person else "nobody's"


def _shown(drawn: DrawnMark) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(drawn.mark)
    origin = {"origin": msgspec.to_builtins(drawn.origin)} if drawn.origin else {}
    return plain | {"by": drawn.by, "at": drawn.at} | origin
