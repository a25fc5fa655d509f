"""Fills the database with the demo province, once, through the same doors as everybody: services and commands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

from demo import papers, province
from demo.accounts import PASSWORD
from server import floorplan, upkeep
from server.app import House
from server.config import Settings
from server.meetings.acts import Command
from server.meetings.agenda import AddItem
from server.meetings.attendance import NameSubstitute, RecordAttendance
from server.meetings.meeting import Site
from server.meetings.members import ChangeMember, InviteMembers
from server.meetings.papers import AttachPaper
from server.meetings.preparing import AddSite, CreateMeeting, NameChair, PublishMeeting
from server.meetings.questions import PlanBallot
from server.meetings.roles import Role
from server.meetings.seating import DrawSeats
from server.meetings.service import Asker
from server.people.organisation import Unit
from server.people.positions import Person
from server.people.registry.sites import RegisteredSite
from server.people.rooms.rooms import Room
from server.people.service import NewAccount

HANOI = timezone(timedelta(hours=7))
OFFICES = {"system_admin": "system", "unit_admin": "unit", "secretary": "secretary", "technician": "technician"}
CHUNK = 1 << 16
LOOK_EVERY_S = 0.1


async def fill(settings: Settings, drawn: bool = True) -> bool:
    """Fill in the province and a meeting for today; False when a published meeting is there already.

    At the end every paper can be read. With `drawn` all its pages are drawn too; without, the web process goes on with
    them. An interrupted filling is done again from the start, with a meeting of its own.
    """
    house = House(settings)
    try:
        known = province.load()
        if await upkeep.has_meetings(settings):
            return False
        # The built papers are kept beside the blobs, so that filling a second time need not build them again.
        building = asyncio.create_task(asyncio.to_thread(papers.build, settings.blobs.folder.parent / "demo"))
        await _people(house, known)
        meeting = await _meeting(house, known, building)
        await _readable(house, meeting)
        if drawn:
            await house.papers.settled()
        return True
    finally:
        await house.close()


async def _readable(house: House, meeting_id: str) -> None:
    """Wait until the meeting has heard how each of its papers fared."""
    while True:
        _, meeting = await house.meetings.standing(meeting_id)
        if all(paper.state != "waiting" for paper in meeting.papers.values()):
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def _people(house: House, known: province.Province) -> None:
    units = [Unit(unit.id, unit.name, unit.short, unit.kind, unit.parent or "", unit.order) for unit in known.units]
    await house.people.keep_units(units)
    people = [Person(one.id, one.unit, one.name, one.title, one.precedence) for one in known.people]
    await house.people.keep_people(people)
    offices = {one.id: frozenset(OFFICES[role] for role in one.roles if role in OFFICES) for one in known.people}
    await house.people.keep_accounts(
        [NewAccount(one.id, one.id, PASSWORD, offices[one.id], must_change=False) for one in known.people]
    )
    await house.registry.bring_in([_registered(site, known) for site in known.sites])
    await house.rooms.bring_in([_main_room(known.meeting), *ROOMS])
    await house.tablets.pins.bring_in([one.id for one in known.people], PIN)


MAIN_ROOM = "phong-hop-so-1"
ROOMS = (
    Room("hoi-truong-tinh", "vp-ubnd", "Hội trường tỉnh", "Tầng 1, nhà A", floorplan.drawn("rows", 229, 20, 9)),
    Room("phong-hop-ban-tron", "vp-ubnd", "Phòng họp bàn tròn", "Tầng 2, nhà A", floorplan.drawn("round", 16, 1)),
)
PIN = "274913"
"""Of everybody, on the shared tablets of the demo's rooms."""


