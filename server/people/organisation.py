"""The organisation: a tree of units of any depth, siblings in protocol order.

Neither the number of levels nor what stands on them is written into code: since July 2025 a province has
communes directly beneath it, and that may change again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from server.errors import NotFound, Refused
from server.people.names import alphabetical


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency, a department of one, or a locality. Any unit may be a site of a conference."""

    id: str
    name: str
    short: str = ""
    """What fits on a tile or in a signature: "Sở Y tế" for "Sở Y tế tỉnh Lam Giang"."""
    kind: str = "agency"
    """A word of the operator's catalogue: province, committee, department, commune…"""
    parent: str = ""
    """Empty for the root of a tree."""
    order: int = 0
    """The place among its siblings in protocol order; ties go by name."""
    retired: bool = False
    """Merged or dissolved: nothing new is put into it; its people, sites and meetings keep its name."""


class Organisation:
    """All units, checked: every parent exists and nobody is their own ancestor.

    Raises `Refused`: "unit.duplicate", "unit.parent_unknown", "unit.cycle".
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        for unit in units:
            if unit.id in self._units:
                raise Refused("unit.duplicate", unit=unit.id)
            self._units[unit.id] = unit
        self._children: dict[str, list[Unit]] = {}
        for unit in sorted(self._units.values(), key=_protocol):
            if unit.parent and unit.parent not in self._units:
                raise Refused("unit.parent_unknown", unit=unit.id, parent=unit.parent)
            self._children.setdefault(unit.parent, []).append(unit)
        self._ordered = list(self._walk())
        if len(self._ordered) != len(self._units):
            reached = {unit.id for unit in self._ordered}
            raise Refused("unit.cycle", unit=min(self._units.keys() - reached))
        self._place = {unit.id: place for place, unit in enumerate(self._ordered)}

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, unit: str) -> bool:
        return unit in self._units

    def get(self, unit: str) -> Unit:
        """That unit; `NotFound("unit.unknown")` when there is none."""
        found = self._units.get(unit)
        if found is None:
            raise NotFound("unit.unknown", unit=unit)
        return found

    def in_use(self, unit: str) -> Unit:
        """That unit, to put something new into it; `Refused("unit.retired")` once it is merged or dissolved."""
        found = self.get(unit)
        if found.retired:
            raise Refused("unit.retired", unit=found.name)
        return found

    def in_protocol_order(self) -> list[Unit]:
        """Every unit, parents before their children, siblings in protocol order."""
        return list(self._ordered)

    def place(self, unit: str) -> int:
        """The unit's rank in protocol order, from 0; units that do not exist come last."""
        return self._place.get(unit, len(self._ordered))

    def children(self, unit: str) -> list[Unit]:
        """The units directly beneath, in protocol order; those of "" are the roots."""
        return list(self._children.get(unit, []))

    def path(self, unit: str) -> list[Unit]:
        """The unit and everything above it, the root first."""
        upwards = [self.get(unit)]
        while upwards[-1].parent:
            upwards.append(self._units[upwards[-1].parent])
        return upwards[::-1]

    def beneath(self, unit: str) -> frozenset[str]:
        """The ids of the unit and of everything beneath it."""
        found = {self.get(unit).id}
        for other in self._ordered:  # parents stand before their children
            if other.parent in found:
                found.add(other.id)
        return frozenset(found)

    def _walk(self) -> Iterator[Unit]:
        waiting = self._children.get("", [])[::-1]
        while waiting:
            unit = waiting.pop()
            yield unit
            waiting.extend(self._children.get(unit.id, [])[::-1])


def _protocol(unit: Unit) -> tuple[int, tuple[object, ...], str]:
    return unit.order, alphabetical(unit.name), unit.id
