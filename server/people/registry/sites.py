"""A room that can join conferences ("điểm cầu"), whatever the meeting; who may change what is written of it. Pure."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.errors import Forbidden, Invalid, Refused
from server.people.accounts import Account
from server.people.names import clean

SITE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
TELEPHONE = re.compile(r"\+?[0-9][0-9 .()-]{4,29}")

Line = Annotated[str, Meta(max_length=200)]
Short = Annotated[str, Meta(max_length=45)]
Telephone = Annotated[str, Meta(max_length=30)]


class RegisteredSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One room. `id` is the site's name in meetings and addresses, so it never changes."""

    id: str
    unit: str
    name: Line
    short: Short = ""
    order: Annotated[int, Meta(ge=0, le=100_000)] = 0
    """The place in protocol order."""
    main: bool = False
    room: Line = ""
    technician: str = ""
    """The account of the technician on duty there; empty where nobody has one."""
    technician_name: Line = ""
    telephones: Annotated[tuple[Telephone, ...], Meta(max_length=5)] = ()
    spare_line: Telephone = ""
    """The telephone in the room, by which the site joins by voice when the network fails."""
    places: Annotated[int, Meta(ge=0, le=10_000)] = 0
    equipment: Annotated[tuple[Line, ...], Meta(max_length=30)] = ()
    codec: Line = ""
    """The address of a room codec (SIP or H.323), where there is one."""
    retired: bool = False
    """Out of use: not offered to new meetings; what is known of it stays, and it may be taken up again."""


def tidied(site: RegisteredSite) -> RegisteredSite:
    """The site as it is kept. `Invalid`: "site.id_form", "site.name_missing", "site.telephone_form"."""
    if not SITE_ID.fullmatch(site.id):
        raise Invalid("site.id_form")
    name = clean(site.name)
    if not name:
        raise Invalid("site.name_missing")
    telephones = tuple(filter(None, map(clean, site.telephones)))
    for telephone in filter(None, (*telephones, clean(site.spare_line))):
        if not TELEPHONE.fullmatch(telephone):
            raise Invalid("site.telephone_form", telephone=telephone)
    return replace(
        site,
        name=name,
        short=(clean(site.short) or name)[:45],
        room=clean(site.room),
        technician_name=clean(site.technician_name),
        telephones=telephones,
        spare_line=clean(site.spare_line),
        equipment=tuple(filter(None, map(clean, site.equipment))),
        codec=clean(site.codec),
    )


def looks_after(account: Account | None) -> None:
    """Whoever a site names as its technician must be able to change it: `Refused("site.technician_office")`."""
    if account is None or account.disabled or not account.offices & {"technician", "unit", "system"}:
        raise Refused("site.technician_office")


READERS = frozenset({"system", "unit", "secretary", "chair", "technician"})


class Keeper(msgspec.Struct, frozen=True):
    """Who asks: a person of a unit with offices. Whoever came in by an invitation has none."""

    person: str
    unit: str
    offices: frozenset[str]


def must_read(by: Keeper) -> None:
    """The registry holds telephone numbers: it is for those who prepare meetings and look after lines."""
    if not by.offices & READERS:
        raise Forbidden("office.needed")


def must_change(by: Keeper, before: RegisteredSite | None, after: RegisteredSite | None) -> None:
    """The system's administrator changes every site; a unit's administrator and its technicians those of their unit;
    a technician also those that name them, without handing them to another unit. Else `Forbidden("office.needed")`."""
    known = [site for site in (before, after) if site is not None]
    own_unit = bool(by.unit) and bool(known) and all(site.unit == by.unit for site in known)
    named = before is not None and before.technician == by.person and all(site.unit == before.unit for site in known)
    may = "system" in by.offices or (own_unit and "unit" in by.offices)
    if not may and not ("technician" in by.offices and (own_unit or named)):
        raise Forbidden("office.needed")
