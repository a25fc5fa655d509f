"""Adds golden files for events that have none yet: `python -m tests.meetings.golden`. Never edits one.

In `events` each event lies as it was when it first happened; in `later` with the fields that came after that. The one
proves that old rows still read, the other that both sides heed what is new in them.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from server.meetings.acts import tag_of
from tests.meetings.scenario import RULES, START, Play, opened, whole

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "events"
LATER = FOLDER.parent / "later"


def main() -> None:
    """Write what is missing."""
    _write(FOLDER, whole())
    _write(LATER, later())
    _write(LATER, election(), ".election")
    _write(LATER, questioned(), ".question")
    _write(LATER, sealed(), ".sealed")
    _write(LATER, even(), ".even")
    _write(LATER, internal(), ".internal")


def later() -> Play:
    """A meeting in which the fields that were added to older events have something to say."""
    play = opened()
    play.steps.clear()
    item = play.meeting.items[0].id
    play.does("secretary", "item.edit", item=item, title="Báo cáo", short="Báo cáo", minutes=15, kind="procedure")
    play.does("secretary", "ballot.plan", item=item, question="Nhất trí?", method="paper")
    told = {"taken_at": START, "reason": "mất điện", "issued": 4, "returned": 4, "invalid": 1}
    tally = {"agree": 2, "disagree": 1, "abstain": 0}
    ballot = list(play.meeting.ballots)[-1]
    play.does("secretary", "ballot.enter", ballot=ballot, method="paper", tally=tally, **told)
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "microphones.lock", locked=True)
    secret = {"paper": "p-x", "item": item, "title": "Số liệu", "short": "Số liệu", "screen_only": True}
    play.does("secretary", "paper.attach", **secret)
    play.does("secretary", "notice.post", text="Nghỉ giải lao đến 10 giờ", minutes=15)
    return play


def election() -> Play:
    """Ballots that choose among several, need a quorum, and may be voided: what came to them later still."""
    play = opened()
    play.steps.clear()
    asked = {"kind": "election", "options": ["Bà Hà", "Ông Toàn", "Ông Vịnh"], "places": 2}
    item = play.meeting.items[0].id
    play.does("secretary", "ballot.plan", item=item, question="Bầu Tổ kiểm phiếu", method="named", **asked)
    ballot = list(play.meeting.ballots)[-1]
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in (("chair", "c1,c3"), ("deputy", "c3,c1"), ("delegate", "c3,c1"), ("second", "")):
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot)
    return play


def questioned() -> Play:
    """Somebody is questioned and answers: what came to speeches with that, and how often everybody spoke."""
    play = opened()
    play.steps.clear()
    play.does("second", "floor.request", topic="Di dời dân cư", kind="question", to="delegate")
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "floor.invite", person="delegate", answers=play.meeting.speaking.id)
    play.does("delegate", "floor.end")
    return play


def sealed() -> Play:
    """A count with its seal, which came to the desk's own event later."""
    play = election()
    play.steps[:] = [step for step in play.steps if tag_of(step[1]) == "ballot.counted"]
    return play


def even() -> Play:
    """As many for as against, and the chair, on whom it hangs, chose neither: what came later to the count."""
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in (("chair", "abstain"), ("deputy", "agree"), ("delegate", "disagree")):
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    play.steps.clear()
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot)
    play.steps[:] = [step for step in play.steps if tag_of(step[1]) != "ballot.closed"]
    return play


def internal() -> Play:
    """A meeting nobody takes anything along from: created so, let go, and made so again."""
    play = Play()
    times = {"starts_at": START + 3_600_000, "ends_at": START + 14_400_000}
    about = {"title": "Hội ý", "form": "room", "place": "Phòng 2", **times}
    play.does("secretary", "meeting.create", kind=RULES.kind, host="vp-ubnd", **about, internal=True)
    play.does("secretary", "meeting.describe", **about, internal=False)
    play.does("secretary", "meeting.describe", **about, internal=True)
    tags = ("meeting.created", "meeting.described")
    play.steps[:] = [step for step in play.steps if tag_of(step[1]) in tags and step[2].internal]
    return play


def _write(folder: Path, play: Play, ending: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for before, event, after in play.steps:
        file = folder / f"{tag_of(event)}{ending}.json"
        if not file.exists():
            known = {"before": before, "event": event, "after": after}
            text = json.dumps(msgspec.to_builtins(known), ensure_ascii=False, indent=1, sort_keys=True)
            file.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
