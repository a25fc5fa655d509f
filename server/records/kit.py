"""Bộ dự phòng: everything on paper that lets a meeting go on when the screens do not (one click before it starts)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import msgspec

from server.clock import Millis
from server.records.attending import Attendee
from server.records.naming import Words
from server.records.wording import at_site, full, moment, office, tidy


class Paper(msgspec.Struct, frozen=True):
    """One paper of the meeting; `blob` names its file, empty when there is none to print."""

    title: str
    item: int
    pages: int = 0
    blob: str = ""
    suffix: str = ".pdf"


class PlannedBallot(msgspec.Struct, frozen=True):
    """A vote the agenda foresees."""

    item: int
    question: str
    options: tuple[str, ...] = ("Tán thành", "Không tán thành", "Không biểu quyết")
    secret: bool = False


class KitItem(msgspec.Struct, frozen=True):
    """One line of the agenda."""

    number: int
    title: str
    minutes: int = 0
    presenter: str = ""


class Kit(msgspec.Struct, frozen=True):
    """What is printed, in neutral shapes."""

    title: str
    place: str
    agency: str
    begins_at: Millis
    made_at: Millis
    words: Words = Words()
    chair: str = ""
    items: tuple[KitItem, ...] = ()
    attendance: tuple[Attendee, ...] = ()
    ballots: tuple[PlannedBallot, ...] = ()
    papers: tuple[Paper, ...] = ()


def printed(kit: Kit) -> dict[str, object]:
    """The kit as the form `du_phong.typ` wants it: finished sentences only."""
    members = [one for one in kit.attendance if one.votes and not one.guest]
    return {
        "title": tidy(kit.title),
        "place": tidy(kit.place),
        "agency": tidy(kit.agency).upper(),
        "begins": moment(kit.begins_at),
        "made": moment(kit.made_at),
        "chair_word": kit.words.chair,
        "members_word": tidy(kit.words.members),
        "chair": tidy(kit.chair),
        "items": [_item(item) for item in kit.items],
        "people": [_person(one, kit.words) for one in kit.attendance],
        "members": len(members),
        "ballots": [_ballot(ballot) for ballot in kit.ballots],
        "papers": [
            {"file": name if paper.blob else "", "title": tidy(paper.title), "pages": paper.pages}
            for name, paper in files(kit.papers)
        ],
    }


def _item(item: KitItem) -> dict[str, object]:
    return {
        "number": item.number,
        "title": tidy(item.title),
        "presenter": tidy(item.presenter),
        "minutes": item.minutes,
    }


def _person(one: Attendee, words: Words) -> dict[str, object]:
    substitute = f"dự thay {full(one.substitutes, words)}" if one.substitutes else ""
    kind = "khách mời" if one.guest else "" if one.votes else "không biểu quyết"
    return {
        "name": tidy(one.person.name),
        "post": office(one.person),
        "note": "; ".join(part for part in (substitute, kind, tidy(one.site) and at_site(one.site)) if part),
    }


def _ballot(ballot: PlannedBallot) -> dict[str, object]:
    return {
        "item": ballot.item,
        "question": tidy(ballot.question),
        "options": [tidy(option) for option in ballot.options],
        "secret": ballot.secret,
    }


def files(papers: Sequence[Paper]) -> list[tuple[str, Paper]]:
    """Each paper with its name inside the ZIP: numbered, without marks, safe on every system."""
    return [(f"tai-lieu/{index:02}-{slug(paper.title)}{paper.suffix}", paper) for index, paper in enumerate(papers, 1)]


def slug(title: str) -> str:
    """`Tờ trình số 388/TTr` as `to-trinh-so-388-ttr`, at most 60 characters."""
    bare = unicodedata.normalize("NFD", title.casefold().replace("đ", "d"))
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in bare if letter.isprintable()
                   and not unicodedata.combining(letter))  # fmt: skip
    return "-".join(kept.split())[:60].strip("-") or "tai-lieu"
