from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Forbidden, Problem
from server.people.registry.sites import Keeper, RegisteredSite, must_change, must_read, tidied

SITE = RegisteredSite("so-yt", "so-yt", "Sở Y tế", technician="hoan", telephones=("0230 000 4117",))


def who(*offices: str, unit: str = "", person: str = "somebody") -> Keeper:
    return Keeper(person, unit, frozenset(offices))


def may_change(by: Keeper, before: RegisteredSite | None, after: RegisteredSite | None) -> bool:
    try:
        must_change(by, before, after)
    except Forbidden:
        return False
    return True


def test_the_systems_administrator_changes_every_site() -> None:
    assert may_change(who("system"), None, SITE)
    assert may_change(who("system"), SITE, None)


@pytest.mark.parametrize("office", ["unit", "technician"])
def test_a_unit_changes_its_own_sites_and_no_others(office: str) -> None:
    assert may_change(who(office, unit="so-yt"), None, SITE)
    assert not may_change(who(office, unit="so-nv"), SITE, SITE)
    assert not may_change(who(office, unit="so-yt"), SITE, replace(SITE, unit="so-nv")), "given to another unit"
    assert not may_change(who(office, unit="so-nv"), SITE, replace(SITE, unit="so-nv")), "taken from another unit"
    assert not may_change(who(office), SITE, replace(SITE, unit="")), "nobody's unit is no unit"


def test_a_technician_changes_the_sites_that_name_them() -> None:
    hoan = who("technician", unit="tt-cds", person="hoan")
    assert may_change(hoan, SITE, replace(SITE, room="Phòng họp tầng 2"))
    assert may_change(hoan, SITE, replace(SITE, technician="")), "handing over the duty"
    assert not may_change(hoan, None, replace(SITE, id="moi")), "naming oneself does not make a site one's own"
    assert not may_change(hoan, SITE, replace(SITE, unit="tt-cds"))


@pytest.mark.parametrize("by", [who(), who("secretary", unit="so-yt"), who("chair")])
def test_nobody_else_changes_a_site(by: Keeper) -> None:
    assert not may_change(by, SITE, SITE)


def test_telephones_are_for_those_who_need_them() -> None:
    for office in ("system", "unit", "secretary", "technician", "chair"):
        must_read(who(office))
    for by in (who(), who("clerk")):
        with pytest.raises(Forbidden):
            must_read(by)


def test_what_is_typed_is_tidied() -> None:
    kept = tidied(replace(SITE, name="  Sở  Y tế ", telephones=(" 0230 000 4117 ", ""), equipment=("", "Micrô: 2")))
    assert (kept.name, kept.short, kept.telephones, kept.equipment) == (
        "Sở Y tế",
        "Sở Y tế",
        ("0230 000 4117",),
        ("Micrô: 2",),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "Sở Y tế"}, "site.id_form"),
        ({"id": "a/../b"}, "site.id_form"),
        ({"id": "x~wall"}, "site.id_form"),
        ({"name": "  "}, "site.name_missing"),
        ({"telephones": ("javascript:alert(1)",)}, "site.telephone_form"),
        ({"spare_line": "hỏi văn thư"}, "site.telephone_form"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Problem, match=code):
        tidied(replace(SITE, **changes))
