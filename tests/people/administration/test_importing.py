"""Many people from one file: shown first, kept as a whole, with a trace of each."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import Forbidden, Problem
from server.http import error_mapper, session_reader
from server.people.administration import importing as module
from server.people.administration.changes import PersonForm
from server.people.administration.importing import Importing, Preview
from server.people.administration.importing_units import ImportingUnits
from server.people.administration.routes import routes
from server.people.administration.service import Administration
from server.people.administration.sheets import MOST_BYTES
from server.people.organisation import Unit
from server.people.positions import Person
from server.people.service import NewPerson
from server.people.signin import Credentials, NextStep
from tests.people.house import HERE, House

HEAD = "Họ và tên,Chức vụ,Đơn vị,Tên đăng nhập"
THREE = "\n".join(
    (
        HEAD,
        "Nguyễn Thị Minh Hạnh,Phó Giám đốc Sở Y tế,Sở Y tế,hanhntm.syt",
        "Lê Văn Bình,Chuyên viên,Sở Y tế,",
        "Trần Quốc Hòa,Giám đốc Sở Y tế,Sở Y tế,",
    )
).encode()


@pytest.fixture
def importing(house: House) -> Importing:
    return Importing(house.people, house.doors)


async def everything(house: House) -> list[Any]:
    """People, accounts and traces as they are kept."""
    return [sorted(map(str, await house.rows(table))) for table in ("people", "accounts", "sign_ins")]


async def seen(importing: Importing, by: Any, content: bytes = THREE) -> Preview:
    """What a file would do, when nothing is wrong with it."""
    preview = await importing.preview(by, content)
    assert [row.wrong for row in preview.rows if row.wrong] == []
    return preview


async def test_a_file_is_taken_apart_while_others_are_served(
    house: House, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, threads = module.roster_of, set[int]()

    def heard(rows: list[list[str]]) -> Any:
        threads.add(threading.get_ident())
        return honest(rows)

    monkeypatch.setattr(module, "roster_of", heard)
    await seen(importing, await house.visitor("quan-tri"))
    assert threads and threading.get_ident() not in threads, "marks without end take a minute to put in order"


async def test_looking_writes_nothing(house: House, importing: Importing) -> None:
    by = await house.visitor("quan-tri")
    before = await everything(house)
    assert [row.what for row in (await seen(importing, by)).rows] == ["create", "create", "change"]
    assert await everything(house) == before


async def test_what_was_looked_at_is_kept_with_a_trace_of_each(house: House, importing: Importing) -> None:
    by = await house.visitor("quan-tri")
    answer = await importing.keep(by, THREE, (await seen(importing, by)).digest, HERE)
    assert (answer.created, answer.changed) == (2, 1)
    (handed,) = answer.passwords
    step = await house.signing.sign_in(Credentials(handed.username, handed.password), HERE)
    assert isinstance(step, NextStep) and step.step == "change"
    kept = {row["name"]: row for row in await house.rows("people")}
    assert kept["Lê Văn Bình"]["unit"] == "so-yt" and kept["Trần Quốc Hòa"]["title"] == "Giám đốc Sở Y tế"
    lines = await Administration(house.people, house.doors).record(by)
    told = [(line.what, line.person_name, line.by_name) for line in lines]
    assert told[0] == ("imported", "", "Vũ Hải Đăng") and msgspec.json.decode(lines[0].details) == {
        "create": 2,
        "change": 1,
    }
    assert sorted(told[1:]) == [
        ("changed", "Trần Quốc Hòa", "Vũ Hải Đăng"),
        ("person_added", "Lê Văn Bình", "Vũ Hải Đăng"),
        ("person_added", "Nguyễn Thị Minh Hạnh", "Vũ Hải Đăng"),
    ]
    again = await seen(importing, by)
    assert {row.what for row in again.rows} == {"same"}


async def test_one_wrong_row_keeps_all_of_them_out(house: House, importing: Importing) -> None:
    by = await house.visitor("quan-tri")
    content = THREE + b"\n,Chuy\xc3\xaan vi\xc3\xaan,so-yt,"
    digest = (await importing.preview(by, content)).digest
    before = await everything(house)
    with pytest.raises(Problem, match=r"roster\.wrong_rows"):
        await importing.keep(by, content, digest, HERE)
    assert await everything(house) == before


async def test_nothing_else_is_kept_than_what_was_looked_at(house: House, importing: Importing) -> None:
    by = await house.visitor("quan-tri")
    digest = (await seen(importing, by)).digest
    await house.people.keep_people([Person("hanh", "so-yt", "Nguyễn Thị Minh Hạnh")])
    before = await everything(house)
    for content in (THREE, THREE.replace("Bình".encode(), b"Minh")):
        with pytest.raises(Problem, match=r"roster\.changed"):
            await importing.keep(by, content, digest, HERE)
    assert await everything(house) == before


async def test_a_username_taken_while_passwords_were_made_keeps_all_out(
    house: House, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, make = await house.visitor("quan-tri"), house.people.hashed
    digest = (await seen(importing, by)).digest
    rival = await importing.preview(by, THREE)

    async def meanwhile(password: str) -> str:
        monkeypatch.setattr(house.people, "hashed", make)
        await Importing(house.people, house.doors).keep(by, THREE, rival.digest, HERE)
        return await make(password)

    monkeypatch.setattr(house.people, "hashed", meanwhile)
    with pytest.raises(Problem, match=r"roster\.changed"):
        await importing.keep(by, THREE, digest, HERE)
    assert sum(row["name"] == "Nguyễn Thị Minh Hạnh" for row in await house.rows("people")) == 1


async def test_whoever_is_no_administrator_any_more_when_the_passwords_are_made_keeps_nothing(
    house: House, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    above, by, make = await house.visitor("quan-tri"), await house.visitor("quan-tri-syt"), house.people.hashed
    digest = (await seen(importing, by)).digest

    async def meanwhile(password: str) -> str:
        await house.people.disable(above, by.person, True, HERE)
        return await make(password)

    monkeypatch.setattr(house.people, "hashed", meanwhile)
    with pytest.raises(Forbidden, match=r"office\.needed"):
        await importing.keep(by, THREE, digest, HERE)
    assert not [row for row in await house.rows("people") if row["name"] == "Nguyễn Thị Minh Hạnh"]


async def test_a_units_administrator_who_goes_elsewhere_signs_in_anew(house: House, importing: Importing) -> None:
    by = await house.visitor("quan-tri")
    inside = await house.inside("quan-tri-syt")
    content = f"{HEAD}\nBùi Thị Đoan Trang,,Sở Nội vụ,trangbtd.syt".encode()
    await importing.keep(by, content, (await seen(importing, by, content)).digest, HERE)
    assert await house.doors.identify(inside.token) is None


@pytest.mark.parametrize("who", ["nguyet", "chu-tich"])
async def test_whoever_looks_after_no_accounts_reads_and_keeps_no_lists(
    house: House, importing: Importing, who: str
) -> None:
    by = await house.visitor(who)
    for refused in (importing.template(by), importing.preview(by, THREE), importing.keep(by, THREE, "0" * 64, HERE)):
        with pytest.raises(Forbidden, match=r"office\.needed"):
            await refused


async def test_nobody_is_put_into_a_unit_out_of_use(house: House) -> None:
    await house.people.keep_units([Unit("so-cu", "Sở Văn hóa cũ", parent="ubnd", retired=True)])
    by = await house.visitor("quan-tri")
    moved = Administration(house.people, house.doors).change(by, "hoa", PersonForm("Trần Quốc Hòa", "so-cu"), HERE)
    for refused in (house.people.create(by, NewPerson("Lê An", "so-cu", "an.le"), HERE), moved):
        with pytest.raises(Problem, match=r"unit\.retired"):
            await refused


async def test_the_doors_of_a_list(house: House, importing: Importing) -> None:
    app = web.Application(middlewares=[error_mapper(house.clock), session_reader(house.doors.identify)])
    app.add_routes(routes(Administration(house.people, house.doors), importing, ImportingUnits(house.people)))
    token = (await house.inside("quan-tri")).token
    cookie = {"Cookie": f"__Host-hopso={token}"}
    async with TestClient(TestServer(app)) as client:
        template = await client.get("/api/administration/roster.xlsx", headers=cookie)
        assert template.status == 200 and (await template.read()).startswith(b"PK")
        preview = await client.post("/api/administration/roster", data=THREE, headers=cookie)
        shown = await preview.json()
        assert [row["what"] for row in shown["rows"]] == ["create", "create", "change"]
        kept = await client.post(f"/api/administration/roster/{shown['digest']}", data=THREE, headers=cookie)
        assert (kept.status, (await kept.json())["created"]) == (201, 2)
        large = await client.post("/api/administration/roster", data=bytes(MOST_BYTES + 1), headers=cookie)
        assert (large.status, (await large.json())["code"]) == (413, "body.too_large")
        assert (await client.post("/api/administration/roster", data=THREE)).status == 401
