"""What Bộ dự phòng prints of a meeting, before it begins."""

from __future__ import annotations

from server.clock import Millis
from server.config import RecordSettings
from server.documents.papers import PaperId
from server.documents.service import Papers
from server.errors import NotFound
from server.joints.course import course_of, invited
from server.meetings.meeting import Meeting
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
            records.PlannedBallot(
                numbers.get(ballot.item, 0), ballot.question, tuple(option.vi for option in ballot.options)
            )
            for ballot in meeting.ballots.values()
        ),
        papers=tuple(
            [
                await _paper(papers, paper.id, paper.title, numbers.get(paper.item, 0))
                for paper in meeting.papers.values()
            ]
        ),
    )


def _name(meeting: Meeting, person: str) -> str:
    member = meeting.members.get(person)
    return f"{member.name}, {member.title}" if member else ""


async def _paper(papers: Papers, paper_id: str, title: str, item: int) -> records.Paper:
    try:
        paper = await papers.paper(PaperId(paper_id))
    except NotFound:
        return records.Paper(title, item)
    version = paper.version
    return records.Paper(title, item, version.pages if version else 0, version.id if version else "")
