"""Somebody as the minutes name them."""

from __future__ import annotations

from server.meetings.meeting import Member
from server.records import naming as records


def person(member: Member | None) -> records.Person:
    """Somebody as the minutes name them."""
    if member is None:
        return records.Person("")
    return records.Person(member.name, member.title, "" if _says(member.title, member.unit) else member.unit)


def _says(title: str, unit: str) -> bool:
    """Whether the title names the agency already: "Giám đốc Sở Tài chính", of "Sở Tài chính tỉnh Lam Giang"."""
    agency = unit.partition(" tỉnh ")[0]
    return bool(agency) and (unit in title or (agency in title and agency != unit))