def _main_room(plan: province.Meeting) -> Room:
    """The horseshoe of the meeting: its head from the middle outwards, then the arms in turn, then the inner row."""

    def honour(seat: province.Seat) -> tuple[bool, bool, int, str]:
        number = int(seat.id[1:])
        return seat.id[0] > "A", seat.id[0] == "D", abs(number - 5) if seat.id[0] == "A" else number, seat.id

    seats = [floorplan.Seat(one.id, one.x * 2 // 5, one.y * 2 // 5) for one in sorted(plan.seat, key=honour)]
    tables = tuple(floorplan.Furniture(*sides) for sides in ((12, 8, 36, 2), (10, 10, 3, 44), (47, 10, 3, 44)))
    drawn = floorplan.FloorPlan(60, 60, tuple(seats), tables)
    return Room(MAIN_ROOM, "vp-ubnd", "Phòng họp số 1", "Tầng 3, Trung tâm hành chính tỉnh", drawn)


class _Preparing:
    """Sends commands as the secretary, one after the other."""

    def __init__(self, house: House, meeting: str, asker: Asker) -> None:
        self.house = house
        self.meeting = meeting
        self.asker = asker

    async def does(self, command: Command) -> None:
        """Perform a command; what is refused here is a mistake in the demo's data."""
        command_id = self.house.clock.fresh_id()
        answer = await self.house.meetings.perform(self.meeting, self.asker, command_id, command)
        if not answer.ok:
            raise AssertionError(f"{command}: {answer.code} {answer.details}")


async def _meeting(house: House, known: province.Province, building: asyncio.Task[list[papers.Built]]) -> str:
    plan, today = known.meeting, datetime.now(HANOI)
    asker = Asker(plan.secretary, plan.convened_by, frozenset({"secretary", "unit"}))
    preparing = _Preparing(house, f"{plan.id}-{today:%Y%m%d-%H%M%S}", asker)
    begins, ends = (_at(today, time) for time in (plan.starts, plan.ends))
    title = plan.title_on(today.date())
    await preparing.does(CreateMeeting(title, plan.type, plan.form, plan.place, begins, ends, plan.convened_by))
    for site in known.sites:
        if site.id in plan.sites:
            await preparing.does(AddSite(_site(site, known)))
    await _members(preparing, plan)
    technicians = dict.fromkeys(site.technician for site in known.sites if site.id in plan.sites)
    await preparing.does(InviteMembers(tuple(technicians), (Role.TECHNICIAN,)))
    await preparing.does(NameChair(plan.chair, plan.deputy))
    await preparing.does(DrawSeats(MAIN_ROOM, fill=False))
    await _agenda(preparing, plan, await building)
    await preparing.does(PublishMeeting())
    await _answers(preparing, plan)
    return preparing.meeting


def _at(day: datetime, time: str) -> int:
    hour, minute = map(int, time.split(":"))
    return int(day.replace(hour=hour, minute=minute, second=0, microsecond=0).timestamp() * 1000)


def _site(site: province.Site, known: province.Province) -> Site:
    technician = next((one.name for one in known.people if one.id == site.technician), "")
    short = next((unit.short for unit in known.units if unit.id == site.unit), site.name)
    return Site(
        site.id,
        site.name,
        short,
        site.order,
        unit=site.unit,
        room=site.room,
        technician=technician,
        telephone=site.telephones[0],
        main=site.kind == "main",
    )


def _registered(site: province.Site, known: province.Province) -> RegisteredSite:
    seen = _site(site, known)
    return RegisteredSite(
        site.id, site.unit, site.name, seen.short, site.order, seen.main, site.room, site.technician, seen.technician,
        site.telephones, site.spare_line, site.places, site.equipment,
    )  # fmt: skip


ROLES = {"member": (Role.DELEGATE,), "delegate": (Role.DELEGATE,), "guest": (Role.GUEST,), "staff": (Role.TECHNICIAN,)}


async def _members(preparing: _Preparing, plan: province.Meeting) -> None:
    alike: dict[tuple[tuple[Role, ...], bool, str], list[province.Participant]] = {}
    for one in plan.participant:
        secretary = one.person in {plan.secretary, *plan.assistants}
        roles = (Role.SECRETARY,) if secretary else ROLES[one.capacity]
        site = "" if one.site == plan.main_site else one.site
        alike.setdefault((roles, one.mandate, site), []).append(one)
    for (roles, mandate, site), group in alike.items():
        await preparing.does(InviteMembers(tuple(one.person for one in group), roles, mandate=mandate, site=site))
        for one in group:
            if one.seat or one.person == plan.secretary:
                await preparing.does(ChangeMember(one.person, roles, mandate, site, one.seat or ""))


async def _agenda(preparing: _Preparing, plan: province.Meeting, built: list[papers.Built]) -> None:
    for item in sorted(plan.item, key=lambda one: one.order):
        await preparing.does(AddItem(item.title, item.short_title, item.minutes, item.presenter))
        _, meeting = await preparing.house.meetings.standing(preparing.meeting)
        item_id = meeting.items[-1].id
        if item.ballot:
            await preparing.does(PlanBallot(item_id, item.ballot))
        for paper in (one for one in built if one.id in item.papers):
            await _paper(preparing, item_id, paper)


async def _paper(preparing: _Preparing, item_id: str, paper: papers.Built) -> None:
    name = re.sub(r"[/\\]", "-", paper.title)[:150] + ".pdf"
    received = await preparing.house.papers.receive(
        preparing.asker.person, preparing.meeting, name, _chunks(paper.pdf.read_bytes())
    )
    await preparing.does(AttachPaper(received.id, item_id, paper.title, paper.short_title[:45], paper.kind))


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


async def _answers(preparing: _Preparing, plan: province.Meeting) -> None:
    """What the invited answered: who cannot come, and who comes instead."""
    for one in plan.participant:
        if one.answer == "absent":
            absent = RecordAttendance(one.person, "absent", excused=True, reason=one.reason)
            await preparing.does(absent)
        elif one.answer == "substitute" and one.substitute:
            await preparing.does(NameSubstitute(one.person, one.substitute, one.reason))
