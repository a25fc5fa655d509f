"""What happened in each item: who presented and spoke, the votes, the conclusion, the work given out."""

from __future__ import annotations

from server.records.blocks import Block, Run, labelled, plain
from server.records.course import Conclusion, Course, Item, Remark, Speech, Task
from server.records.naming import Words
from server.records.voting import ballot_blocks
from server.records.wording import (
    address,
    at_site,
    capital,
    date,
    full,
    office,
    roman,
    sentence,
    tidy,
)

Placed = tuple[int, Block]
"""A paragraph with the version of the meeting's log at which it happened; 0 where it has no place there."""
SPOKE = {
    "present": "trình bày",
    "speech": "phát biểu ý kiến",
    "question": "chất vấn",
    "answer": "trả lời chất vấn",
    "explain": "giải trình",
    "order": "nêu ý kiến về trình tự",
    "chair": "phát biểu",
}
STATES = {
    "postponed": "Nội dung này được hoãn, chưa xem xét tại {noun}.",
    "withdrawn": "Nội dung này được rút khỏi chương trình.",
    "planned": "Nội dung này chưa được xem xét.",
}


def was_taken(item: Item, course: Course) -> bool:
    """Whether the minutes speak of this item yet: it was begun, put off, or left over at the end."""
    return item.began is not None or item.state in {"postponed", "withdrawn"} or course.ended_at is not None


def heading(item: Item) -> Block:
    """`III. Tờ trình về …`, bold."""
    text = f"{roman(item.number)}. {tidy(item.title)}"
    return Block(plain(text, bold=True), f"item:{item.id}", item.event, "item", level=1, at=item.began or 0)


def item_blocks(item: Item, course: Course) -> list[Placed]:
    """Everything of one item in the log's order, without its heading: a clock that was turned back changes none."""
    words = course.words
    blocks = _presented(item, words)
    for ballot in item.ballots:
        blocks += ballot_blocks(ballot, words)
    for conclusion in item.conclusions:
        blocks += _conclusion(conclusion, words)
    blocks += [_task(task) for task in item.tasks]
    placed = [(block.event, block) for block in blocks]
    placed += [(speech.began_event or speech.event, _speech(speech, item, words)) for speech in item.speeches]
    placed += [placed_remark(remark) for remark in item.remarks]
    placed.sort(key=lambda each: each[0])
    return placed + [(item.ended_event, block) for block in _state(item, words)]


def _presented(item: Item, words: Words) -> list[Block]:
    if item.presenter is None or item.began is None or any(speech.kind == "present" for speech in item.speeches):
        return []
    text = f"{_who(full(item.presenter, words), office(item.presenter))} {_what_was_presented(item)}"
    return [Block(plain(sentence(text)), f"present:{item.id}", item.event, "speech", at=item.began)]


def _who(named: str, post: str) -> str:
    return capital(named) + ("," if post else "")


def _what_was_presented(item: Item) -> str:
    return "trình bày " + ("; ".join(tidy(paper) for paper in item.papers) or f"nội dung “{tidy(item.title)}”")


def _speech(speech: Speech, item: Item, words: Words) -> Block:
    site = f"tại {at_site(speech.site)}" if speech.site else ""
    who = ", ".join(part for part in (address(speech.speaker, words), office(speech.speaker), site) if part)
    topic = tidy(speech.topic)
    if speech.kind == "present" and not topic:
        said = _what_was_presented(item)
    else:
        said = SPOKE.get(speech.kind, SPOKE["speech"]) + _to_whom(speech, words) + (f": {topic}" if topic else "")
    text = f"{_who(who, office(speech.speaker) or site)} {said}"
    return Block(plain(sentence(text)), f"speech:{speech.event}", speech.event, "speech", at=speech.began)


def _to_whom(speech: Speech, words: Words) -> str:
    if speech.to is None:
        return ""
    return f"{' của' if speech.kind == 'answer' else ''} {address(speech.to, words)}"


def placed_remark(remark: Remark) -> Placed:
    """An announcement in its own words."""
    key = remark.key or f"remark:{remark.event}"
    block = Block(plain(sentence(tidy(remark.text))), key, remark.event, "remark", at=remark.at)
    return remark.order or remark.event, block


def _conclusion(conclusion: Conclusion, words: Words) -> list[Block]:
    lines = [tidy(line) for line in conclusion.text.splitlines() if tidy(line)]
    blocks: list[Block] = []
    for index, line in enumerate(lines):
        text = sentence(capital(line))
        runs = labelled(f"Kết luận của {words.chair}", text) if index == 0 else (Run(text),)
        name = f"conclusion:{conclusion.event}:{index}"
        blocks.append(Block(runs, name, conclusion.event, "conclusion", at=conclusion.at))
    return blocks


def _task(task: Task) -> Block:
    others = ", ".join(tidy(other) for other in task.others)
    lead = f"giao {tidy(task.lead)}" + (f" chủ trì, phối hợp với {others}" if others else "")
    text = sentence(f"{lead}: {tidy(task.text)}")
    if task.due is not None:
        text += f" Thời hạn: {date(task.due)}."
    return Block(labelled("Nhiệm vụ", text), f"task:{task.event}", task.event, "task", at=task.at)


def _state(item: Item, words: Words) -> list[Block]:
    said = STATES.get(item.state)
    if said is None or (item.state == "planned" and item.began is not None):
        return []
    text = said.format(noun=words.noun)
    return [Block(plain(text), f"state:{item.id}:{item.state}", item.event, "remark", at=item.ended or 0)]
