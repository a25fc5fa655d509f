"""The pieces minutes are made of: paragraphs that know the event they were written from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from server.clock import Millis
from server.records.wording import tidy


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch of text in one hand."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """One paragraph. Drafted blocks carry `id` and `event`; what the secretary typed has neither."""

    runs: tuple[Run, ...]
    id: str = ""
    event: int = 0
    kind: str = "text"
    """`fact`, `attendance`, `item`, `speech`, `ballot`, `conclusion`, `task`, `remark`, `break`, `chair`,
    `closing`; `text` for what was typed; `bullet` and `number` for lists that were typed."""
    level: int = 0
    """0 for a paragraph, 1 for a heading ("I."), 2 for a sub-heading ("1.")."""
    at: Millis = 0
    """When it happened; 0 when the sentence is about no single moment."""
    marker: str = ""
    """What stands before a list line: "-", "1."."""

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(run.text for run in self.runs)

    @property
    def leads(self) -> bool:
        """Whether it announces what follows, so that no page may end with it."""
        return bool(self.level) or self.text.rstrip().endswith(":")


class Piece(msgspec.Struct, frozen=True, omit_defaults=True):
    """News for the document: a drafted block that is `new`, has `changed`, or whose event was taken back (`gone`).

    The block of what is `gone` is the paragraph that still stands in the document. `removed` is one that was taken in
    and stands in the text no more, without having been waved away.
    """

    what: str
    id: str
    digest: str = ""
    block: Block | None = None


def digest(block: Block) -> str:
    """What a drafted sentence said, in 16 hex digits; the last full stop or semicolon does not count."""
    return text_digest(block.text)


def text_digest(text: str) -> str:
    """As `digest`, for words that stand in a document already."""
    return hashlib.sha256(_bare(text).encode()).hexdigest()[:16]


def _bare(text: str) -> str:
    return tidy(text).rstrip(".;/ ")


def news(known: Mapping[str, str], draft: Sequence[Block], text: Sequence[Block]) -> list[Piece]:
    """What the draft has that the document does not know yet, in the draft's order; taken-back blocks come last.

    `known` maps the id of every block that was ever inserted (or waved away: `WAVED` stands before it) to the digest
    it had then, so that a sentence the secretary deleted or rewrote is not offered again. A taken-back block is told
    with what the `text` says of it, and not at all where that says nothing.
    """
    found: list[Piece] = []
    for block in draft:
        before, now = known.get(block.id), digest(block)
        if before is None:
            found.append(Piece("new", block.id, now, block))
        elif before.removeprefix(WAVED) != now:
            found.append(Piece("changed", block.id, now, block))
    drafted = {block.id for block in draft}
    standing = {block.id: block for block in reversed(text) if block.text.strip()}
    gone = [name for name in known if name in standing and name not in drafted and known[name] != GONE]
    return found + [Piece("gone", name, block=standing[name]) for name in gone]


def missing(known: Mapping[str, str], draft: Sequence[Block], text: Sequence[Block]) -> list[Piece]:
    """What the draft has and the text lacks, in the draft's order: the news, and what was removed without a word.

    A sentence that was put into another paragraph as it is, is there.
    """
    standing = {block.id for block in text if block.text.strip()}
    said, wanted = {block.id: _bare(block.text) for block in draft}, Counter[str]()
    # What a paragraph says of itself is no other's sentence, though another may begin with the same words.
    words = " ".join(tidy(block.text).replace(said.get(block.id) or "\n", "\n", 1) for block in text)
    found = {piece.id: piece for piece in news(known, draft, text)}
    for block in draft:
        if known.get(block.id) != digest(block) or block.id in standing:
            continue
        wanted[said[block.id]] += 1
        if words.count(said[block.id]) < wanted[said[block.id]]:
            found[block.id] = Piece("removed", block.id, digest(block), block)
    place = {block.id: index for index, block in enumerate(draft)}
    return sorted(found.values(), key=lambda piece: place.get(piece.id, len(place)))


WAVED = "-"
"""Before the digest of a block that the secretary did not want."""
GONE = "gone"
"""The digest remembered for a block whose disappearance the secretary has been told of."""


def plain(text: str, **how: bool) -> tuple[Run, ...]:
    """A paragraph in one hand."""
    return (Run(text, **how),)


def labelled(label: str, text: str) -> tuple[Run, ...]:
    """A bold lead-in and the rest: **Kết luận:** …"""
    return (Run(f"{label}: ", bold=True), Run(text))
