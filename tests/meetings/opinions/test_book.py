"""Who may write, answer and see what in the book: every command, every event, every role."""

from __future__ import annotations

import json
import random

import msgspec
import pytest

from server.errors import Forbidden, Invalid, Problem, Refused
from server.meetings.acts import By, tag_of, write_event
from server.meetings.meeting import Meeting
from server.meetings.opinions.book import (
    MOST,
    Book,
    OpinionCommand,
    OpinionEvent,
    Scene,
    decide,
    read_command,
    read_event,
    view,
)
from server.meetings.opinions.carrying import AmendmentCarried, carried
from server.meetings.opinions.service import _order_of
from server.meetings.roles import Role
from tests.meetings.opinions.golden import FOLDER
from tests.meetings.opinions.play import DRAFT, STUCK, VERSION, Pages, whole
from tests.meetings.scenario import ALL_PRINCIPALS, Play, opened, prepared

C, D, S, M, G = Role.CHAIR, Role.DEPUTY, Role.SECRETARY, Role.DELEGATE, Role.GUEST
A, K = Role.ACTING, Role.CONTROLLING

MAY: dict[str, set[Role]] = {
    "amendment.decide": {C, A, K, S},
    "amendment.propose": {C, D, S, M},
    "amendment.withdraw": {C, D, S, M},
    "opinion.answer": {C, A, K, S},
    "opinion.take_comment": {C, A, K, S},
    "opinion.withdraw": {C, D, S, M, G},
    "opinion.write": {C, D, S, M, G},
}
FIELDS: dict[str, dict[str, object]] = {
    "amendment.decide": {"amendment": "a-1", "state": "refused"},
    "amendment.propose": {"amendment": "a-9", "paper": "p-all", "version": VERSION, "passage": 7, "text": "Khác."},
    "amendment.withdraw": {"amendment": "a-1"},
    "opinion.answer": {"opinion": "o-1", "answer": "accepted"},
    "opinion.take_comment": {"comment": "c-1", "paper": "p-all", "answer": "accepted"},
    "opinion.withdraw": {"opinion": "o-1"},
    "opinion.write": {"opinion": "o-9", "paper": "p-all", "text": "Nhất trí."},
}
DESK_OF = {"chair", "deputy", "secretary"}


def commands() -> list[type[OpinionCommand]]:
    return OpinionCommand.__subclasses__()


def performed_as(role: Role, tag: str) -> None:
    pages = Pages()
    pages.writes("delegate")
    pages.proposes("delegate")
    command = read_command(msgspec.json.encode({"type": tag, **FIELDS[tag]}))
    decide(command, pages.book, By("delegate", frozenset({role})), Scene(pages.meeting, 1, DRAFT, STUCK))


def test_the_table_names_every_command() -> None:
    assert {tag_of(command) for command in commands()} == set(MAY) == set(FIELDS)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("tag", sorted(MAY))
def test_each_role_may_what_the_table_says(tag: str, role: Role) -> None:
    if role in MAY[tag]:
        performed_as(role, tag)
    else:
        with pytest.raises(Forbidden, match=r"role\.not_allowed"):
            performed_as(role, tag)


@pytest.mark.parametrize("phase", ["draft", "published", "open", "break", "closed"])
@pytest.mark.parametrize("tag", sorted(MAY))
def test_writing_ends_with_the_meeting_and_answering_does_not(tag: str, phase: str) -> None:
    pages = Pages()
    pages.writes("delegate")
    pages.proposes("delegate")
    pages.meeting = msgspec.structs.replace(pages.meeting, phase=phase)
    who = "secretary" if tag in ("amendment.decide", "opinion.answer", "opinion.take_comment") else "delegate"
    if phase == "draft" or (phase == "closed" and who == "delegate"):
        with pytest.raises(Refused, match=rf"phase\.{phase}"):
            pages.does(who, tag, **FIELDS[tag])
    else:
        assert pages.does(who, tag, **FIELDS[tag])


@pytest.mark.parametrize("to", ["desk", "all"])
@pytest.mark.parametrize("paper", ["p-all", "p-members", "p-named"])
def test_each_event_is_for_its_author_and_the_desk_or_for_the_readers_of_the_paper(paper: str, to: str) -> None:
    pages = Pages()
    author = "second"
    pages.writes(author, paper=paper, to=to)
    pages.proposes(author, paper=paper, to=to)
    proposed = pages.book.amendments["a-1"]
    pages.steps.append((pages.book, AmendmentCarried(carried(proposed, "b" * 64, DRAFT)), pages.book))
    pages.does("secretary", "opinion.answer", opinion="o-1", answer="explained", reply="Vì đã có quy định.")
    pages.does("chair", "amendment.decide", amendment="a-1", state="refused")
    pages.does("chair", "amendment.decide", amendment="a-1", state="open")
    pages.does(author, "amendment.withdraw", amendment="a-1")
    pages.does("secretary", "opinion.answer", opinion="o-1", answer="")
    pages.does(author, "opinion.withdraw", opinion="o-1")
    members = set(pages.meeting.members)
    readers = {"p-all": members, "p-members": members - {"guest"}, "p-named": {"second"}}[paper]
    expected = DESK_OF | {author} | (readers if to == "all" else set())
    seen = {tag_of(event): {who for who in members if sees(event, pages.meeting, who)} for _, event, _ in pages.steps}
    assert {tag_of(event) for event in OpinionEvent.__subclasses__()} == set(seen)
    assert all(who == expected for who in seen.values()), seen


