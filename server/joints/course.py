"""The meeting's log as the course the minutes are drafted from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

import msgspec

from server.clock import Millis
from server.config import RecordSettings
from server.joints.ballots import Found, ballots_of
from server.joints.controls import controls_of
from server.joints.naming import person
from server.joints.orders import orders_of
from server.meetings.acts import read_event
from server.meetings.former import with_former
from server.meetings.meeting import Item, Meeting, Member
from server.meetings.roles import Role
from server.meetings.sitting import MeetingOpened
from server.records import attending, naming
from server.records import course as records
from server.records.draft import LATEST
from server.records.wording import address, capital, said_back
from server.streams import Entry

Told = tuple[Entry, dict[str, Any]]
RECIPIENTS = ("Như thành phần tham dự",)
"""Who gets the minutes when nobody says otherwise."""


def course_of(entries: Sequence[Entry], meeting: Meeting, settings: RecordSettings) -> records.Course:
    """Everything the minutes need of a meeting, in the records room's own words."""
    found = _by_type(entries)
    ever = with_former(entries, meeting)
    opened = found.get("meeting.opened", [])
    closed = found.get("meeting.closed", [])
    return records.Course(
        meeting=meeting.id,
        title=meeting.title,
        place=meeting.place,
        event=opened[0][0].version if opened else 0,
        agency=settings.agency,
        superior_agency=settings.superior_agency,
        symbol=settings.agency_short,
        form=meeting.form,
        words=_words(meeting),
        began_at=opened[0][0].at if opened else None,
        ended_at=closed[0][0].at if closed else None,
        ended_event=closed[0][0].version if closed else 0,
        breaks=_breaks(found),
        chairs=_chairs(found, ever),
        secretary=_secretary(meeting),
        attendance=_attendance(found, ever),
        quorum=_quorum(opened, meeting),
        recipients=RECIPIENTS,
        remarks=_outside_items(entries, found, ever),
        sites=tuple(site.name for site in sorted(meeting.sites.values(), key=lambda site: site.order) if not site.main),
        telephoned=_telephoned(found, meeting),
        items=tuple(_item(number, item, found, ever) for number, item in enumerate(meeting.items, 1)),
    )


def _by_type(entries: Sequence[Entry]) -> Found:
    found: Found = {}
    for entry in entries:
        found.setdefault(entry.type, []).append((entry, msgspec.json.decode(entry.data)))
    return found


def _outside_items(entries: Sequence[Entry], found: Found, meeting: Meeting) -> tuple[records.Remark, ...]:
    words = _words(meeting)
    back = _turned_back(entries, found.get("meeting.opened", []), found.get("meeting.closed", []))
    return (*orders_of(entries, meeting, words), *controls_of(entries, meeting, words), *back)


PAUSES = {"meeting.paused": False, "system.stopped": True}
"""What begins a pause: whether the system is stopped in it."""

SKEW: Millis = 2_000
"""Clocks of machines that agree differ by less."""


def _turned_back(entries: Sequence[Entry], opened: Sequence[Told], closed: Sequence[Told]) -> list[records.Remark]:
    """That the clock was turned back while the meeting sat: hours said before it and after it do not compare."""
    began, ended = (limit[0][0].version if limit else LATEST for limit in (opened, closed))
    sat = [entry for entry in entries if began <= entry.version <= ended]
    return [
        records.Remark(after.version, after.at, said_back(before.at, after.at), f"clock:{after.version}")
        for before, after in pairwise(sat)
        if before.at - after.at > SKEW and before.at // 60_000 > after.at // 60_000
    ]


def _words(meeting: Meeting) -> naming.Words:
    noun = next((n for n in ("phiên họp", "kỳ họp", "hội nghị", "hội thảo") if n in meeting.rules.name.lower()), "")
    return naming.Words(
        chair=meeting.rules.presiding,
        comrade=meeting.rules.address == "đồng chí",
        noun=noun or "cuộc họp",
        members=meeting.rules.members,
    )


