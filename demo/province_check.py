"""Does the demo province hold together? Pure checks over what `demo.province` has read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.province import Item, Meeting, Province, Unit

SHORT_TITLE_LENGTH = 45


class Broken(ValueError):
    """The demo data contradicts itself; the sentence says where."""


def check(province: Province, papers: set[str]) -> None:
    """Raise `Broken` unless every id is unique and every reference in `province` leads somewhere."""
    units = _unique("unit", (unit.id for unit in province.units))
    people = _unique("person", (person.id for person in province.people))
    sites = _unique("site", (site.id for site in province.sites))
    _check_tree(province.units, units)
    for person in province.people:
        _known("unit", person.unit, units, f"person {person.id}")
    _dense("site", [site.order for site in province.sites])
    for site in province.sites:
        _known("unit", site.unit, units, f"site {site.id}")
        _known("person", site.technician, people, f"technician of site {site.id}")
    _check_meeting(province.meeting, units, people, sites)
    _check_items(province.meeting.item, units, people, papers)


def _check_tree(units: tuple[Unit, ...], ids: set[str]) -> None:
    roots = [unit.id for unit in units if unit.parent is None]
    if len(roots) != 1:
        raise Broken(f"exactly one unit has no parent, not {roots}")
    parents = {unit.id: unit.parent for unit in units}
    for unit in units:
        walked: set[str] = set()
        above: str | None = unit.id
        while above is not None:
            _known("unit", above, ids, f"unit {unit.id}")
            if above in walked:
                raise Broken(f"unit {unit.id} lies below itself")
            walked.add(above)
            above = parents[above]
    _unique("order below a unit", (f"{unit.parent} {unit.order}" for unit in units))


def _check_meeting(meeting: Meeting, units: set[str], people: set[str], sites: set[str]) -> None:
    seats = _unique("seat", (seat.id for seat in meeting.seat))
    invited = _unique("participant", (one.person for one in meeting.participant))
    _unique("seat taken", (one.seat for one in meeting.participant if one.seat))
    _known("unit", meeting.convened_by, units, "the meeting")
    for site in (meeting.main_site, *meeting.sites):
        _known("site", site, sites, "the meeting")
    for who in (meeting.chair, meeting.deputy, meeting.secretary, *meeting.assistants):
        _known("participant", who, invited, "the meeting")
    for one in meeting.participant:
        where = f"participant {one.person}"
        _known("person", one.person, people, where)
        _known("site", one.site, set(meeting.sites), where)
        if one.seat is not None:
            _known("seat", one.seat, seats, where)
        if (one.substitute is not None) != (one.answer == "substitute"):
            raise Broken(f"{where}: a substitute is named exactly when one is sent")
        if one.substitute is not None:
            _known("person", one.substitute, people, where)
        if one.mandate and one.capacity != "member":
            raise Broken(f"{where}: only members hold a vote")


def _check_items(items: tuple[Item, ...], units: set[str], people: set[str], papers: set[str]) -> None:
    _dense("item", [item.order for item in items])
    _unique("paper", (paper for item in items for paper in item.papers))
    for item in items:
        where = f"item {item.order}"
        _known("person", item.presenter, people, where)
        _known("unit", item.prepared_by, units, where)
        if len(item.short_title) > SHORT_TITLE_LENGTH:
            raise Broken(f"{where}: the short title has more than {SHORT_TITLE_LENGTH} letters")
        for paper in item.papers:
            _known("paper", paper, papers, where)


def _unique(what: str, ids: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise Broken(f"{what} {one} stands twice")
        seen.add(one)
    return seen


def _known(what: str, one: str, ids: set[str], where: str) -> None:
    if one not in ids:
        raise Broken(f"{where}: there is no {what} {one}")


def _dense(what: str, orders: list[int]) -> None:
    if orders != list(range(1, len(orders) + 1)):
        raise Broken(f"the order of every {what} counts 1, 2, 3 without gaps, in the order of the file")
