"""What an administrator writes, and how it differs from what stood there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.errors import Invalid, Refused
from server.people.names import clean
from server.people.organisation import Organisation, Unit
from server.people.positions import UNRANKED, Person

Line = Annotated[str, Meta(max_length=200)]
Short = Annotated[str, Meta(max_length=45)]
Name = Annotated[str, Meta(max_length=64)]
Rank = Annotated[int, Meta(ge=0, le=100_000)]


class PersonForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a person, written anew."""

    name: Line
    unit: Name
    title: Line = ""
    precedence: Rank = UNRANKED
    """`UNRANKED`: the rank the catalogue of titles gives."""
    short: Short = ""


class UnitForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit, written anew; its id stays."""

    name: Line
    short: Short = ""
    kind: Annotated[str, Meta(min_length=1, max_length=32)] = "agency"
    parent: Name = ""
    order: Rank = 0
    retired: bool = False


def person_from(form: PersonForm, identifier: str) -> Person:
    """The person as they are kept, but for the rank of their title. `Invalid("person.name_missing")`."""
    if not clean(form.name):
        raise Invalid("person.name_missing")
    return Person(identifier, form.unit, form.name, form.title, form.precedence, form.short)


def unit_from(form: UnitForm, identifier: str) -> Unit:
    """The unit as it is kept. `Invalid("unit.name_missing")`."""
    if not clean(form.name):
        raise Invalid("unit.name_missing")
    fields = msgspec.structs.asdict(form)
    return replace(Unit(identifier, **fields), name=clean(form.name), short=clean(form.short))


def must_fit(kept: Unit, before: Unit | None, units: Sequence[Unit], in_use: int) -> None:
    """A unit is taken out of use when nothing beneath it is in use and none of its people signs in any more.

    Raises `Refused`: "unit.parent_unknown", "unit.cycle", "unit.parent_retired", "unit.has_units",
    "unit.has_accounts".
    """
    tree = Organisation([*(unit for unit in units if unit.id != kept.id), kept])
    if kept.retired:
        if before is not None and not before.retired:
            _must_be_empty([unit for unit in tree.children(kept.id) if not unit.retired], in_use)
    elif kept.parent and tree.get(kept.parent).retired:
        raise Refused("unit.parent_retired")


def _must_be_empty(beneath: Sequence[Unit], in_use: int) -> None:
    if beneath:
        raise Refused("unit.has_units", count=len(beneath))
    if in_use:
        raise Refused("unit.has_accounts", count=in_use)