def _breaks(found: Found) -> tuple[records.Break, ...]:
    """The pauses, each until the meeting went on or was closed, or until the system was stopped in it."""
    kinds = (*PAUSES, "meeting.resumed", "meeting.closed")
    turns = sorted((entry for kind in kinds for entry, _ in found.get(kind, [])), key=attrgetter("version"))
    ends = [*(entry.at for entry in turns[1:]), None]
    pauses = [(entry, end) for entry, end in zip(turns, ends, strict=False) if entry.type in PAUSES]
    return tuple(records.Break(entry.version, entry.at, end, PAUSES[entry.type]) for entry, end in pauses)


def _chairs(found: Found, meeting: Meeting) -> tuple[records.Chairing, ...]:
    opened = found.get("meeting.opened", [])
    handed = found.get("chair.handed_over", [])
    if not opened:
        return ()
    first = handed[0][1]["before"] if handed else meeting.chair
    periods = [records.Chairing(opened[0][0].version, person(meeting.members.get(first)), opened[0][0].at)]
    for entry, data in handed:
        periods.append(records.Chairing(entry.version, person(meeting.members.get(data["to"])), entry.at))
    return tuple(periods)


def _secretary(meeting: Meeting) -> naming.Person | None:
    """Whoever was named secretary first signs the minutes; later ones assist."""
    found = next((member for member in meeting.members.values() if Role.SECRETARY in member.roles), None)
    return person(found) if found else None


def _attendance(found: Found, meeting: Meeting) -> tuple[attending.Attendee, ...]:
    """Voting members always; others once they have come, or said why not."""
    touched: dict[str, int] = {}
    for entry, data in found.get("attendance.recorded", []) + found.get("attendance.substituted", []):
        touched[data["person"]] = max(entry.version, touched.get(data["person"], 0))
    members = [
        member
        for member in meeting.members.values()
        if Role.TECHNICIAN not in member.roles and (member.attendance.state != "expected" or member.mandate)
    ]
    return listed(meeting, members, touched)


def invited(meeting: Meeting) -> tuple[attending.Attendee, ...]:
    """Everybody who is invited, for the sheet they sign on paper."""
    return listed(meeting, [m for m in meeting.members.values() if Role.TECHNICIAN not in m.roles], {})


def listed(meeting: Meeting, members: list[Member], touched: dict[str, int]) -> tuple[attending.Attendee, ...]:
    """These members in order of precedence, with the version of the log that last spoke of them."""
    in_order = sorted(members, key=lambda member: (member.precedence, member.id))
    return tuple(_attendee(member, touched.get(member.id, 0), meeting) for member in in_order)


PRESENCE = {
    "room": attending.Presence.ROOM,
    "site": attending.Presence.SITE,
    "online": attending.Presence.ONLINE,
}


def _attendee(member: Member, event: int, meeting: Meeting) -> attending.Attendee:
    standing = member.attendance
    away = attending.Presence.ABSENT_EXCUSED if standing.excused else attending.Presence.ABSENT
    was_there = attending.Presence.SITE if member.site else attending.Presence.ROOM
    presence = PRESENCE.get(standing.state, was_there if standing.state == "left" else away)
    site = meeting.sites.get(member.site)
    replaced = meeting.members.get(member.substitute_for)
    return attending.Attendee(
        id=member.id,
        event=event,
        person=person(member),
        presence=presence,
        votes=member.mandate,
        guest=Role.GUEST in member.roles,
        site=site.name if site else "",
        late_at=standing.since if standing.late and standing.present else None,
        left_at=standing.since if standing.state == "left" else None,
        reason=standing.reason,
        substitutes=person(replaced) if replaced else None,
    )


def _telephoned(found: Found, meeting: Meeting) -> tuple[attending.Telephoned, ...]:
    """The calls of sites that reached into the meeting, in protocol order and then that of time."""
    opened, closed = (found.get(f"meeting.{word}", []) for word in ("opened", "closed"))
    if not opened:
        return ()
    told = {(data["site"], data["at"]): entry.version for entry, data in found.get("site.telephoned", [])}

    def after(site: str, at: Millis, edge: Entry) -> bool:
        version = told.get((site, at))
        return at > edge.at if version is None else version > edge.version

    return tuple(
        attending.Telephoned(
            told.get((site.id, call.began_at), 0), site.name, call.number,
            began=call.began_at if after(site.id, call.began_at, opened[0][0]) else None, ended=call.ended_at or None,
        )
        for site in sorted(meeting.sites.values(), key=lambda site: site.order)
        for call in meeting.voices.get(site.id, ())
        if (not call.ended_at or after(site.id, call.ended_at, opened[0][0]))
        and not (closed and after(site.id, call.began_at, closed[0][0]))
    )  # fmt: skip


