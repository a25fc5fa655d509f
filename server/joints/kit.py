"""What Bộ dự phòng prints of a meeting, before it begins."""

from __future__ import annotations

from server.clock import Millis
from server.config import RecordSettings
from server.documents.papers import PaperId
from server.documents.service import Papers
from server.errors import NotFound
from server.joints.course import course_of, invited
from server.meetings.ballot import Ballot
from server.meetings.meeting import Meeting, Paper
from server.meetings.papers import kept_back
from server.records import kit as records


async def kit_of(meeting: Meeting, papers: Papers, settings: RecordSettings, now: Millis) -> records.Kit:
    """Agenda, attendance sheet, planned ballots and papers, in the records room's own words."""
    course = course_of((), meeting, settings)
    numbers = {item.id: number for number, item in enumerate(meeting.items, 1)}
    chair = meeting.members.get(meeting.chair)
    return records.Kit(
        title=meeting.title,
        place=meeting.place,
        agency=settings.agency,
        begins_at=meeting.starts_at,
        made_at=now,
        words=course.words,
        chair=f"{chair.name}, {chair.title}" if chair else "",
        items=tuple(
            records.KitItem(numbers[item.id], item.title, item.minutes, _name(meeting, item.presenter))
            for item in meeting.items
        ),
        attendance=invited(meeting),
        ballots=tuple(
            _ballot(ballot, numbers.get(ballot.item, 0))
            for ballot in meeting.ballots.values()
            if ballot.state != "void"
        ),
        papers=tuple(
            [await _paper(papers, meeting, paper, numbers.get(paper.item, 0)) for paper in meeting.papers.values()]
        ),
    )


def _name(meeting: Meeting, person: str) -> str:
    member = meeting.members.get(person)
    return f"{member.name}, {member.title}" if member else ""


def _ballot(ballot: Ballot, item: int) -> records.PlannedBallot:
    """What is printed of a question that may be voted on."""
    most = f" (chọn không quá {ballot.places:02})" if ballot.places > 1 else ""
    options = tuple(option.vi for option in ballot.options)
    return records.PlannedBallot(item, ballot.question + most, options, secret=ballot.method == "secret")


async def _paper(papers: Papers, meeting: Meeting, named: Paper, item: int) -> records.Paper:
    """The paper with its file; without it where it is kept back, or lies on another meeting's shelf."""
    try:
        paper = await papers.paper(PaperId(named.id))
    except NotFound:
        return records.Paper(named.title, item)
    version = paper.version
    if version is None or kept_back(meeting, named) or paper.shelf != meeting.id:
        return records.Paper(named.title, item)
    return records.Paper(named.title, item, version.pages, version.id)
