"""That a deputy held the controls while the chair was cut off, as the minutes say it: who, from when to when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from server.clock import Millis
from server.joints.orders import named
from server.meetings.meeting import Meeting
from server.records import course as records
from server.records import naming
from server.records.wording import capital, when
from server.streams import Entry


class _Held(NamedTuple):
    """The controls in a deputy's hands; `ended` is None while they still are."""

    taken: Entry
    began: Millis
    by: str
    chair: str
    ended: Millis | None


def controls_of(entries: Sequence[Entry], meeting: Meeting, words: naming.Words) -> tuple[records.Remark, ...]:
    """A sentence for each time a deputy took the controls, until they went back or the meeting ended."""
    return tuple(_remark(held, meeting, words) for held in _stretches(entries, meeting))


ENDS = frozenset({"controls.passed", "chair.handed_over", "member.revoked", "meeting.closed"})
"""After these the controls are with the chair, or in other hands."""


def _stretches(entries: Sequence[Entry], meeting: Meeting) -> Iterator[_Held]:
    told = [(entry, msgspec.json.decode(entry.data)) for entry in entries if entry.type in ENDS]
    chair = next((data["before"] for entry, data in told if entry.type == "chair.handed_over"), meeting.chair)
    held: _Held | None = None
    for entry, data in told:
        if held is not None and data.get("person", held.by) == held.by:
            yield held._replace(ended=data["at"])
            held = None
        if entry.type == "chair.handed_over":
            chair = data["to"]
        elif entry.type == "controls.passed" and data["to"]:
            held = _Held(entry, data["at"], data["to"], chair, None)
    if held is not None:
        yield held


def _remark(held: _Held, meeting: Meeting, words: naming.Words) -> records.Remark:
    deputy, chair = named(meeting, held.by, words), named(meeting, held.chair, words)
    text = (
        f"{capital(when(held.began, held.ended))}, {deputy} giữ điều khiển trên hệ thống do máy của {words.chair} "
        f"mất kết nối; {chair} vẫn là {words.chair}"
    )
    return records.Remark(held.taken.version, held.began, text)
