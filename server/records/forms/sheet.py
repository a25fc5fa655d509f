"""What a form is filled with: the same for DOCX and PDF."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.records.attending import Annex
from server.records.blocks import Block, Run
from server.records.course import Course
from server.records.draft import END_MARK
from server.records.roll import ANNEX, annex
from server.records.wording import number_and_symbol, tidy, unparted


class Sheet(msgspec.Struct, frozen=True):
    """Minutes ready to be printed on Mẫu 1.9."""

    agency: str
    number: str
    """The whole line: "Số: 12/BB-UBND"."""
    title: str
    """With no-break spaces where its lines must not be broken."""
    blocks: tuple[Block, ...]
    superior: str = ""
    secretary: str = ""
    chair: str = ""
    chair_position: str = ""
    recipients: tuple[str, ...] = ()
    annex: Annex | None = None
    """The list of who attended, where the text sends the reader to it."""


def sheet(course: Course, blocks: Sequence[Block]) -> Sheet:
    """The form's cells. Whoever chaired when the meeting ended signs as CHỦ TỌA."""
    return Sheet(
        agency=tidy(course.agency).upper(),
        superior=tidy(course.superior_agency).upper(),
        number=number_and_symbol(course.number, tidy(course.symbol).upper()),
        title=unparted(tidy(course.title)),
        blocks=tuple(ended(blocks)),
        secretary=tidy(course.secretary.name) if course.secretary else "",
        chair=tidy(course.chairs[-1].chair.name) if course.chairs else "",
        chair_position=tidy(course.chair_position).upper(),
        recipients=tuple(tidy(line).rstrip(" ;.") for line in course.recipients if tidy(line)),
        annex=annex(course) if any(block.id == ANNEX for block in blocks) else None,
    )


def ended(blocks: Sequence[Block]) -> list[Block]:
    """The paragraphs without empty ones, `./.` after the last and nowhere before it."""
    kept = [cleaned for block in blocks if (cleaned := _cleaned(block)).text]
    if not kept:
        kept = [Block((Run(""),))]
    *before, last = kept
    return [_marked(block, ".") if _is_marked(block) else block for block in before] + [_marked(last, END_MARK)]


def _cleaned(block: Block) -> Block:
    runs = [Run(_inline(run.text), run.bold, run.italic, run.underline) for run in block.runs]
    runs = [run for run in runs if run.text]
    if not "".join(run.text for run in runs).strip():
        runs = []
    return msgspec.structs.replace(block, runs=tuple(runs))


def _inline(text: str) -> str:
    """As `tidy`, but a space at either end joins this stretch to its neighbour."""
    bare = tidy(text)
    if not bare:
        return " " if text.strip(" ") != text or text.isspace() else ""
    return (" " if text[:1].isspace() else "") + bare + (" " if text[-1:].isspace() else "")


def _is_marked(block: Block) -> bool:
    return block.text.rstrip().endswith(END_MARK)


def _marked(block: Block, mark: str) -> Block:
    """The block with its last full stop, semicolon or old mark replaced by this one."""
    runs = list(block.runs)
    last = runs[-1]
    bare = last.text.rstrip().removesuffix(END_MARK).rstrip(" .;")
    runs[-1] = msgspec.structs.replace(last, text=bare + mark)
    return msgspec.structs.replace(block, runs=tuple(runs))
