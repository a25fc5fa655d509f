"""The minutes as they are being written: a Yjs document that the editor and the server both change.

The text lies in the XML fragment `default` (as TipTap's Collaboration expects it); the map `known` remembers
which drafted blocks were taken in or waved away. Nothing here reads clocks or the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pycrdt

from server.errors import Invalid, Refused
from server.records.blocks import GONE, WAVED, Block, Piece, missing, news, text_digest
from server.records.prose import Node, blocks_of, node_of, words_of

FIELD = "default"
KNOWN = "known"
LARGEST_UPDATE = 4 << 20
"""Bytes; the whole text of forty pages with its history stays far below."""

DEEPEST = 16
"""Levels of the text that are read: a table in a list in a quotation needs seven."""


class Manuscript:
    """One meeting's minutes, merged. Every change made here returns the Yjs update that carries it."""

    def __init__(self, state: bytes = b"", client: int | None = None) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        self._text = self._doc.get(FIELD, type=pycrdt.XmlFragment)
        self._known = self._doc.get(KNOWN, type=pycrdt.Map)
        self._names: list[str] = []
        """The block ids of the paragraphs, in order, while a change is being made."""
        if state:
            self._doc.apply_update(state)

    def state(self) -> bytes:
        """Everything, as one update."""
        return self._doc.get_update()

    def merge(self, update: bytes) -> None:
        """Take in what somebody typed.

        Raises `Invalid("minutes.update_malformed")` for bytes that are no update, and
        `Refused("minutes.update_gap")` when earlier edits are missing: the editor then sends its whole state.
        After a refusal this object is spoiled and must be built anew.
        """
        if not 2 <= len(update) <= LARGEST_UPDATE:
            raise Invalid("minutes.update_malformed")
        try:
            self._doc.apply_update(update)
            missing = pycrdt.get_update(update, self._doc.get_state())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            # The library answers most nonsense with an error; some makes it panic, which Python does not call an
            # `Exception` and which would end the committer.
            raise Invalid("minutes.update_malformed") from error
        if missing[0] != 0:  # the first number of an update counts the authors whose edits it holds
            raise Refused("minutes.update_gap")

    def content(self) -> list[Node]:
        """The document as TipTap JSON: the list below its root."""
        return [_node(child) for child in self._text.children]

    def known(self) -> dict[str, str]:
        """Block id → what it said when it was taken in (`blocks.digest`)."""
        return {str(name): str(said) for name, said in self._known.items()}

    def news(self, drafted: Sequence[Block]) -> list[Piece]:
        """What of this draft the text does not know yet (`blocks.news`)."""
        return news(self.known(), drafted, blocks_of(self.content()))

    def missing(self, drafted: Sequence[Block]) -> list[Piece]:
        """What the text lacks of this draft (`blocks.missing`)."""
        return missing(self.known(), drafted, blocks_of(self.content()))

    def is_empty(self) -> bool:
        """Whether nobody has written anything yet and nothing was taken in."""
        return not self.known() and not words_of(self.content()).strip()

    def take_in(self, pieces: Sequence[Piece], order: Sequence[str]) -> bytes:
        """Insert drafted blocks at their place in the draft's `order`; leave alone what the secretary wrote.

        A changed sentence replaces the old one only while nobody has touched that; otherwise it is put behind it.
        """
        return self._changed(lambda: self._take_in(pieces, order))

    def wave_away(self, pieces: Sequence[Piece]) -> bytes:
        """Remember that these were seen and not wanted."""
        return self._changed(lambda: self._remember(pieces, WAVED))

    def bring_back(self, content: Sequence[Node]) -> bytes:
        """Make the text equal to this earlier one by a new edit; what both have in common stays untouched."""
        return self._changed(lambda: self._bring_back(content))

    def _changed(self, change: Callable[[], None]) -> bytes:
        before = self._doc.get_state()
        self._names = [str(_attributes(child).get("block") or "") for child in self._text.children]
        with self._doc.transaction():
            change()
        return self._doc.get_update(before)

    def _take_in(self, pieces: Sequence[Piece], order: Sequence[str]) -> None:
        known = self.known()
        if not words_of(self.content()).strip():
            for _ in range(len(self._names)):
                self._remove(0)
        place = {name: index for index, name in enumerate(order)}
        for piece in pieces:
            if piece.block is None or piece.what == "gone":
                self._take_back(piece.id, known)
            elif piece.what in {"new", "removed"} or not self._rewrite(piece.block, known):
                self._insert(piece.block, place)
        self._remember(pieces)

    def _remember(self, pieces: Sequence[Piece], how: str = "") -> None:
        for piece in pieces:
            self._known[piece.id] = GONE if piece.what == "gone" else how + piece.digest

    def _take_back(self, name: str, known: Mapping[str, str]) -> None:
        for index in self._where(name):
            if text_digest(words_of([_node(self._text.children[index])])) == known.get(name):
                self._remove(index)
                return

    def _rewrite(self, block: Block, known: Mapping[str, str]) -> bool:
        """Whether the block was found; if so it now says the new, in place or right behind what was edited."""
        found = self._where(block.id)
        if not found:
            return False
        last = found[-1]
        if text_digest(words_of([_node(self._text.children[last])])) == known.get(block.id):
            self._remove(last)
            self._put(last, node_of(block))
        else:
            self._put(last + 1, node_of(block))
        return True

    def _insert(self, block: Block, place: Mapping[str, int]) -> None:
        mine = place.get(block.id, len(place))
        behind = (index for index, name in enumerate(self._names) if place.get(name, -1) > mine)
        self._put(next(behind, len(self._names)), node_of(block))

    def _where(self, name: str) -> list[int]:
        return [index for index, other in enumerate(self._names) if other == name]

    def _remove(self, index: int) -> None:
        del self._text.children[index]
        del self._names[index]

    def _put(self, index: int, node: Node) -> None:
        self._names.insert(index, str(node.get("attrs", {}).get("block") or ""))
        children = self._text.children
        children.insert(index, pycrdt.XmlElement(str(node["type"]), _own(node)))
        _fill(children[index], node)

    def _bring_back(self, content: Sequence[Node]) -> None:
        now, wanted = self.content(), list(content)
        start = 0
        while start < min(len(now), len(wanted)) and now[start] == wanted[start]:
            start += 1
        end = 0
        while end < min(len(now), len(wanted)) - start and now[-1 - end] == wanted[-1 - end]:
            end += 1
        for _ in range(len(now) - start - end):
            self._remove(start)
        for offset, node in enumerate(wanted[start : len(wanted) - end]):
            self._put(start + offset, node)


