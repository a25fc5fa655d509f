"""Marks stay when a paper is replaced: whoever opens the newer version finds on it what was drawn on the older ones.

A layer of the newer version is brought up to date when it is opened, and again when something comes late to an older
one (a tablet that was without a network). The marks keep their ids, so that bringing one over twice is nothing, and
what was rubbed out on either version stays rubbed out. Layers stay what they are: who may see what does not change.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from server.documents.carriage import Laden, Unloaded, carried
from server.documents.fingerprints import fingerprint
from server.documents.limits import THUMBNAIL_WIDTH, PageSize
from server.documents.marks import MARK_CARRIED, STROKE_ERASED
from server.documents.matching import FEWEST_WORDS, Matching, Sheet
from server.documents.papers import VersionId
from server.documents.service import Papers
from server.documents.store import DrawnMark, MarkStore
from server.errors import Problem, Unavailable
from server.streams import Decide, Decision, NewEvent, StreamId, Streams, Turn

HOUSE = "house"
"""Who carries marks over; the author of each stays its author."""
AT_ONCE = 200
"""Marks carried in one transaction."""
MATCHINGS_KEPT = 2
LAYERS_KEPT = 4096
Whose = tuple[str, str]
"""A mark's id and its author."""


class Carrying:
    """Brings marks from older versions of a paper to the one people read."""

    def __init__(self, streams: Streams, papers: Papers, store: MarkStore) -> None:
        self.streams = streams
        self.papers = papers
        self.store = store
        self._done: dict[StreamId, dict[StreamId, int]] = {}
        """How far each older stream had come when its marks were brought over."""
        self._locks: dict[StreamId, asyncio.Lock] = {}
        self._matchings: OrderedDict[tuple[VersionId, VersionId], asyncio.Task[Matching]] = OrderedDict()

    async def catch_up(self, stream: StreamId) -> None:
        """Bring everything over that older versions have in this layer; nothing happens unless people read this one."""
        _, version, layer = stream.split(":")
        newest, older = await self.papers.store.siblings(VersionId(version))
        if newest != version or not older:
            return
        sources = [StreamId(f"ink:{each}:{layer}") for each in older]
        heads = await self.store.heads(sources)
        if self._done.get(stream) == heads or not heads:
            return
        async with self._locks.setdefault(stream, asyncio.Lock()):
            if self._done.get(stream) != heads:
                await self._bring(stream, sources)
                self._remember(stream, heads)
        self._locks.pop(stream, None)

    async def after(self, stream: StreamId) -> None:
        """Something was drawn or erased in this stream: where it is an older version's, the newest learns of it."""
        _, version, layer = stream.split(":")
        newest, _ = await self.papers.store.siblings(VersionId(version))
        if newest and newest != version:
            await self.catch_up(StreamId(f"ink:{newest}:{layer}"))

    def _remember(self, stream: StreamId, heads: dict[StreamId, int]) -> None:
        if len(self._done) >= LAYERS_KEPT:
            self._done.pop(next(iter(self._done)))
        self._done[stream] = heads

    async def _bring(self, stream: StreamId, sources: Sequence[StreamId]) -> None:
        here = {drawn.mark.id: drawn for drawn in await self.store.everything(stream)}
        erased, coming = dict[Whose, DrawnMark](), dict[str, tuple[StreamId, DrawnMark]]()
        for source in sources:
            for drawn in await self.store.everything(source):
                if drawn.erased_by:
                    erased[whose(drawn)] = drawn
                coming[drawn.mark.id] = (source, drawn)
        gone = [erased[whose(drawn)] for drawn in here.values() if not drawn.erased_by and whose(drawn) in erased]
        wanted = [each for mark, each in coming.items() if mark not in here and whose(each[1]) not in erased]
        for source in sources:
            await self._carry(stream, source, [drawn for of, drawn in wanted if of == source])
        if gone:
            await self._perform(stream, self._erasing(gone))

    async def _carry(self, stream: StreamId, source: StreamId, drawn: list[DrawnMark]) -> None:
        if not drawn:
            return
        old, new = (VersionId(each.split(":")[1]) for each in (source, stream))
        matching = await self._matching(old, new)
        _, version = await self.papers.version(new)
        ordered = sorted(drawn, key=lambda each: (each.by, each.mark.page, each.at))
        laden = [Laden(each.mark, each.by) for each in ordered]
        placed = await asyncio.to_thread(lambda: list(carried(laden, old, matching, version.sizes)))
        arrived = [_arrived(before, after) for before, after in zip(ordered, placed, strict=True)]
        for start in range(0, len(arrived), AT_ONCE):
            await self._perform(stream, self._adding(arrived[start : start + AT_ONCE]))

    async def _perform(self, stream: StreamId, decide: Decide) -> None:
        answer = await self.streams.perform(stream, HOUSE, self.streams.clock.fresh_id(), decide)
        if not answer.ok:  # what is not brought over now is tried again when somebody opens the layer
            raise Unavailable(answer.code)

    def _adding(self, arrived: list[DrawnMark]) -> Decide:
        async def decide(turn: Turn) -> Decision:
            known = await self.store.ids(turn.connection, turn.stream)
            fresh = [each for each in arrived if each.mark.id not in known]
            return Decision(
                [NewEvent(MARK_CARRIED, _said(each), HOUSE) for each in fresh],
                [self.store.adding(turn.stream, each) for each in fresh],
            )

        return decide

    def _erasing(self, gone: list[DrawnMark]) -> Decide:
        async def decide(turn: Turn) -> Decision:
            standing = await self.store.ids(turn.connection, turn.stream)
            rest = [each for each in gone if standing.get(each.mark.id) == ""]
            return Decision(
                [NewEvent(STROKE_ERASED, erasure(each), each.erased_by) for each in rest],
                [self.store.erasing(turn.stream, each.mark.id, each.erased_by) for each in rest],
            )

        return decide

    async def _matching(self, old: VersionId, new: VersionId) -> Matching:
        """Two versions compared; once, however many open the paper at the same moment."""
        key = (old, new)
        if key not in self._matchings:
            self._matchings[key] = asyncio.create_task(self._compared(old, new))
            while len(self._matchings) > MATCHINGS_KEPT:
                self._matchings.popitem(last=False)
        try:
            return await asyncio.shield(self._matchings[key])
        except BaseException:
            self._matchings.pop(key, None)
            raise

    async def _compared(self, old: VersionId, new: VersionId) -> Matching:
        before, after = await self._sheets(old), await self._sheets(new)
        return await asyncio.to_thread(Matching, before, after)

    async def _sheets(self, version: VersionId) -> list[Sheet]:
        _, found = await self.papers.version(version)
        return [await self._sheet(version, page, size) for page, size in enumerate(found.sizes, start=1)]

    async def _sheet(self, version: VersionId, page: int, size: PageSize) -> Sheet:
        """What is known of a page; of one that cannot be read, its size."""
        try:
            text = await self.papers.page_text(version, page)
            sheet = msgspec.json.decode(await asyncio.to_thread(text.read_bytes), type=Sheet)
            if len(sheet.words) >= FEWEST_WORDS:
                return sheet
            image = await self.papers.page_image(version, page, THUMBNAIL_WIDTH)
            return msgspec.structs.replace(sheet, picture=await asyncio.to_thread(fingerprint, image))
        except Problem:
            return Sheet(size.width, size.height)


def _arrived(before: DrawnMark, after: Unloaded) -> DrawnMark:
    """As it is kept: by its author, at the time it was drawn."""
    origin = after.origin
    if before.origin is not None and before.origin.how == "vanished":
        origin = before.origin  # its words were gone before, whatever stands there now
    return DrawnMark(after.mark, before.by, before.at, origin=origin)


def _said(drawn: DrawnMark) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(drawn.mark)
    return plain | {"drawn_by": drawn.by, "drawn_at": drawn.at, "origin": msgspec.to_builtins(drawn.origin)}


def whose(drawn: DrawnMark) -> Whose:
    """What it is known by. Somebody else's mark of an older version may have its id: that is no word on this one."""
    return drawn.mark.id, drawn.by


def erasure(drawn: DrawnMark) -> dict[str, object]:
    """What the log says of a mark that was rubbed out."""
    return {"id": drawn.mark.id, "page": drawn.mark.page, "drawn_by": drawn.by}
