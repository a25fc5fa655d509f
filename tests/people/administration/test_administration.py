"""Administrators: what they see and change of people and units, and that every change leaves a trace."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import Forbidden, Problem
from server.http import error_mapper, session_reader
from server.people.administration.changes import PersonForm, UnitForm
from server.people.administration.importing import Importing
from server.people.administration.importing_units import ImportingUnits
from server.people.administration.routes import routes
from server.people.administration.service import Administration, Entry
from server.people.positions import UNRANKED, Person
from server.people.signin import Credentials, NextStep
from tests.people.house import ACCOUNTS, HERE, PASSWORD, UNITS, House
from tests.people.test_routes import ask

HOA = PersonForm("Trần Quốc Hòa", "so-yt", "Phó Giám đốc Sở Y tế")


@pytest.fixture
def desk(house: House) -> Administration:
    return Administration(house.people, house.doors)


async def acts(desk: Administration, by: Any, person: str = "") -> list[tuple[str, str, str, Any]]:
    """The record, the last line first: what, about whom, by whom, details."""
    lines = await desk.record(by, person)
    return [(line.what, line.person_name, line.by_name, msgspec.json.decode(line.details)) for line in lines]


@pytest.mark.parametrize(
    ("typed", "unit", "found"),
    [
        ("hoa", "", ["hoa", "hoan"]),
        ("hòa", "", ["hoa"]),
        ("chuyên viên", "", ["hoan", "quan-tri", "quan-tri-syt"]),
        ("trangbtd", "", ["quan-tri-syt"]),
        ("", "so-yt", ["nguyet", "hoa", "quan-tri-syt"]),
        ("giam doc", "so-nv", []),
    ],
)
async def test_people_are_found_by_name_title_and_username(
    house: House, desk: Administration, typed: str, unit: str, found: list[str]
) -> None:
    answer = await desk.found(await house.visitor("quan-tri"), typed, unit)
    assert (sorted(one.id for one in answer.people), answer.count) == (sorted(found), len(found))


async def test_a_unit_includes_what_is_beneath_it(house: House, desk: Administration) -> None:
    found = await desk.found(await house.visitor("quan-tri"), "", "ubnd")
    assert {one.id for one in found.people} == set(ACCOUNTS)


async def test_a_units_administrator_sees_their_unit_only(house: House, desk: Administration) -> None:
    by = await house.visitor("quan-tri-syt")
    assert {one.unit for one in (await desk.found(by, "", "")).people} == {"so-yt"}
    for refused in (desk.found(by, "", "so-nv"), desk.entry(by, "hoan"), desk.record(by, "hoan")):
        with pytest.raises(Forbidden, match=r"office\.needed"):
            await refused


async def test_an_entry_says_what_an_administrator_needs_and_no_secret(house: House, desk: Administration) -> None:
    await house.inside("hoa")
    entry = await desk.entry(await house.visitor("quan-tri"), "hoa")
    assert (entry.username, entry.devices, entry.seen) == ("hoatq.syt", 1, house.clock.now())
    assert (entry.precedence, entry.pin_set_at) == (UNRANKED, 0)
    assert {"password_hash", "totp"} & set(Entry.__struct_fields__) == set()


async def test_a_person_is_changed_with_a_trace_of_before_and_after(house: House, desk: Administration) -> None:
    by = await house.visitor("quan-tri")
    inside = await house.visitor("hoa")
    form = msgspec.structs.replace(HOA, unit="so-nv", title="Giám đốc Sở Nội vụ")
    card = await desk.change(by, "hoa", form, HERE)
    assert (card.title, card.unit_name, card.precedence) == ("Giám đốc Sở Nội vụ", "Sở Nội vụ", 120)
    (what, name, whose, details), *_ = await acts(desk, by)
    assert (what, name, whose) == ("changed", "Trần Quốc Hòa", "Vũ Hải Đăng")
    assert details["unit"] == ["so-yt", "so-nv"]
    assert details["title"] == ["Phó Giám đốc Sở Y tế", "Giám đốc Sở Nội vụ"]
    seen = await house.doors.identify((await house.inside("hoa")).token)
    assert seen is not None and (inside.unit, seen.unit) == ("so-yt", "so-nv")


@pytest.mark.parametrize(
    ("by", "person", "form", "code"),
    [
        ("quan-tri-syt", "hoa", msgspec.structs.replace(HOA, unit="so-nv"), "office.needed"),
        ("quan-tri-syt", "hoan", PersonForm("Phạm Đăng Hoàn", "so-nv"), "office.needed"),
        ("nguyet", "hoa", HOA, "office.needed"),
        ("quan-tri", "hoa", msgspec.structs.replace(HOA, name="  "), "person.name_missing"),
        ("quan-tri", "hoa", msgspec.structs.replace(HOA, unit="khong-co"), "unit.unknown"),
        ("quan-tri", "khong-ai", HOA, "person.unknown"),
    ],
)
async def test_what_may_not_be_is_refused_and_leaves_no_trace(
    house: House, desk: Administration, by: str, person: str, form: PersonForm, code: str
) -> None:
    visitor = await house.visitor(by)
    with pytest.raises(Problem, match=code.replace(".", r"\.")):
        await desk.change(visitor, person, form, HERE)
    assert await acts(desk, await house.visitor("quan-tri")) == []


async def test_the_account_of_the_systems_administrator_is_no_business_of_a_units(
    house: House, desk: Administration
) -> None:
    await house.people.grant(await house.visitor("quan-tri"), "hoa", frozenset({"system"}), HERE)
    with pytest.raises(Forbidden, match=r"office\.not_yours_to_give"):
        await desk.change(await house.visitor("quan-tri-syt"), "hoa", HOA, HERE)
    with pytest.raises(Forbidden, match=r"office\.not_yours_to_give"):
        await desk.end_sessions(await house.visitor("quan-tri-syt"), "hoa", HERE)


async def test_offices_given_and_taken_stand_in_the_record(house: House, desk: Administration) -> None:
    by = await house.visitor("quan-tri")
    await house.people.grant(by, "hoa", frozenset({"unit", "secretary"}), HERE)
    assert (await acts(desk, by))[0] == (
        "granted",
        "Trần Quốc Hòa",
        "Vũ Hải Đăng",
        {"offices": [[], ["secretary", "unit"]]},
    )


async def test_somebody_without_an_account_gets_one_once(house: House, desk: Administration) -> None:
    by = await house.visitor("quan-tri")
    await house.people.keep_people([Person("moi", "so-yt", "Hoàng Kim Ngân", "Chuyên viên")])
    password = await desk.open_account(by, "moi", "Nganhk.SYT", HERE)
    step = await house.signing.sign_in(Credentials("nganhk.syt", password), HERE)
    assert isinstance(step, NextStep) and step.step == "change"
    with pytest.raises(Problem, match=r"account\.there"):
        await desk.open_account(by, "moi", "khac.syt", HERE)


async def test_a_username_in_use_is_refused(house: House, desk: Administration) -> None:
    await house.people.keep_people([Person("moi", "so-yt", "Hoàng Kim Ngân")])
    with pytest.raises(Problem, match=r"username\.taken"):
        await desk.open_account(await house.visitor("quan-tri"), "moi", "hoatq.syt", HERE)


async def test_ending_sessions_signs_out_everywhere(house: House, desk: Administration) -> None:
    first, second = await house.inside("hoa"), await house.inside("hoa")
    await desk.end_sessions(await house.visitor("quan-tri-syt"), "hoa", HERE)
    assert [await house.doors.identify(one.token) for one in (first, second)] == [None, None]
    with pytest.raises(Forbidden, match=r"account\.own"):
        await desk.end_sessions(await house.visitor("quan-tri"), "quan-tri", HERE)


async def test_a_units_administrator_who_changes_units_leaves_everything_of_the_old_one(
    house: House, desk: Administration
) -> None:
    inside, by = await house.inside("quan-tri-syt"), await house.visitor("quan-tri")
    entry = await desk.entry(by, "quan-tri-syt")
    await desk.change(by, "quan-tri-syt", PersonForm(entry.name, "so-yt", "Trưởng phòng"), HERE)
    assert await house.doors.identify(inside.token) is not None
    await desk.change(by, "quan-tri-syt", PersonForm(entry.name, "so-nv", "Trưởng phòng"), HERE)
    assert await house.doors.identify(inside.token) is None


async def test_of_one_person_the_record_also_says_when_they_signed_in(house: House, desk: Administration) -> None:
    await house.inside("hoa")
    by = await house.visitor("quan-tri-syt")
    await house.people.reset(by, "hoa", second_factor=False, knock=HERE)
    assert [line[0] for line in await acts(desk, by, "hoa")] == ["ended", "reset", "signed_in"]
    assert [line[:2] for line in await acts(desk, by)] == [("reset", "Trần Quốc Hòa")]


# Units


def unit_form(identifier: str, **changes: Any) -> UnitForm:
    unit = next(one for one in UNITS if one.id == identifier)
    fields = {name: getattr(unit, name) for name in UnitForm.__struct_fields__}
    return UnitForm(**{**fields, **changes})


async def test_a_unit_is_added_renamed_and_moved_with_traces(house: House, desk: Administration) -> None:
    by = await house.visitor("quan-tri")
    added = await desk.keep_unit(by, "", UnitForm("Phường  Vân Hải", "P. Vân Hải", "commune", "ubnd", 7), HERE)
    await desk.keep_unit(by, added.id, UnitForm("Phường Vân Hải Đông", "", "commune", "tinh", 3), HERE)
    assert [(unit.name, unit.parent) for unit in await house.people.units() if unit.id == added.id] == [
        ("Phường Vân Hải Đông", "tinh")
    ]
    changed, made = [details for what, _, _, details in await acts(desk, by)]
    assert changed["name"] == ["Phường Vân Hải", "Phường Vân Hải Đông"]
    assert changed["parent"] == ["ubnd", "tinh"]
    assert made["unit_name"] == "Phường Vân Hải"


@pytest.mark.parametrize(
    ("by", "unit", "form", "code"),
    [
        ("quan-tri-syt", "so-yt", unit_form("so-yt", name="Sở Y tế mới"), "office.needed"),
        ("quan-tri", "so-yt", unit_form("so-yt", name=" "), "unit.name_missing"),
        ("quan-tri", "khong-co", UnitForm("X"), "unit.unknown"),
        ("quan-tri", "ubnd", unit_form("ubnd", parent="so-yt"), "unit.cycle"),
        ("quan-tri", "ubnd", unit_form("ubnd", parent="khong-co"), "unit.parent_unknown"),
        ("quan-tri", "ubnd", unit_form("ubnd", retired=True), "unit.has_units"),
        ("quan-tri", "so-nv", unit_form("so-nv", retired=True), "unit.has_accounts"),
    ],
)
async def test_a_tree_that_would_be_none_is_refused(
    house: House, desk: Administration, by: str, unit: str, form: UnitForm, code: str
) -> None:
    visitor = await house.visitor(by)
    with pytest.raises(Problem, match=code.replace(".", r"\.")):
        await desk.keep_unit(visitor, unit, form, HERE)


async def test_a_unit_whose_accounts_are_shut_is_retired_and_takes_nothing_new(
    house: House, desk: Administration
) -> None:
    by = await house.visitor("quan-tri")
    await house.people.disable(by, "hoan", True, HERE)
    kept = await desk.keep_unit(by, "so-nv", unit_form("so-nv", retired=True), HERE)
    assert kept.retired and await house.people.card("hoan")
    with pytest.raises(Problem, match=r"unit\.parent_retired"):
        await desk.keep_unit(by, "", UnitForm("Phòng mới", parent="so-nv"), HERE)


# Doors

DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/administration/people", {}),
    ("GET", "/api/administration/people/hoa", {}),
    ("PUT", "/api/administration/people/hoa", {"name": "A", "unit": "so-yt"}),
    ("POST", "/api/administration/people/hoa/account", {"username": "abc.syt"}),
    ("DELETE", "/api/administration/people/hoa/sessions", {}),
    ("POST", "/api/administration/units", {"name": "A"}),
    ("PUT", "/api/administration/units/so-yt", {"name": "A"}),
    ("GET", "/api/administration/record", {}),
    ("GET", "/api/administration/roster.xlsx", {}),
    ("POST", "/api/administration/roster", {}),
    ("POST", f"/api/administration/roster/{'0' * 64}", {}),
    ("GET", "/api/administration/unit-list.xlsx", {}),
    ("POST", "/api/administration/unit-list", {}),
    ("POST", f"/api/administration/unit-list/{'0' * 64}", {}),
]


@pytest.fixture
async def client(house: House, desk: Administration, aiohttp_client: Any) -> TestClient[web.Request, web.Application]:
    app = web.Application(middlewares=[error_mapper(house.clock), session_reader(house.doors.identify)])
    app.add_routes(routes(desk, Importing(house.people, house.doors), ImportingUnits(house.people)))
    return await aiohttp_client(TestServer(app))


async def test_every_door_is_shut_to_whoever_administers_nothing(
    client: TestClient[web.Request, web.Application], house: House, desk: Administration
) -> None:
    shown = {
        (door.method, re.sub(r"\{digest:.*\}", "0" * 64, door.path).format(person="hoa", unit="so-yt"))
        for door in routes(desk, Importing(house.people, house.doors), ImportingUnits(house.people))
    }
    assert shown == {(method, path) for method, path, _ in DOORS}
    cookie = (await house.inside("nguyet")).token
    for method, path, body in DOORS:
        assert (await ask(client, method, path, **body))[0] == 401, path
        status, answer = await ask(client, method, path, cookie, **body)
        assert (status, answer["code"]) == (403, "office.needed"), path


async def test_the_doors_answer_an_administrator(
    client: TestClient[web.Request, web.Application], house: House
) -> None:
    cookie = (await house.inside("quan-tri")).token
    status, found = await ask(client, "GET", "/api/administration/people?search=hoatq&skip=0", cookie)
    assert (status, [one["username"] for one in found["people"]]) == (200, ["hoatq.syt"])
    status, made = await ask(client, "POST", "/api/administration/units", cookie, name="Sở Tư pháp", parent="ubnd")
    assert (status, made["retired"]) == (201, False)
    _, record = await ask(client, "GET", "/api/administration/record", cookie)
    assert [(line["what"], line["details"]["unit_name"]) for line in record["lines"]] == [("unit_added", "Sở Tư pháp")]
    assert PASSWORD not in repr(record)
