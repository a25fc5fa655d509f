"""Who was there: the sentences of "Thành phần tham dự", or, of a large meeting, its figures and a list behind it.

Decree 30/2020, Annex I, III: what would burden the text stands in an annex ("Phụ lục") of the same document.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.records.attending import Annex, Attendee, Listed, Part, Presence, Telephoned
from server.records.blocks import Block, plain
from server.records.course import Course
from server.records.naming import Words
from server.records.wording import address, at_site, capital, count, full, hour, office, roman, tidy

NAMES_IN_TEXT = 40
"""So many names fill a page; a longer list goes into the annex."""
ABSENT_IN_TEXT = 10
"""Those who did not come, and why, stay in the text of a large meeting too, unless they are many."""
ANNEX = "annex"
"""The sentence that sends the reader to the annex. Minutes that have it are printed with one."""


def roll(course: Course) -> list[Block]:
    """The attendance: how many, then by name in the order given (precedence), then who was absent and why."""
    blocks = [Block(plain(_how_many(course)), "attendance", _event(course), "attendance")]
    groups = _groups(course)
    is_long = sum(len(people) for _, _, people in groups) > NAMES_IN_TEXT
    for number, (name, title, people) in enumerate(groups, start=1):
        if is_long and not (name == "absent" and len(people) <= ABSENT_IN_TEXT):
            text = f"{number}. {title}: {_how_many_of(name, people, course.words)}."
            blocks.append(Block(plain(text), f"group:{name}", people[0].event, "attendance"))
            continue
        blocks.append(Block(plain(f"{number}. {title}:"), f"group:{name}", people[0].event, "attendance", level=2))
        lines = _by_site(course, people) if name == "sites" else _by_person(course, people)
        blocks += [_closed(line, last=line is lines[-1]) for line in lines]
    blocks += _by_telephone(course)
    if is_long:
        text = "Danh sách cụ thể tại Phụ lục kèm theo Biên bản này."
        blocks.append(Block(plain(text), ANNEX, _event(course), "attendance"))
    return blocks


def annex(course: Course) -> Annex:
    """The same people as a list for the annex: group by group, with everything the text would have said of each."""
    parts = [
        Part(f"{roman(number)}. {title}", tuple(_listed(one, course) for one in people))
        for number, (_, title, people) in enumerate(_groups(course), start=1)
    ]
    return Annex(f"Danh sách đại biểu dự {tidy(course.words.noun)}", tuple(parts))


def _listed(one: Attendee, course: Course) -> Listed:
    return Listed(tidy(one.person.name), office(one.person), capital("; ".join(_remarks(one, course))))


def _remarks(one: Attendee, course: Course) -> list[str]:
    words = course.words
    site = [at_site(one.site)] if _far(one) else []
    if site and any(call.site == one.site for call in course.telephoned):
        site.append("dự qua điện thoại")
    instead = [f"dự thay {full(one.substitutes, words)}"] if one.substitutes is not None else []
    away = [_absence(one, course)] if one.absent else _notes(one, words)
    return [*site, *instead, *away, *_spoke(one, course)]


def _spoke(one: Attendee, course: Course) -> list[str]:
    """How often and how long they spoke, rounded up to whole minutes; nothing of who did not."""
    theirs = [speech for item in course.items for speech in item.speeches if speech.speaker == one.person]
    minutes = -(-sum(speech.seconds for speech in theirs) // 60)
    return [f"phát biểu {count(len(theirs))} lượt, {count(minutes)} phút"] if theirs else []


def _how_many_of(name: str, people: Sequence[Attendee], words: Words) -> str:
    text = f"{count(len(people))} {'đồng chí' if words.comrade else 'người'}"
    sites = len({one.site for one in people})
    return f"{text} tại {count(sites)} điểm cầu" if name == "sites" else text


def _event(course: Course) -> int:
    return course.quorum.event if course.quorum is not None else course.event


def _how_many(course: Course) -> str:
    here = sum(not one.absent for one in course.attendance)
    quorum = course.quorum
    if quorum is None:
        return f"Thành phần tham dự: {count(here)} đại biểu."
    enough = "đủ" if quorum.present >= quorum.needed else "chưa đủ"
    members = tidy(course.words.members)
    return (
        f"Thành phần tham dự: có mặt {count(quorum.present)}/{count(quorum.members)} {members}, "
        f"{enough} số thành viên để họp (cần có ít nhất {count(quorum.needed)})."
    )


def _groups(course: Course) -> list[tuple[str, str, list[Attendee]]]:
    here = [one for one in course.attendance if not one.absent]
    members = tidy(course.words.members)
    groups = [
        ("members", capital(members), [one for one in here if one.votes and not one.guest and not _far(one)]),
        ("sites", "Tại các điểm cầu", [one for one in here if _far(one) and not one.guest]),
        ("others", "Đại biểu cùng dự", [one for one in here if not (one.votes or one.guest or _far(one))]),
        ("guests", "Khách mời", [one for one in here if one.guest]),
        ("absent", "Vắng mặt", [one for one in course.attendance if one.absent and not one.guest]),
    ]
    return [group for group in groups if group[2]]


def _far(one: Attendee) -> bool:
    return one.presence is Presence.SITE and bool(one.site)


def _by_person(course: Course, people: Sequence[Attendee]) -> list[Block]:
    return [
        Block(
            plain("- " + capital(one_line(one, course))),
            f"{'absent' if one.absent else 'present'}:{one.id}",
            one.event,
            "attendance",
            at=one.left_at or one.late_at or 0,
        )
        for one in people
    ]


def _by_site(course: Course, people: Sequence[Attendee]) -> list[Block]:
    order = [*course.sites, *(one.site for one in people)]
    blocks: list[Block] = []
    for site in dict.fromkeys(order):
        here = [one for one in people if one.site == site]
        if here:
            names = "; ".join(one_line(one, course) for one in here)
            text = f"- {capital(at_site(site))}: {names}"
            blocks.append(Block(plain(text), f"site:{site}", max(one.event for one in here), "attendance"))
    return blocks


def _by_telephone(course: Course) -> list[Block]:
    """The sites that were heard and not seen, each with its number and, where it was not the whole meeting, when."""
    calls = course.telephoned
    if not calls:
        return []
    text = "; ".join(f"{at_site(one.site)}, số {tidy(one.number)}{_when(one)}" for one in calls)
    return [Block(plain(f"Dự qua điện thoại: {text}."), "telephoned", max(one.event for one in calls), "attendance")]


def _when(one: Telephoned) -> str:
    began = f" từ {hour(one.began)}" if one.began is not None else ""
    ended = f" đến {hour(one.ended)}" if one.ended is not None else ""
    return f" ({(began + ended).strip()})" if began or ended else ""


def _closed(block: Block, last: bool) -> Block:
    text = block.text + ("." if last else ";")
    return Block(plain(text), block.id, block.event, block.kind, at=block.at)


def one_line(one: Attendee, course: Course) -> str:
    """`đồng chí A, Giám đốc Sở B (có mặt từ 09 giờ 46 phút)`, with the person replaced and the reason of absence."""
    words = course.words
    text = full(one.person, words)
    if one.substitutes is not None:
        text += f", dự thay {full(one.substitutes, words)}"
    if one.absent:
        return f"{text}, {_absence(one, course)}"
    notes = _notes(one, words)
    return f"{text} ({'; '.join(notes)})" if notes else text


def _absence(one: Attendee, course: Course) -> str:
    """`vắng có lý do: đi công tác, cử đồng chí B dự thay`; a substitute who did not come either replaced nobody."""
    came = [other for other in course.attendance if other.substitutes == one.person and not other.absent]
    instead = "".join(f", cử {address(other.person, course.words)} dự thay" for other in came)
    if one.presence is Presence.ABSENT:
        return f"vắng không có lý do{instead}"
    reason = tidy(one.reason)
    return "vắng có lý do" + (f": {reason}" if reason else "") + instead


def _notes(one: Attendee, words: Words) -> list[str]:
    notes: list[str] = []
    if one.presence is Presence.ONLINE:
        notes.append("dự trực tuyến")
    if one.late_at is not None:
        notes.append(f"có mặt từ {hour(one.late_at)}")
    if one.left_at is not None:
        notes.append(f"rời {words.noun} lúc {hour(one.left_at)}")
    return notes