def _quorum(opened: list[tuple[Entry, dict[str, Any]]], meeting: Meeting) -> attending.Quorum | None:
    if not opened or not meeting.rules.quorum_of:
        return None
    entry, _ = opened[0]
    event = read_event(entry.type, entry.data)
    assert isinstance(event, MeetingOpened)
    return attending.Quorum(entry.version, event.of_all, event.present, event.needed)


STATES = {"waiting": "planned", "current": "running", "done": "done", "postponed": "postponed"}


def _item(number: int, item: Item, found: Found, meeting: Meeting) -> records.Item:
    started = [entry for entry, data in found.get("item.started", []) if data["item"] == item.id]
    finished = [entry for entry, data in found.get("item.finished", []) if data["item"] == item.id]
    concluded = [entry for entry, data in found.get("item.concluded", []) if data["item"] == item.id]
    ballots = tuple(ballots_of(item.id, found, meeting))
    return records.Item(
        id=item.id,
        event=started[0].version if started else (finished[0].version if finished else 0),
        number=number,
        title=item.title,
        # Voted on paper while the system was away: it was dealt with all the same.
        state="done" if ballots and item.state == "waiting" else STATES[item.state],
        began=started[0].at if started else None,
        ended=finished[-1].at if finished and item.state != "current" else None,
        ended_event=finished[-1].version if finished and item.state != "current" else 0,
        presenter=person(meeting.members.get(item.presenter)) if item.presenter else None,
        papers=tuple(paper.title for paper in meeting.papers.values() if paper.item == item.id),
        speeches=_speeches(item.id, found, meeting),
        remarks=_in_writing(item.id, found, meeting),
        ballots=ballots,
        conclusions=tuple(
            records.Conclusion(entry.version, entry.at, item.conclusion) for entry in concluded[-1:] if item.conclusion
        ),
    )


def _speeches(item: str, found: Found, meeting: Meeting) -> tuple[records.Speech, ...]:
    begun = {data["speech"]["id"]: entry.version for entry, data in found.get("floor.invited", [])}
    speeches = []
    for entry, data in found.get("floor.ended", []):
        if data["item"] != item:
            continue
        speaker = meeting.members.get(data["person"])
        site = meeting.sites.get(speaker.site) if speaker else None
        speeches.append(
            records.Speech(
                event=entry.version,
                speaker=person(speaker),
                began=data["began_at"],
                ended=data["at"],
                seconds=max(0, data["at"] - data["began_at"]) // 1000,
                kind=_kind(entry, data, found, meeting),
                topic=data["topic"],
                site=site.name if site else "",
                to=person(meeting.members[data["to"]]) if data.get("to") in meeting.members else None,
                began_event=begun.get(data["speech"], 0),
            )
        )
    return tuple(speeches)


def _in_writing(item: str, found: Found, meeting: Meeting) -> tuple[records.Remark, ...]:
    """What was promised to be answered in writing."""
    words = _words(meeting)
    put = {question.id: question for question in meeting.questions}
    promised = [(entry, put.get(data["question"])) for entry, data in found.get("floor.reply_promised", [])]
    remarks = []
    for entry, question in promised:
        if question is None or question.item != item:
            continue
        to, asks = (address(person(meeting.members.get(who)), words) for who in (question.to, question.person))
        topic = f": {question.topic}" if question.topic else ""
        text = f"{capital(to)} trả lời bằng văn bản chất vấn của {asks}{topic}"
        remarks.append(records.Remark(entry.version, entry.at, text))
    return tuple(remarks)


KINDS = {"question": "question", "reply": "answer", "order": "order"}


def _kind(entry: Entry, data: dict[str, Any], found: Found, meeting: Meeting) -> str:
    """The chair's own words are the chair's, without a queue; a question is one, and so is its answer."""
    handed = [(later.version, told) for later, told in found.get("chair.handed_over", [])]
    chair = next((told["before"] for version, told in handed if version > entry.version), meeting.chair)
    if data["person"] == chair:
        return "chair"
    return KINDS.get(data["kind"], "speech")