def _own(node: Node) -> dict[str, Any]:
    return {name: value for name, value in node.get("attrs", {}).items() if value is not None}


def _fill(element: Any, node: Node) -> None:
    """Give the element its children; neighbouring stretches of text share one text node, as in the editor."""
    text: Any = None
    for part in node.get("content", ()):
        if part["type"] != "text":
            text = None
            element.children.append(pycrdt.XmlElement(str(part["type"]), _own(part)))
            _fill(element.children[len(element.children) - 1], part)
            continue
        if text is None:
            element.children.append(pycrdt.XmlText())
            text = element.children[len(element.children) - 1]
        marks = {str(mark["type"]): mark.get("attrs", {}) for mark in part.get("marks", ())}
        text.insert(len(text), part["text"], marks)


def _attributes(child: Any) -> dict[str, Any]:
    return {name: child.attributes[name] for name in dict(child.attributes)} if _is_element(child) else {}


def _is_element(child: Any) -> bool:
    return isinstance(child, pycrdt.XmlElement)


def _node(child: Any, depth: int = 0) -> Node:
    if isinstance(child, pycrdt.XmlText):
        # Text right under the root cannot come from the editor; it is kept as a paragraph all the same.
        return {"type": "paragraph", "content": _texts(child)}
    if not _is_element(child):
        # A fragment within the text, or what a later editor may invent: its words count, its shape does not.
        within = () if depth >= DEEPEST else getattr(child, "children", ())
        return {"type": "paragraph", "content": [_node(inner, depth + 1) for inner in within]}
    node: Node = {"type": str(child.tag)}
    attrs = {str(name): _plain(value) for name, value in child.attributes if value is not None}
    if attrs:
        node["attrs"] = attrs
    content: list[Node] = []
    for inner in child.children if depth < DEEPEST else ():
        content += _texts(inner) if isinstance(inner, pycrdt.XmlText) else [_node(inner, depth + 1)]
    if content:
        node["content"] = content
    return node


def _texts(text: Any) -> list[Node]:
    nodes: list[Node] = []
    for words, attributes in text.diff():
        if not isinstance(words, str):
            continue
        node: Node = {"type": "text", "text": words}
        # Two marks of one kind on the same words are kept apart by a hash behind the name.
        marks = [{"type": name.split("--")[0]} | _mark(value) for name, value in sorted((attributes or {}).items())]
        nodes.append(node | {"marks": marks} if marks else node)
    return nodes


def _mark(value: Any) -> Node:
    attrs = {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else {}
    return {"attrs": attrs} if attrs else {}


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
