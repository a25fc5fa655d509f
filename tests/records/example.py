"""A meeting of a People's Committee as the minutes see it, with the names and titles such meetings have."""

from __future__ import annotations

from datetime import datetime

import msgspec

from server.records.attending import Attendee, Presence, Quorum
from server.records.ballots import Ballot, Count
from server.records.course import Break, Chairing, Conclusion, Course, Item, Remark, Speech, Task
from server.records.naming import Person, Words
from server.records.wording import VIETNAM


def at(hour: int, minute: int, day: int = 15) -> int:
    """That time on that day of October 2026 in Vietnam, in milliseconds."""
    return int(datetime(2026, 10, day, hour, minute, tzinfo=VIETNAM).timestamp()) * 1000


LAM = Person("Phạm Hữu Lâm", "Chủ tịch", "Ủy ban nhân dân tỉnh", "ông")
HA = Person("Trịnh Thu Hà", "Chuyên viên", "Văn phòng Ủy ban nhân dân tỉnh", "bà")
THAO = Person("Lưu Thị Bích Thảo", "Giám đốc", "Sở Nông nghiệp và Môi trường", "bà")
HUONG = Person("Phùng Thị Lan Hương", "Phó Giám đốc", "Sở Xây dựng", "bà")
THIET = Person("Vi Văn Thiết", "Chủ tịch", "Ủy ban nhân dân xã Thường Xuân", "ông")
VINH = Person("Trần Đức Vịnh", "Chánh Thanh tra tỉnh", "Thanh tra tỉnh", "ông")
MAI = Person("Ngô Thị Thanh Mai", "Giám đốc", "Sở Văn hóa, Thể thao và Du lịch", "bà")
CHIEN = Person("Lò Văn Chiến", "Phó Giám đốc", "Sở Dân tộc và Tôn giáo", "ông")
HOAT = Person("Bùi Sỹ Hoạt", "Giám đốc", "Sở Dân tộc và Tôn giáo", "ông")
TUAN = Person("Nguyễn Anh Tuấn", "Phó Chủ tịch", "Ủy ban nhân dân tỉnh", "ông")

ROOM, SITE = Presence.ROOM, Presence.SITE

ATTENDANCE = (
    Attendee("p1", 3, LAM, ROOM),
    Attendee("p2", 4, TUAN, ROOM),
    Attendee("p3", 5, THAO, ROOM),
    Attendee("p4", 41, MAI, ROOM, late_at=at(9, 46)),
    Attendee("p5", 6, CHIEN, ROOM, votes=False, substitutes=HOAT),
    Attendee("p6", 7, HUONG, Presence.ONLINE, left_at=at(10, 20)),
    Attendee("p7", 8, THIET, SITE, votes=False, site="Ủy ban nhân dân xã Thường Xuân"),
    Attendee("p8", 9, VINH, Presence.ABSENT_EXCUSED, reason="đi công tác Hà Nội"),
    Attendee("p9", 9, Person("Đỗ Khắc Nhượng", "Trưởng Ban", "Dân tộc"), Presence.ABSENT),
    Attendee("p10", 10, Person("Lê Quang", "Phóng viên", "Báo Thanh Hóa"), ROOM, votes=False, guest=True),
)

OPENING = Item(
    "i1", 12, 1, "Khai mạc, thông qua chương trình", "done", at(8, 30), at(8, 40),
    speeches=(Speech(13, LAM, at(8, 31), at(8, 35), 240, "chair"),),
)  # fmt: skip
DECISION = Item(
    "i3", 20, 2,
    "Dự thảo Quyết định quy định mức hỗ trợ di dời dân cư ra khỏi vùng có nguy cơ cao xảy ra lũ quét, sạt lở đất",
    "done", at(9, 30), at(10, 40), THAO, ("Tờ trình số 388/TTr-SNNMT", "dự thảo Quyết định"),
    speeches=(
        Speech(21, THAO, at(9, 31), at(9, 37), 360, "present"),
        Speech(22, HUONG, at(9, 38), at(9, 41), 180, topic="Định mức hạ tầng thiết yếu đối với khu tái định cư"),
        Speech(23, THIET, at(9, 42), at(9, 44), 120, site="Ủy ban nhân dân xã Thường Xuân"),
        Speech(24, THAO, at(9, 45), at(9, 50), 300, "explain"),
    ),
    ballots=(
        Ballot(
            30, at(10, 10), "Thông qua dự thảo Quyết định",
            (Count("Tán thành", 24), Count("Không tán thành", 2), Count("Không biểu quyết", 1)),
            29, "tổng số thành viên Ủy ban nhân dân tỉnh", 2, "quá nửa tổng số thành viên",
            "dự thảo Quyết định được thông qua",
        ),
    ),
    conclusions=(Conclusion(33, at(10, 30), "Thống nhất ban hành Quyết định.\nGiao cơ quan soạn thảo tiếp thu."),),
    tasks=(Task(34, at(10, 31), "hoàn thiện hồ sơ, trình ký ban hành", "Sở Nông nghiệp và Môi trường",
                ("Sở Tài chính", "Sở Tư pháp"), at(17, 0, 20)),),
)  # fmt: skip

COURSE = Course(
    "m1",
    "Phiên họp thường kỳ tháng 10 năm 2026 của Ủy ban nhân dân tỉnh",
    "Phòng họp số 1, trụ sở Ủy ban nhân dân tỉnh",
    event=2,
    agency="Ủy ban nhân dân tỉnh Thanh Hóa",
    symbol="UBND",
    number=5,
    form="hybrid",
    words=Words(noun="phiên họp", members="thành viên Ủy ban nhân dân tỉnh"),
    began_at=at(8, 30),
    ended_at=at(11, 14),
    ended_event=60,
    breaks=(Break(26, at(9, 55), at(10, 5)),),
    chairs=(Chairing(2, LAM, at(8, 30)), Chairing(45, TUAN, at(10, 35))),
    secretary=HA,
    attendance=ATTENDANCE,
    quorum=Quorum(11, 29, 27, 20),
    sites=("Ủy ban nhân dân xã Thường Xuân", "Ủy ban nhân dân xã Như Xuân"),
    items=(OPENING, DECISION, Item("i4", 50, 3, "Phương án ứng phó bão số 11", "postponed")),
    remarks=(Remark(29, at(10, 8), "Thông báo: mưa lớn tại 03 xã miền núi"),),
    recipients=(
        "Chủ tịch, các Phó Chủ tịch Ủy ban nhân dân tỉnh",
        "Các sở, ban, ngành",
        "Ủy ban nhân dân các xã, phường",
    ),
)

OPENED = msgspec.structs.replace(
    COURSE, ended_at=None, ended_event=0, breaks=(), chairs=COURSE.chairs[:1], items=COURSE.items[:1], remarks=()
)
"""The same meeting a few minutes after its opening."""
