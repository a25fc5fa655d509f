"""The demo province as plain data: read from the TOML files beside this one, checked, and nothing else.

`load()` gives a `Province`; every reference in it leads somewhere, every key is known, and all text is NFC.
Whoever fills a database from it maps these structs to the services of the rooms.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from demo.province_check import Broken, check

HERE = Path(__file__).parent

UnitKind = Literal[
    "province",
    "party",
    "council",
    "committee",
    "front",
    "office",
    "department",
    "agency",
    "division",
    "ward",
    "commune",
]
Role = Literal["system_admin", "unit_admin", "secretary", "clerk", "technician", "guest"]


class Plain(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all parts of the province have in common: frozen, and an unknown key is an error."""


class Unit(Plain):
    """An agency, office or place in the tree; only the province itself has no parent."""

    id: str
    name: str
    short: str
    kind: UnitKind
    order: int
    parent: str | None = None


class Person(Plain):
    """Somebody with an account; `id` is the sign-in name and a smaller `precedence` is greeted first."""

    id: str
    name: str
    title: str
    unit: str
    precedence: int
    phone: str
    roles: tuple[Role, ...] = ()


class Site(Plain):
    """A room that joins conferences (điểm cầu); `order` is the protocol order, 1 is the main site."""

    id: str
    order: int
    kind: Literal["main", "branch"]
    name: str
    unit: str
    room: str
    technician: str
    telephones: tuple[str, ...]
    spare_line: str
    places: int
    equipment: tuple[str, ...]


class Seat(Plain):
    """A place in the main hall seen from above, in tenths of a place from the top left corner."""

    id: str
    x: int
    y: int


class Participant(Plain):
    """A person invited to the meeting, from which site, on which seat, and what was answered so far."""

    person: str
    capacity: Literal["member", "delegate", "guest", "staff"]
    site: str
    answer: Literal["accepted", "absent", "substitute", "pending"]
    mandate: bool = False
    seat: str | None = None
    substitute: str | None = None
    reason: str = ""


class Item(Plain):
    """An agenda item; `ballot` is the question put to the vote, `papers` name sources in `demo/papers/`."""

    order: int
    title: str
    short_title: str
    minutes: int
    presenter: str
    prepared_by: str
    papers: tuple[str, ...]
    ballot: str | None = None


class Meeting(Plain):
    """Today's meeting, of a `type` in `config/meeting_types.toml`; `{month}` and `{year}` in its title are filled by
    `title_on`."""

    id: str
    type: str
    title: str
    place: str
    form: Literal["room", "online", "hybrid"]
    starts: str
    ends: str
    convened_by: str
    contact: str
    chair: str
    deputy: str
    secretary: str
    assistants: tuple[str, ...]
    main_site: str
    sites: tuple[str, ...]
    seat: tuple[Seat, ...]
    participant: tuple[Participant, ...]
    item: tuple[Item, ...]

    def title_on(self, day: date) -> str:
        """The full title for a meeting held on `day`."""
        return self.title.format(month=day.month, year=day.year)


class Province(Plain):
    """Everything the demo knows; units, people and sites come in protocol order."""

    name: str
    place: str
    telephone_of_support: str
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    sites: tuple[Site, ...]
    meeting: Meeting


class _About(Plain):
    name: str
    place: str
    telephone_of_support: str


class _Units(Plain):
    unit: tuple[Unit, ...]


class _People(Plain):
    person: tuple[Person, ...]


class _Sites(Plain):
    site: tuple[Site, ...]


T = TypeVar("T")


def load(folder: Path = HERE) -> Province:
    """Read and check the province.

    Raises `Broken` (a `ValueError`) for duplicates, dangling references, gaps in an order or text that is
    not NFC, and `msgspec.ValidationError` for an unknown key or a wrong type.
    """
    about = _read(folder / "province.toml", _About)
    province = Province(
        name=about.name,
        place=about.place,
        telephone_of_support=about.telephone_of_support,
        units=_read(folder / "units.toml", _Units).unit,
        people=_read(folder / "people.toml", _People).person,
        sites=_read(folder / "sites.toml", _Sites).site,
        meeting=_read(folder / "meeting.toml", Meeting),
    )
    check(province, {path.stem for path in (folder / "papers").glob("*.md")})
    return province


def _read(path: Path, shape: type[T]) -> T:
    text = path.read_text(encoding="utf-8")
    if not unicodedata.is_normalized("NFC", text):
        raise Broken(f"{path.name}: text is not in Unicode form NFC")
    try:
        return msgspec.toml.decode(text, type=shape)
    except msgspec.ValidationError as wrong:
        raise Broken(f"{path.name}: {wrong}") from wrong
