"""The book in the records room's own words: tables by paper and precedence, and what the minutes say of amendments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from server.clock import Millis
from server.config import RecordSettings
from server.documents.marks import Remark
from server.joints.naming import person
from server.meetings.acts import Card
from server.meetings.meeting import Meeting, Paper
from server.meetings.opinions.book import Amendment, Book, Opinion, known_again
from server.records import course as records
from server.records import gathered, naming
from server.records.draft import LATEST
from server.records.wording import count

Cards = Mapping[str, Card]
"""Who wrote and is no member any more."""
LAST = 1 << 30
"""Behind every place and rank there is."""
LOST = {
    "gone": "Đoạn này không còn trong bản mới.",
    "changed": "Bản mới đã sửa đúng chỗ này, chưa chuyển được đề nghị sang.",
    "included": "Bản mới đã có nội dung đề nghị.",
    "no_text": "Bản mới không có lớp chữ, chưa đối chiếu được.",
    "too_long": "Bản mới quá dài, chưa đối chiếu được.",
}
Row = TypeVar("Row", gathered.Opinion, gathered.Change)


def opinions_of(meeting: Meeting, book: Book, remarks: Mapping[str, Sequence[Remark]], cards: Cards) -> Sections:
    """All opinions, with the sticky comments that their authors stuck on a page for others (paper → comments)."""

    taken = known_again(book)

    def rows(paper: Paper) -> list[gathered.Opinion]:
        written = [one for one in book.opinions.values() if one.paper == paper.id]
        found = [(_rank(meeting, one.person), one.page, _opinion(meeting, one, cards)) for one in written]
        for one in remarks.get(paper.id, ()):
            if (one.id, one.person, paper.id) in taken:
                continue
            stuck = gathered.Opinion(named(meeting, one.person, cards), one.text, one.page)
            found.append((_rank(meeting, one.person), one.page, stuck))
        return [row for *_, row in sorted(found, key=lambda each: each[:2])]  # then as they were written

    return _sections(meeting, rows)


def changes_of(meeting: Meeting, book: Book, cards: Cards) -> tuple[gathered.Section[gathered.Change], ...]:
    """All amendments: by paper, then by paragraph, then by precedence."""

    def rows(paper: Paper) -> list[gathered.Change]:
        proposed = [one for one in book.amendments.values() if one.paper == paper.id]
        proposed.sort(key=lambda one: (one.passage, _rank(meeting, one.person)))  # then as they were written
        return [_change(meeting, one, cards) for one in proposed]

    return _sections(meeting, rows)


Sections = tuple[gathered.Section[gathered.Opinion], ...]


def gathering(
    meeting: Meeting, sections: tuple[gathered.Section[Row], ...], settings: RecordSettings, now: Millis
) -> gathered.Gathering[Row]:
    """A table with the head of this house."""
    return gathered.Gathering(settings.agency, settings.superior_agency, meeting.title, meeting.place, now, sections)


def in_minutes(course: records.Course, meeting: Meeting, book: Book) -> records.Course:
    """The course with a line in its item for each draft of which amendments were decided."""
    return replace(course, items=tuple(_with_line(item, meeting, book) for item in course.items))


def _with_line(item: records.Item, meeting: Meeting, book: Book) -> records.Item:
    lines = [
        _line(paper, decided, item.event)
        for paper in meeting.papers.values()
        if paper.item == item.id and (decided := _decided(book, paper.id))
    ]
    return replace(item, remarks=(*item.remarks, *lines)) if lines else item


def _decided(book: Book, paper: str) -> list[Amendment]:
    return [one for one in book.amendments.values() if one.paper == paper and one.state != "open"]


def _line(paper: Paper, decided: Sequence[Amendment], event: int) -> records.Remark:
    accepted = sum(one.state == "accepted" for one in decided)
    parts = ((accepted, "chấp nhận"), (len(decided) - accepted, "không chấp nhận"))
    outcome = ", ".join(f"{words} {count(number)}" for number, words in parts if number)
    text = (
        f"Về “{paper.title}”: xem xét {count(len(decided))} đề nghị sửa đổi, bổ sung; {outcome} "
        "(có Bảng so sánh, tiếp thu kèm theo)"
    )
    newest = max(decided, key=lambda one: one.decided_on or LATEST)
    return records.Remark(event, newest.decided_at, text, f"amendments:{paper.id}", newest.decided_on or LATEST)


def strangers(meeting: Meeting, people: Iterable[str]) -> set[str]:
    """Those who are not, or no longer, members."""
    return {one for one in people if one not in meeting.members}


def named(meeting: Meeting, who: str, cards: Cards) -> naming.Person:
    """Somebody with title and unit, also after they were taken off the list; a substitute with whom they replace."""
    if who in meeting.members:
        found, member = person(meeting.members[who]), meeting.members.get(meeting.members[who].substitute_for)
        said = [found.unit, f"dự thay {member.name}"] if member else [found.unit]
        return replace(found, unit=", ".join(filter(None, said)))
    card = cards.get(who)
    return naming.Person(card.name, card.title, card.unit) if card else naming.Person(who)


def _sections(meeting: Meeting, rows: Callable[[Paper], list[Row]]) -> tuple[gathered.Section[Row], ...]:
    """In the order of the agenda; papers about which nothing was written are left out."""
    items = {item.id: number for number, item in enumerate(meeting.items)}
    papers = sorted(meeting.papers.values(), key=lambda paper: items.get(paper.item, LAST))
    found = ((paper.title, tuple(rows(paper))) for paper in papers)
    return tuple(gathered.Section(title, some) for title, some in found if some)


def _rank(meeting: Meeting, who: str) -> int:
    member = meeting.members.get(who)
    return member.precedence if member else LAST


def _opinion(meeting: Meeting, one: Opinion, cards: Cards) -> gathered.Opinion:
    return gathered.Opinion(named(meeting, one.person, cards), one.text, one.page, one.place, one.answer, one.reply)


def _change(meeting: Meeting, one: Amendment, cards: Cards) -> gathered.Change:
    return gathered.Change(
        named(meeting, one.person, cards),
        one.at,
        one.page,
        one.place,
        one.before,
        one.after,
        one.reason,
        one.state,
        one.reply,
        LOST.get(one.lost, "") if one.state == "open" else "",
    )
