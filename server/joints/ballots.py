"""Votes as the minutes are told of them: what was announced, and that there was one where nothing was."""

from __future__ import annotations

from typing import Any

import msgspec

from server.joints.naming import person
from server.meetings.ballot import Chosen
from server.meetings.meeting import Ballot, Meeting
from server.meetings.results import chosen_in
from server.records import ballots as records
from server.streams import Entry

Found = dict[str, list[tuple[Entry, dict[str, Any]]]]
"""The log by types, each event with its data."""


def ballots_of(item: str, found: Found, meeting: Meeting) -> list[records.Ballot]:
    """Those announced with their result; those only closed once the item is left behind, with the fact alone."""
    announced = {data["ballot"]: entry for entry, data in found.get("ballot.announced", [])}
    voided = {data["ballot"]: entry for entry, data in found.get("ballot.voided", [])}
    closed = {data["ballot"]: entry for entry, data in found.get("ballot.closed", [])}
    current = meeting.current is not None and meeting.current.id == item
    ballots = []
    for key, entry in (voided | closed).items():
        ballot = meeting.ballots.get(key)
        if ballot is None or ballot.item != item:
            continue
        if key in announced:
            told = _ballot(ballot, announced[key], entry, meeting)
        elif key in voided or not current:
            told = _unannounced(ballot, entry, meeting)
        else:
            continue
        ballots.append(msgspec.structs.replace(told, voided=_voiding(ballot, voided.get(key), meeting)))
    return sorted(ballots, key=lambda ballot: ballot.event)


def _voiding(ballot: Ballot, entry: Entry | None, meeting: Meeting) -> records.Voiding | None:
    if entry is None or ballot.voided is None:
        return None
    asked, by = (person(meeting.members.get(who)).name for who in (ballot.voided.asked_by, ballot.voided.by))
    return records.Voiding(entry.version, entry.at, asked, by, ballot.voided.reason)


def _unannounced(ballot: Ballot, closed: Entry, meeting: Meeting) -> records.Ballot:
    return records.Ballot(
        event=closed.version,
        at=ballot.closed_at or closed.at,
        question=ballot.question,
        counts=(),
        basis=0,
        way=ballot.method,
        announced=False,
        cast=ballot.cast,
        **_kind(ballot),
        **_trace(ballot, closed, meeting),
    )


def _ballot(ballot: Ballot, entry: Entry, closed: Entry, meeting: Meeting) -> records.Ballot:
    names = {option.key: [] for option in ballot.options}  # type: dict[str, list[str]]
    for mandate, choice in ballot.votes.items():
        for key in chosen_in(choice):
            names.setdefault(key, []).append(person(meeting.members.get(mandate)).name)
    counts = tuple(
        records.Count(option.vi, ballot.tally.get(option.key, 0), tuple(sorted(names[option.key])))
        for option in ballot.options
    )
    of_all = ballot.basis == "all"
    return records.Ballot(
        event=entry.version,
        at=entry.at,
        question=ballot.question,
        counts=counts,
        basis=ballot.of_all if of_all else len(ballot.electorate),
        basis_words=basis_words(ballot, meeting.rules.members),
        not_voted=len(ballot.electorate) - ballot.cast,
        absent=ballot.of_all - len(ballot.electorate) if of_all else 0,
        majority=majority_words(ballot, meeting.rules.members),
        result=result_words(ballot, meeting.rules.presiding),
        way=ballot.method,
        **_kind(ballot),
        **_trace(ballot, closed, meeting),
    )


def _kind(ballot: Ballot) -> dict[str, Any]:
    """What kind of vote it was, and who or what was chosen in it."""
    words = {option.key: option.vi for option in ballot.options}
    chosen = ballot.chosen or Chosen()
    return {
        "kind": ballot.kind,
        "places": ballot.places,
        "elected": tuple(words[key] for key in chosen.elected),
        "tied": tuple(words[key] for key in chosen.tied),
        "blank": chosen.blank,
        # Of one that was voided while it was open nothing was ever counted.
        "electorate": len(ballot.electorate) if ballot.closed_at else 0,
        "short_of": ballot.needed if ballot.closed_at and len(ballot.electorate) < ballot.needed else 0,
        "repeated": bool(ballot.repeats),
    }


def _trace(ballot: Ballot, closed: Entry, meeting: Meeting) -> dict[str, Any]:
    """Who entered what was counted in the hall, on whose order, and what the tellers wrote down."""
    if ballot.on_tablets or not ballot.closed_at:
        return {}
    entered, sheet = ballot.entered, ballot.sheet
    order = entered.order_of if entered else closed.order_of
    return {
        "entered_at": entered.at if entered else closed.at,
        "entered_by": person(meeting.members.get(closed.by)).name,
        "ordered_by": person(meeting.members.get(order)).name if order else "",
        "taken_at": entered.taken_at or None if entered else None,
        "reason": entered.reason if entered else "",
        "papers": records.Papers(sheet.issued, sheet.returned, sheet.invalid) if sheet else None,
    }


def basis_words(ballot: Ballot, members: str) -> str:
    """Of whom the majority is taken, in the type's own words: "tổng số thành viên Ủy ban nhân dân"."""
    return f"tổng số {members}" if ballot.basis == "all" else f"số {members} có mặt"


def majority_words(ballot: Ballot, members: str) -> str:
    """The rule in words: "quá nửa tổng số thành viên Ủy ban nhân dân"."""
    part = (ballot.majority_of, ballot.majority_per)
    return f"quá {'nửa' if part == (1, 2) else f'{part[0]}/{part[1]}'} {basis_words(ballot, members)}"


def result_words(ballot: Ballot, presiding: str) -> str:
    """What came of it; where for and against were even, how the chair's vote decided, or that it did not."""
    passed = ballot.result == "passed"
    words = "nội dung biểu quyết được thông qua" if passed else "nội dung biểu quyết không được thông qua"
    if ballot.kind != "question":
        return ""
    if ballot.by_chair is None:
        return words
    return f"số phiếu tán thành và không tán thành ngang nhau, {_by_chair(ballot, presiding)}, {words}"


def _by_chair(ballot: Ballot, presiding: str) -> str:
    if ballot.by_chair in {ballot.carries, ballot.against}:
        return f"theo ý kiến của {presiding}"
    chosen = next((option.vi for option in ballot.options if option.key == ballot.by_chair), "")
    return f"{presiding} chọn “{chosen}”" if chosen else f"{presiding} không bỏ phiếu"