def sees(event: OpinionEvent, meeting: Meeting, person: str) -> bool:
    audience = event.audience(meeting)
    return audience is None or person in audience


def random_book(seed: int) -> Pages:
    draw, pages = random.Random(seed), Pages()
    people = ["chair", "secretary", "delegate", "second", "guest"]
    for _ in range(90):
        tag = draw.choice(sorted(MAY))
        fields = FIELDS[tag] | {"to": draw.choice(["desk", "all"]), "paper": draw.choice(["p-all", "p-members"])}
        for key in ("opinion", "amendment"):
            if key in fields:
                fields[key] = f"{key}-{draw.randint(1, 6)}"
        known = {f.encode_name for c in commands() if tag_of(c) == tag for f in msgspec.structs.fields(c)}
        text = " ".join(draw.choice(["hai", "ba", "bốn"]) for _ in range(4))
        given = {key: value for key, value in (fields | {"text": text}).items() if key in known}
        try:
            pages.does(draw.choice(people), tag, **given)
        except Problem:
            continue
    return pages


@pytest.mark.parametrize("seed", range(12))
def test_a_stale_view_and_the_events_one_may_see_equal_a_fresh_view(seed: int) -> None:
    pages = random_book(seed)
    assert len(pages.steps) > 3
    for person in ALL_PRINCIPALS:
        for before, event, after in pages.steps:
            stale = view(before, pages.meeting, person)
            shown = event.apply(stale) if sees(event, pages.meeting, person) else stale
            assert shown == view(after, pages.meeting, person), (person, event)


@pytest.mark.parametrize("seed", range(12))
def test_no_two_accepted_amendments_want_different_words_in_the_same_place(seed: int) -> None:
    from server.redline import merged

    accepted = [one for one in random_book(seed).book.amendments.values() if one.state == "accepted"]
    for one in accepted:
        same = [other.after for other in accepted if (other.paper, other.passage) == (one.paper, one.passage)]
        assert merged(one.before, same) is not None


def test_golden_events_fold_as_they_did() -> None:
    files = {file.stem: json.loads(file.read_text("utf-8")) for file in FOLDER.glob("*.json")}
    assert set(files) == {tag_of(event) for event in OpinionEvent.__subclasses__()}
    for tag, golden in files.items():
        event = read_event(tag, msgspec.json.encode(golden["event"]))
        after = event.apply(msgspec.convert(golden["before"], Book))
        assert after == msgspec.convert(golden["after"], Book), "fields added since then take their defaults"
        assert golden["before"] != golden["after"]


def test_the_log_tells_the_whole_book() -> None:
    pages, book = whole(), Book()
    for _, event, _ in pages.steps:
        book = read_event(tag_of(event), msgspec.json.encode(write_event(event))).apply(book)
    assert book == pages.book


def test_the_secretary_decides_on_the_chairs_order_and_answers_alone() -> None:
    meeting = opened().meeting
    secretary, chair = By("secretary", meeting.roles_of("secretary")), By("chair", meeting.roles_of("chair"))
    accept = read_command(b'{"type":"amendment.decide","amendment":"a-1","state":"accepted"}')
    answer = read_command(b'{"type":"opinion.answer","opinion":"o-1","answer":"accepted"}')
    assert [_order_of(accept, meeting, by) for by in (secretary, chair)] == ["chair", ""]
    assert _order_of(answer, meeting, secretary) == ""


def test_unknown_fields_and_long_texts_are_refused() -> None:
    for fields in ({"text": "x" * 4001}, {"text": ""}, {"to": "mine"}, {"more": 1}, {"page": -1}):
        with pytest.raises(Invalid, match=r"command\.malformed"):
            Pages().writes("delegate", **fields)


def test_whoever_writes_without_end_is_stopped() -> None:
    pages = Pages()
    for number in range(MOST):
        pages.writes("delegate", f"o-{number}")
    with pytest.raises(Refused, match=r"opinion\.too_many"):
        pages.proposes("delegate")


def test_before_the_meeting_opinions_are_gathered_too() -> None:
    play: Play = prepared()
    play.does("secretary", "meeting.publish")
    pages = Pages(play.meeting)
    assert pages.writes("delegate")
