"""The registry over a real database, with the small province's units."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Forbidden, NotFound, Refused
from server.http import Visitor
from server.people.registry.service import SiteRegistry
from server.people.service import NewAccount
from tests.people.house import HERE, PASSWORD, House
from tests.people.registry.test_sites import SITE


def who(*offices: str, unit: str = "", only_meeting: str = "") -> Visitor:
    return Visitor("somebody", "session", "Tên", unit, frozenset(offices), only_meeting)


ADMIN = who("system")
FULL = replace(
    SITE, order=2, room="Phòng họp tầng 4", telephones=("0230 000 4117", "0912 000 117"), spare_line="0230 000 9117",
    places=14, equipment=("Camera xoay PTZ: 1", "Micrô đa hướng: 2"), codec="sip:so-yt@10.1.2.3",
)  # fmt: skip


@pytest.fixture(autouse=True)
async def technician(house: House) -> None:
    """Whom the site names, with the office to look after it."""
    offices = frozenset({"technician"})
    await house.people.keep_accounts([NewAccount(SITE.technician, "khanhhs.cds", PASSWORD, offices, False)])


async def test_only_somebody_with_the_office_is_named_as_a_sites_technician(house: House) -> None:
    registry = SiteRegistry(house.db)
    for nobody in ("nguyet", "khong-ai"):
        with pytest.raises(Refused, match=r"site\.technician_office"):
            await registry.keep(ADMIN, replace(FULL, technician=nobody))
    await registry.keep(ADMIN, FULL)
    await house.people.disable(await house.visitor("quan-tri"), SITE.technician, True, HERE)
    await registry.keep(ADMIN, replace(FULL, room="Phòng khác"))  # named before: the rest may still be mended


async def test_a_site_is_kept_whole_and_listed_in_protocol_order(house: House) -> None:
    registry = SiteRegistry(house.db)
    await registry.keep(ADMIN, FULL)
    await registry.keep(ADMIN, replace(SITE, id="ubnd", unit="ubnd", name="Phòng họp tỉnh", order=1, main=True))
    assert [site.id for site in await registry.listed(ADMIN)] == ["ubnd", "so-yt"]
    assert (await registry.listed(ADMIN))[1] == replace(FULL, short="Sở Y tế")
    await registry.keep(who("unit", unit="so-yt"), replace(FULL, room="Hội trường"))
    assert (await registry.listed(ADMIN))[1].room == "Hội trường"


async def test_there_is_one_main_site_and_every_site_has_a_unit(house: House) -> None:
    registry = SiteRegistry(house.db)
    await registry.keep(ADMIN, replace(FULL, main=True))
    await registry.keep(ADMIN, replace(FULL, main=True, room="vẫn là nó"))
    with pytest.raises(Refused, match=r"site\.main_exists"):
        await registry.keep(ADMIN, replace(FULL, id="khac", main=True))
    with pytest.raises(NotFound, match=r"unit\.unknown"):
        await registry.keep(ADMIN, replace(FULL, unit="khong-co"))


async def test_it_is_struck_out_by_whom_it_belongs_to(house: House) -> None:
    registry = SiteRegistry(house.db)
    await registry.keep(ADMIN, FULL)
    with pytest.raises(Forbidden):
        await registry.drop(who("unit", unit="so-nv"), "so-yt")
    await registry.drop(who("unit", unit="so-yt"), "so-yt")
    assert await registry.listed(ADMIN) == []
    with pytest.raises(NotFound):
        await registry.drop(ADMIN, "so-yt")


async def test_a_province_is_brought_in_at_once(house: House) -> None:
    registry = SiteRegistry(house.db)
    await registry.bring_in([replace(FULL, id=f"xa-{number}", order=number) for number in range(166)])
    assert len(await registry.listed(ADMIN)) == 166


async def test_whoever_came_in_by_an_invitation_reads_no_telephones(house: House) -> None:
    with pytest.raises(Forbidden):
        await SiteRegistry(house.db).listed(who("system", only_meeting="m"))


async def test_a_site_out_of_use_keeps_what_is_known_of_it_and_makes_room_for_another_main_site(house: House) -> None:
    registry = SiteRegistry(house.db)
    await registry.keep(ADMIN, replace(FULL, main=True))
    await registry.keep(ADMIN, replace(FULL, main=True, retired=True))
    await registry.keep(ADMIN, replace(FULL, id="moi", main=True))
    listed = {site.id: site for site in await registry.listed(ADMIN)}
    assert listed["so-yt"].retired and listed["so-yt"].equipment == FULL.equipment
    with pytest.raises(Refused, match=r"site\.main_exists"):
        await registry.keep(ADMIN, replace(FULL, main=True))
    assert not (await registry.keep(ADMIN, FULL)).retired, "taken up again"
