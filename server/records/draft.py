"""The minutes write themselves: from the course of a meeting to the paragraphs of Mẫu 1.9.

Decree 30/2020/NĐ-CP gives the order (time, place, attendance, chair, secretary, course, end); Decision
45/2018/QĐ-TTg what must stand in the course (order of items, opinion per speaker, votes, conclusions).
"""

from __future__ import annotations

from itertools import pairwise

from server.records.blocks import Block, plain
from server.records.course import Break, Chairing, Course, Item
from server.records.proceedings import Placed, heading, item_blocks, placed_remark, was_taken
from server.records.roll import roll
from server.records.wording import address, capital, full, hour, moment, sentence, span, tidy, turned_back

END_MARK = "./."
"""What closes the text of an official document (Decree 30/2020, Annex I, II.6)."""


def draft(course: Course) -> list[Block]:
    """The whole draft as it stands now. The same course always gives the same blocks with the same ids."""
    blocks = [*_facts(course), *roll(course), *_people(course)]
    blocks.append(Block(plain(f"Nội dung (theo diễn biến {course.words.noun}):"), "course", course.event, "fact"))
    taken = sorted((item for item in course.items if was_taken(item, course)), key=_began)
    moments = _moments(course)
    blocks += [block for _, block in _until(moments, _began(taken[0]) if taken else None)]
    for index, item in enumerate(taken):
        following = _began(taken[index + 1]) if index + 1 < len(taken) else None
        blocks += [heading(item), *_woven(item_blocks(item, course), _until(moments, following))]
    return blocks + _closing(course)


LATEST = 1 << 62
"""After every version of a log."""


def _began(item: Item) -> int:
    """Items that were never begun come after the others, in the agenda's order."""
    return item.event if item.began is not None else LATEST + item.number


def _facts(course: Course) -> list[Block]:
    blocks: list[Block] = []
    if course.began_at is not None:
        text = f"Thời gian bắt đầu: {moment(course.began_at)}."
        blocks.append(Block(plain(text), "began", course.event, "fact", at=course.began_at))
    blocks.append(Block(plain(f"Địa điểm: {_where(course)}"), "place", course.event, "fact"))
    return blocks


def _where(course: Course) -> str:
    place, sites = tidy(course.place), len(course.sites)
    if course.form == "online":
        text = f"họp trực tuyến; điểm cầu chính: {place}" if place else "họp trực tuyến"
    else:
        text = place
    if course.form != "room" and sites:
        text += f", kết nối trực tuyến đến {sites:02} điểm cầu"
    return sentence(text)


def _people(course: Course) -> list[Block]:
    words = course.words
    blocks: list[Block] = []
    if course.chairs:
        first = course.chairs[0]
        text = sentence(f"{capital(words.chair)}: {full(first.chair, words)}")
        blocks.append(Block(plain(text), "chair", first.event, "fact"))
    if course.secretary is not None:
        text = sentence(f"Thư ký (người ghi biên bản): {full(course.secretary, words)}")
        blocks.append(Block(plain(text), "secretary", course.event, "fact"))
    return blocks


def _moments(course: Course) -> list[Placed]:
    """What belongs to no item, in the log's order: pauses, handing over, announcements. Emptied by `_until`."""
    noun = course.words.noun
    placed = [(pause.event, _break(pause, noun)) for pause in course.breaks]
    placed += [(later.event, _handed_over(before, later, course)) for before, later in pairwise(course.chairs)]
    placed += [placed_remark(remark) for remark in course.remarks]
    return sorted(placed, key=lambda each: each[0])


def _break(pause: Break, noun: str) -> Block:
    when = span(pause.began, pause.ended)
    text = f"{capital(when)} tạm dừng hệ thống." if pause.stopped else f"{capital(noun)} tạm nghỉ {when}."
    return Block(plain(text), f"break:{pause.event}", pause.event, "break", at=pause.began)


def _handed_over(before: Chairing, later: Chairing, course: Course) -> Block:
    words = course.words
    gave = f"{address(before.chair, words)} trao quyền {words.chair}"
    text = f"Từ {hour(later.began)}, {gave}; {full(later.chair, words)}, {words.chair} {words.noun}"
    return Block(plain(sentence(text)), f"chair:{later.event}", later.event, "chair", at=later.began)


def _until(moments: list[Placed], before: int | None) -> list[Placed]:
    """Takes from `moments` what happened before that version of the log (all of them for None)."""
    taken = [each for each in moments if before is None or each[0] < before]
    del moments[: len(taken)]
    return taken


def _woven(own: list[Placed], around: list[Placed]) -> list[Block]:
    """Both lists in the log's order. What has no place in it keeps its own behind the block before it."""
    woven, waiting = [], list(around)
    for place, block in own:
        while waiting and waiting[0][0] < place:
            woven.append(waiting.pop(0)[1])
        woven.append(block)
    return woven + [block for _, block in waiting]


def _closing(course: Course) -> list[Block]:
    if course.ended_at is None:
        return []
    back = turned_back(course.began_at or course.ended_at, course.ended_at)
    text = f"{capital(course.words.noun)} kết thúc vào {moment(course.ended_at)}{back}{END_MARK}"
    return [Block(plain(text), "closing", course.ended_event or course.event, "closing", at=course.ended_at)]
