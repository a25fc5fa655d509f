"""The editor's document (TipTap JSON: nodes, marks, attributes) and the paragraphs of the minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from server.records.blocks import Block, Run

Node = dict[str, Any]
"""`{"type": …, "attrs": {…}, "content": [Node…]}`, or `{"type": "text", "text": …, "marks": [{"type": …}]}`."""

PARAGRAPHS = frozenset({"paragraph", "heading", "codeBlock"})
LISTS = frozenset({"bulletList", "orderedList"})


def blocks_of(content: Sequence[Node]) -> list[Block]:
    """The document's paragraphs in order, whatever they are nested in. No text is ever left out."""
    return list(_walk(content, ""))


def _walk(content: Sequence[Node], marker: str) -> Iterator[Block]:
    loose: list[Node] = []
    for node in content:
        kind = node.get("type")
        if kind in {"text", "hardBreak"}:
            loose.append(node)
            continue
        yield from _paragraphs({"type": "paragraph", "content": loose}, marker) if loose else ()
        loose = []
        if kind in PARAGRAPHS:
            yield from _paragraphs(node, marker)
        elif kind in LISTS:
            yield from _list(node)
        else:
            yield from _walk(node.get("content", ()), marker)
    if loose:
        yield from _paragraphs({"type": "paragraph", "content": loose}, marker)


def _list(node: Node) -> Iterator[Block]:
    ordered = node["type"] == "orderedList"
    first = _whole(node.get("attrs", {}).get("start"), 1)
    for index, item in enumerate(node.get("content", ())):
        marker = f"{first + index}." if ordered else "-"
        for position, block in enumerate(_walk([item], "")):
            lead = position == 0 and not block.marker
            yield Block(block.runs, block.id, block.event, block.kind, 0, block.at, marker) if lead else block


def _paragraphs(node: Node, marker: str) -> Iterator[Block]:
    """One block, or several where the secretary broke the line by hand."""
    attrs = node.get("attrs", {})
    lines: list[list[Run]] = [[]]
    for part in node.get("content", ()):
        if part.get("type") == "hardBreak":
            lines.append([])
        else:
            lines[-1] += list(_runs(part))
    level = _whole(attrs.get("level"), 1) if node.get("type") == "heading" else 0
    for line in lines:
        yield Block(
            tuple(line),
            str(attrs.get("block") or ""),
            _whole(attrs.get("event"), 0),
            str(attrs.get("kind") or "text"),
            level,
            _whole(attrs.get("at"), 0),
            marker,
        )


def _runs(part: Node) -> Iterator[Run]:
    if part.get("type") == "text":
        marks = {mark.get("type") for mark in part.get("marks", ())}
        yield Run(str(part.get("text", "")), "bold" in marks, "italic" in marks, "underline" in marks)
    for inner in part.get("content", ()):
        yield from _runs(inner)


def _whole(value: Any, otherwise: int) -> int:
    """Numbers come back from JavaScript as floats."""
    return int(value) if isinstance(value, int | float) and abs(value) < 1 << 53 else otherwise


def node_of(block: Block) -> Node:
    """The block as the editor's node, with its origin in the attributes."""
    attrs: dict[str, Any] = {"block": block.id, "event": block.event, "kind": block.kind}
    if block.at:
        attrs["at"] = block.at
    if block.level:
        attrs["level"] = block.level
    return {
        "type": "heading" if block.level else "paragraph",
        "attrs": attrs,
        "content": [_text(r) for r in block.runs],
    }


def _text(run: Run) -> Node:
    names = [name for name in ("bold", "italic", "underline") if getattr(run, name)]
    node: Node = {"type": "text", "text": run.text}
    return node | {"marks": [{"type": name} for name in names]} if names else node


def words_of(content: Sequence[Node]) -> str:
    """The text alone, a line per paragraph: for comparing and searching."""
    return "\n".join(block.text for block in blocks_of(content))
