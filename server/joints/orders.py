"""What a secretary tapped on the chair's order, as the minutes say it: who, when, on whose order, and what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from server.meetings.meeting import Meeting, Member
from server.records import course as records
from server.records import naming
from server.records.wording import address, capital, when
from server.streams import Entry

DONE = {
    "meeting.opened": "khai mạc",
    "item.started": "chuyển nội dung",
    "item.finished": "kết thúc nội dung",
    "floor.invited": "mời phát biểu",
    "floor.extended": "gia hạn phát biểu",
    "floor.ordered": "xếp lại hàng phát biểu",
    "floor.register_closed": "khóa, mở danh sách đăng ký phát biểu",
    "floor.reply_promised": "ghi nhận trả lời chất vấn bằng văn bản",
    "floor.ended": "kết thúc phát biểu",
    "ballot.opened": "mở biểu quyết",
    "ballot.closed": "đóng biểu quyết",
    "ballot.announced": "công bố kết quả biểu quyết",
    "meeting.paused": "tạm nghỉ",
    "meeting.resumed": "tiếp tục cuộc họp",
    "system.stopped": "tạm dừng hệ thống",
    "recording.started": "bắt đầu ghi âm, ghi hình",
    "recording.paused": "tạm dừng ghi âm, ghi hình",
    "recording.resumed": "ghi âm, ghi hình tiếp",
    "recording.stopped": "dừng ghi âm, ghi hình",
    "meeting.closed": "bế mạc",
}
"""What steering is called in the minutes; what else is done on order has its own sentence there."""


def orders_of(entries: Sequence[Entry], meeting: Meeting, words: naming.Words) -> tuple[records.Remark, ...]:
    """A sentence for each stretch in which the same secretary steered for the same chair."""
    steered = [entry for entry in entries if entry.type in DONE]
    stretches = groupby(steered, key=lambda entry: (entry.by, entry.order_of))
    return tuple(_remark(list(run), meeting, words) for (_, order_of), run in stretches if order_of)


def _remark(run: list[Entry], meeting: Meeting, words: naming.Words) -> records.Remark:
    first, last = run[0], run[-1]
    who, chair = named(meeting, first.by, words), named(meeting, first.order_of, words)
    what = ", ".join(dict.fromkeys(DONE[entry.type] for entry in run))
    text = f"{capital(when(first.at, last.at))}, {who} thao tác trên hệ thống theo lệnh của {chair}: {what}"
    return records.Remark(first.version, first.at, text)


def named(meeting: Meeting, person: str, words: naming.Words) -> str:
    """How the minutes call whoever acts, by name alone."""
    member: Member | None = meeting.members.get(person)
    return address(naming.Person(member.name if member else person), words)
