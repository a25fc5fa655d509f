"""A small meeting with somebody in every role, played from its creation to its closing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from server.clock import HeldClock
from server.floorplan import drawn
from server.meetings import views
from server.meetings.acts import (
    BoxCleared,
    By,
    Card,
    Command,
    Event,
    Moment,
    RoomPlan,
    Row,
    SecretVote,
    VoteCast,
    decide,
    fold,
    read_command,
)
from server.meetings.meeting import Meeting
from server.meetings.roles import Role
from server.meetings.rules import Option, Rules

RULES = Rules(
    kind="phien_hop_thuong_ky",
    name="Phiên họp thường kỳ Ủy ban nhân dân tỉnh",
    presiding="chủ trì",
    quorum_of=2,
    quorum_per=3,
    options=(
        Option("agree", "Tán thành", "In favour"),
        Option("disagree", "Không tán thành", "Against"),
        Option("abstain", "Không biểu quyết", "Not voting"),
    ),
)

PEOPLE = {
    "chair": Card("chair", "Phạm Hồng Sơn", "Chủ tịch", "Ủy ban nhân dân tỉnh", "UBND tỉnh", 1),
    "deputy": Card("deputy", "Lê Thị Minh Nguyệt", "Phó Chủ tịch", "Ủy ban nhân dân tỉnh", "UBND tỉnh", 2),
    "secretary": Card("secretary", "Trịnh Thu Hà", "Chuyên viên", "Văn phòng Ủy ban nhân dân tỉnh", "VP UBND", 90),
    "delegate": Card("delegate", "Lưu Thị Bích Thảo", "Giám đốc", "Sở Nông nghiệp và Môi trường", "Sở NN&MT", 10),
    "second": Card("second", "Vi Văn Thiết", "Chủ tịch", "Ủy ban nhân dân xã Thường Xuân", "xã Thường Xuân", 30),
    "guest": Card("guest", "Hà Văn Toàn", "Phó Trưởng ban", "Hội đồng nhân dân tỉnh", "HĐND tỉnh", 40),
    "technician": Card("technician", "Đỗ Khắc Nhượng", "Kỹ thuật viên", "Trung tâm Công nghệ số", "TT CNS", 99),
    "substitute": Card("substitute", "Mai Thị Xuân", "Phó Giám đốc", "Sở Nông nghiệp và Môi trường", "Sở NN&MT", 60),
    "stranger": Card("stranger", "Ngô Quang Vinh", "Chuyên viên", "Sở Tài chính", "STC", 95),
}

START = 1_760_486_400_000

ROOMS = {"phong-1": RoomPlan("Phòng họp số 1", drawn("u", 5, 3)), "phong-2": RoomPlan("Phòng 2", drawn("round", 3, 1))}

ALL_PRINCIPALS = (*PEOPLE, "site-main", "site-tx")


class Play:
    """The meeting as it goes, with everything that happened."""

    def __init__(self, meeting_id: str = "m-1") -> None:
        self.clock = HeldClock(START)
        self.meeting = Meeting(meeting_id, "–", Rules(kind="none", name=""))
        self.steps: list[tuple[Meeting, Event, Meeting]] = []
        self.votes: dict[str, dict[str, str]] = {}
        self.boxes: dict[str, list[str]] = {}
        self.voted: set[tuple[str, str]] = set()
        """Ballot and mandate, of secret votes."""
        self.proved = True
        self.chair_connected = False
        self.connected: set[str] = set()
        """Who has a line open, beside the chair."""
        self.at_shared: set[str] = set()
        """Whose only line is that of a shared tablet."""
        self.recorder = "ready"

    def does(self, person: str, tag: str, /, **fields: Any) -> list[Event | Row]:
        """Somebody sends a command; what follows is folded and returned."""
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        return self.performs(person, command)

    def performs(self, person: str, command: Command, extra: Iterable[Role] = ()) -> list[Event | Row]:
        """As `does`, with a ready command, and with roles that come from offices outside the meeting."""
        self.clock.advance(1000)
        needs = command.needs()
        chosen = self.votes.get(needs.votes_of, {})
        moment = Moment(
            self.clock.now(),
            self.clock.fresh_id,
            PEOPLE,
            chosen,
            self.chair_connected,
            {RULES.kind: RULES},
            needs.line_of in self.connected,
            self.recorder,
            room=ROOMS.get(needs.room),
            box=tuple(sorted(self.boxes.get(needs.box_of, ()))),
            voted=needs.voted in self.voted,
            proved=self.proved,
            at_shared=needs.line_of in self.at_shared,
        )
        held = self.meeting.roles_of(person) | frozenset(extra)
        if not self.meeting.members:
            held |= {Role.SECRETARY}
        acts = decide(command, self.meeting, By(person, held), moment)
        for act in acts:
            if isinstance(act, Event):
                after = act.apply(self.meeting)
                self.steps.append((self.meeting, act, after))
                self.meeting = after
            else:
                self._keep(act)
        return acts

    def _keep(self, row: Row) -> None:
        match row:
            case VoteCast():
                self.votes.setdefault(row.ballot, {})[row.mandate] = row.choice
            case SecretVote():
                self.boxes.setdefault(row.ballot, []).append(row.choice)
                self.voted.add((row.ballot, row.mandate))
            case BoxCleared():
                self.boxes.pop(row.ballot, None)

    def house(self, tag: str, /, **fields: Any) -> list[Event | Row]:
        """The house itself acts."""
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        return self.performs("house", command, {Role.SYSTEM})


def prepared() -> Play:
    """A draft with people of every role, two sites, three items and papers of every kind of readers."""
    play = Play()
    play.does(
        "secretary",
        "meeting.create",
        title="Phiên họp thường kỳ tháng 10 năm 2026",
        kind=RULES.kind,
        form="hybrid",
        place="Phòng họp số 1",
        starts_at=START + 3_600_000,
        ends_at=START + 14_400_000,
        host="vp-ubnd",
    )
    sites = (("site-main", "Điểm cầu chính", 1, True), ("site-tx", "Điểm cầu xã Thường Xuân", 2, False))
    for site, name, order, main in sites:
        play.does(
            "secretary", "site.add", site={"id": site, "name": name, "short": name[:45], "order": order, "main": main}
        )
    play.does("secretary", "member.invite", people=["chair", "deputy", "delegate"], roles=["delegate"], mandate=True)
    play.does("secretary", "member.invite", people=["second"], roles=["delegate"], mandate=True, site="site-tx")
    play.does("secretary", "member.invite", people=["guest"], roles=["guest"])
    play.does("secretary", "member.invite", people=["technician", "stranger"], roles=["technician"])
    play.does("secretary", "member.remove", person="stranger")
    play.does("secretary", "chair.name", chair="chair", deputy="deputy")
    play.does("secretary", "member.change", person="delegate", roles=["delegate"], mandate=True, seat="A3")
    for title in ("Báo cáo kinh tế – xã hội quý III", "Dự thảo Quyết định", "Công tác cán bộ", "Việc khác"):
        play.does("secretary", "item.add", title=title, short=title[:45], presenter="delegate")
    ids = [item.id for item in play.meeting.items]
    play.does("secretary", "item.edit", item=ids[0], title="Báo cáo quý III", short="Báo cáo quý III", minutes=20)
    play.does("secretary", "item.move", item=ids[2], before=ids[1])
    play.does("secretary", "item.remove", item=ids[3])
    play.does("secretary", "member.limit", person="guest", items=[ids[0]])
    for paper, readers, named in (("p-all", "all", []), ("p-members", "members", []), ("p-named", "named", ["second"])):
        play.does(
            "secretary",
            "paper.attach",
            paper=paper,
            item=ids[0],
            title=paper,
            short=paper,
            readers=readers,
            named=named,
        )
        play.house("paper.prepare", paper=paper, state="ready", version="a" * 64, pages=24)
    play.does("secretary", "paper.rename", paper="p-members", title="Báo cáo thẩm định", short="Thẩm định")
    spare = {"id": "site-spare", "name": "Điểm cầu dự phòng", "short": "Dự phòng", "order": 3}
    play.does("secretary", "site.add", site=spare)
    play.does("secretary", "site.remove", site="site-spare")
    play.does("secretary", "paper.attach", paper="p-bad", item=ids[1], title="Hỏng", short="Hỏng")
    play.house("paper.prepare", paper="p-bad", state="refused", problem="paper.damaged")
    play.does("secretary", "paper.restrict", paper="p-bad", screen_only=True)
    play.does("secretary", "ballot.plan", item=ids[1], question="Thông qua dự thảo Quyết định?")
    play.does("secretary", "ballot.plan", item=ids[1], question="Giơ tay", method="hands")
    play.does(
        "secretary",
        "meeting.describe",
        title="Phiên họp thường kỳ tháng 10",
        form="hybrid",
        place="Phòng họp số 1, tầng 2",
        starts_at=START + 3_600_000,
        ends_at=START + 14_400_000,
    )
    return play


def opened() -> Play:
    """The prepared meeting, published, attended and opened, with its first item current."""
    play = prepared()
    play.does("secretary", "meeting.publish")
    for person in ("chair", "deputy", "secretary", "delegate", "second"):
        play.does(person, "attendance.arrive", place="room")
    play.does("chair", "meeting.open")
    play.does("chair", "item.start", item=play.meeting.items[0].id)
    return play


def whole() -> Play:
    """The whole meeting: every event happens at least once."""
    play = opened()
    _present_pages(play)
    _speak(play)
    _vote(play)
    _elect(play)
    _manage(play)
    _confer(play)
    _call(play)
    _revoke(play)
    _seat(play)
    play.does("chair", "system.stop")
    play.does("chair", "meeting.resume")
    play.does("chair", "meeting.close")
    play.does("secretary", "item.conclude", item=play.meeting.items[1].id, text="Thống nhất thông qua.")
    play.does("secretary", "recording.delete", reason="Hết thời hạn lưu")
    return play


def _present_pages(play: Play) -> None:
    play.does("chair", "paper.show", paper="p-all", page=1)
    play.does("chair", "page.turn", paper="p-all", page=7)
    play.does("chair", "view.move", paper="p-all", page=7, x=1000, y=2000, width=5000)
    play.does("chair", "paper.show", paper="p-members", page=2)
    play.does("chair", "paper.show", paper="p-named", page=3)
    play.does("chair", "page.turn", paper="p-named", page=4)
    play.does("chair", "paper.show", paper="p-all", page=2)
    play.does("second", "presenting.ask")
    play.does("delegate", "presenting.ask")
    play.does("secretary", "presenting.withdraw", person="second")
    play.does("chair", "presenting.hand_over", to="delegate")
    play.does("delegate", "page.turn", paper="p-all", page=3)
    play.does("delegate", "screen.share", sharing=True)
    play.does("delegate", "screen.share", sharing=False)
    play.does("delegate", "presenting.return")
    play.does("chair", "paper.hide")
    play.does("secretary", "paper.detach", paper="p-bad")


def _speak(play: Play) -> None:
    play.does("delegate", "floor.request", topic="Tiến độ giải ngân")
    play.does("second", "floor.request", topic="Di dời dân cư", kind="question", to="delegate")
    play.does("guest", "floor.request", topic="Thủ tục", kind="order")
    first = play.meeting.requests[-1].id
    play.does("chair", "floor.order", request=first, before=play.meeting.requests[0].id)
    play.does("chair", "floor.register", closed=True)
    play.does("guest", "floor.withdraw", request=next(r.id for r in play.meeting.requests if r.person == "guest"))
    play.does("chair", "floor.invite", person="delegate", minutes=3)
    play.does("chair", "floor.extend", minutes=2)
    play.does("chair", "floor.invite", person="second")
    play.does("second", "floor.end")
    play.does("chair", "floor.reply_in_writing", question=play.meeting.questions[-1].id)


def _vote(play: Play) -> None:
    by_tablet, by_hands = play.meeting.ballots
    play.does("chair", "ballot.open", ballot=by_tablet)
    for person, choice in (("chair", "agree"), ("deputy", "agree"), ("delegate", "agree"), ("second", "disagree")):
        play.does(person, "ballot.cast", ballot=by_tablet, mandate=person, choice=choice)
    play.does("chair", "ballot.close", ballot=by_tablet)
    play.does("chair", "ballot.announce", ballot=by_tablet, names=True)
    play.does("chair", "ballot.open", ballot=by_hands)
    play.does("secretary", "ballot.record", ballot=by_hands, tally={"agree": 2, "disagree": 2, "abstain": 0})
    play.does("chair", "ballot.announce", ballot=by_hands)


def _elect(play: Play) -> None:
    item = play.meeting.items[1].id
    asked = {"item": item, "question": "Bầu Ban kiểm phiếu", "kind": "election", "options": ["Bà Hà", "Ông Toàn"]}
    for _ in range(2):
        play.does("secretary", "ballot.plan", **asked, method="named", places=1)
    dropped, elected = list(play.meeting.ballots)[-1], list(play.meeting.ballots)[-2]
    play.does("secretary", "ballot.drop", ballot=dropped)
    play.does("chair", "ballot.call", ballot=elected)
    play.does("second", "ballot.ready", ballot=elected)
    play.does("chair", "ballot.open", ballot=elected)
    for person in ("chair", "deputy", "second"):
        play.does(person, "ballot.cast", ballot=elected, mandate=person, choice="c2")
    play.does("chair", "ballot.close", ballot=elected)
    play.does("chair", "ballot.announce", ballot=elected)
    play.does("secretary", "ballot.ask_void", ballot=elected, reason="Thiếu một đại biểu")
    play.does("chair", "ballot.refuse_void", ballot=elected)
    play.does("secretary", "ballot.ask_void", ballot=elected, reason="Thiếu một đại biểu", again=True)
    play.does("chair", "ballot.confirm_void", ballot=elected)


def _manage(play: Play) -> None:
    items = play.meeting.items
    play.does("chair", "acting.grant", granted=True)
    play.does("secretary", "item.finish", state="done")
    play.does("secretary", "item.postpone", item=items[2].id)
    play.does("secretary", "item.start", item=items[1].id)
    play.does("secretary", "item.conclude", item=items[1].id, text="Thống nhất.")
    play.does("secretary", "notice.post", text="Giải lao 15 phút")
    play.does("delegate", "attendance.leave", reason="Đi công tác")
    play.does("secretary", "attendance.record", person="guest", state="online")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Đi công tác")
    play.does("substitute", "attendance.arrive", place="room")
    play.does("chair", "microphone.switch", who="site-tx", open=True)
    play.does("technician", "stage.pin", who="site-tx")
    play.does("chair", "microphones.close_all")
    play.does("secretary", "recording.start")
    play.does("chair", "recording.pause")
    play.does("chair", "recording.resume")
    play.does("deputy", "controls.take")
    play.does("chair", "controls.return")
    play.does("chair", "meeting.pause", reason="Giải lao")
    play.does("chair", "meeting.resume")
    play.does("chair", "chair.hand_over", to="deputy")
    play.does("deputy", "chair.hand_over", to="chair")


def _confer(play: Play) -> None:
    play.does("technician", "stage.arrange", layout="tiles")
    play.does("chair", "microphones.lock", locked=True)
    play.does("technician", "microphones.lock", locked=False, who=["site-tx"])
    play.does("chair", "floor.invite", person="second")
    play.does("chair", "floor.open_now")
    play.does("second", "floor.end")
    play.does("technician", "waiting_room.switch", on=True)
    late = {"id": "site-late", "name": "Điểm cầu xã Bát Mọt", "short": "Bát Mọt", "order": 4}
    play.does("technician", "site.add", site=late)
    play.does("chair", "waiting_room.admit")
    play.does("technician", "site.remove", site="site-late")


def _call(play: Play) -> None:
    play.does("delegate", "call.make", kind="service", note="Thêm nước")
    play.does("site-tx", "call.make", kind="technician")
    first, second = play.meeting.calls
    play.does("secretary", "call.answer", call=first)
    play.does("technician", "call.answer", call=second)
    play.does("technician", "site.telephone", site="site-tx", number="0230 000 1112")
    play.does("delegate", "call.end", call=first)


def _seat(play: Play) -> None:
    play.does("secretary", "seats.draw", room="phong-1")
    play.does("secretary", "seats.move", person="guest", seat="2")
    play.does("technician", "seats.show", on=True)
    play.does("secretary", "seats.fill")


def _revoke(play: Play) -> None:
    play.does("secretary", "member.invite", people=["stranger"], roles=["guest"])
    play.does("stranger", "attendance.arrive", place="room")
    play.does("chair", "floor.invite", person="stranger")
    play.does("secretary", "member.revoke", person="stranger", reason="Mời nhầm")


def seen_by(meeting: Meeting, person: str, events: Iterable[Event], after: Meeting) -> Meeting:
    """What somebody's tablet holds: its view, brought up to date with the events that reach it."""
    return fold(views.view(meeting, person), (e for e in events if views.visible(e, after, person)))
