"""Many units from one file: shown first, kept as a whole, with a trace of each."""

from __future__ import annotations

import io
import threading
from typing import Any

import msgspec
import openpyxl
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from server.errors import Forbidden, Problem
from server.http import Visitor, error_mapper, session_reader
from server.people.administration import importing_units as module
from server.people.administration.importing import Importing
from server.people.administration.importing_units import ImportingUnits, UnitPreview
from server.people.administration.routes import routes
from server.people.administration.service import Administration
from server.people.administration.sheets import read_rows
from server.people.administration.templates import units_template
from server.people.administration.unitlists import COLUMNS, KINDS, UnitPlanner, unit_table_of
from server.people.organisation import Unit
from tests.people.house import HERE, UNITS, House

HEAD = "Tên đơn vị,Trực thuộc,Mã,Ghi chú"
THREE = "\n".join(
    (
        HEAD,
        "Phòng Ngân sách,Sở Tài chính tỉnh Lam Giang,,mới",
        "Sở Tài chính tỉnh Lam Giang,UBND tỉnh,,mới",
        "Sở Y tế và Dân số tỉnh Lam Giang,,so-yt,đổi tên",
    )
).encode()


@pytest.fixture
def importing(house: House) -> ImportingUnits:
    return ImportingUnits(house.people)


async def everything(house: House) -> list[Any]:
    """Units and traces as they are kept."""
    return [sorted(map(str, await house.rows(table))) for table in ("units", "sign_ins")]


async def seen(importing: ImportingUnits, by: Any, content: bytes = THREE) -> UnitPreview:
    """What a file would do, when nothing is wrong with it."""
    preview = await importing.preview(by, content)
    assert [row.wrong for row in preview.rows if row.wrong] == []
    return preview


async def test_a_file_is_taken_apart_while_others_are_served(
    house: House, importing: ImportingUnits, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, threads = module.unit_table_of, set[int]()

    def heard(rows: list[list[str]]) -> Any:
        threads.add(threading.get_ident())
        return honest(rows)

    monkeypatch.setattr(module, "unit_table_of", heard)
    await seen(importing, await house.visitor("quan-tri"))
    assert threads and threading.get_ident() not in threads, "marks without end take a minute to put in order"


async def test_looking_writes_nothing(house: House, importing: ImportingUnits) -> None:
    by = await house.visitor("quan-tri")
    before = await everything(house)
    preview = await seen(importing, by)
    assert [row.what for row in preview.rows] == ["create", "create", "change"] and preview.unread == ["Ghi chú"]
    assert await everything(house) == before


async def test_what_was_looked_at_is_kept_as_one_tree_with_a_trace_of_each(
    house: House, importing: ImportingUnits
) -> None:
    by = await house.visitor("quan-tri")
    answer = await importing.keep(by, THREE, (await seen(importing, by)).digest, HERE)
    assert (answer.created, answer.changed) == (2, 1)
    kept = {unit.name: unit for unit in await house.people.units()}
    above, beneath = kept["Sở Tài chính tỉnh Lam Giang"], kept["Phòng Ngân sách"]
    assert above.parent == "ubnd" and beneath.parent == above.id and "#" not in above.id + beneath.id
    assert kept["Sở Y tế và Dân số tỉnh Lam Giang"].id == "so-yt"
    lines = await Administration(house.people, house.doors).record(by)
    assert [line.what for line in lines[:4]] == ["units_imported", "unit_changed", "unit_added", "unit_added"]
    assert all(line.by_name == "Vũ Hải Đăng" for line in lines[:4])
    told = [msgspec.json.decode(line.details) for line in lines[:4]]
    assert told[0] == {"create": 2, "change": 1}
    assert told[1]["name"] == ["Sở Y tế tỉnh Lam Giang", "Sở Y tế và Dân số tỉnh Lam Giang"]
    assert {told[2]["parent"][1], told[3]["parent"][1]} == {"ubnd", above.id}
    assert {row.what for row in (await seen(importing, by)).rows} == {"same"}


async def test_one_wrong_row_keeps_all_of_them_out(house: House, importing: ImportingUnits) -> None:
    by = await house.visitor("quan-tri")
    content = THREE + "\nSở Mỏ,Bộ Mỏ,,".encode()
    digest = (await importing.preview(by, content)).digest
    before = await everything(house)
    with pytest.raises(Problem, match=r"roster\.wrong_rows"):
        await importing.keep(by, content, digest, HERE)
    assert await everything(house) == before


async def test_nothing_else_is_kept_than_what_was_looked_at(house: House, importing: ImportingUnits) -> None:
    by = await house.visitor("quan-tri")
    digest = (await seen(importing, by)).digest
    await house.people.keep_units([Unit("so-tc", "Sở Tài chính tỉnh Lam Giang", parent="ubnd")])
    before = await everything(house)
    for content in (THREE, THREE.replace("Ngân sách".encode(), "Giá".encode())):
        with pytest.raises(Problem, match=r"roster\.changed"):
            await importing.keep(by, content, digest, HERE)
    assert await everything(house) == before


async def test_whoever_lost_the_office_since_they_looked_keeps_nothing(house: House, importing: ImportingUnits) -> None:
    by = await house.visitor("quan-tri")
    digest = (await seen(importing, by)).digest
    other = Visitor("chu-tich", "", "Đỗ Minh Tuấn", "ubnd", frozenset({"system"}))
    await house.people.disable(other, by.person, True, HERE)
    with pytest.raises(Forbidden, match=r"office\.needed"):
        await importing.keep(by, THREE, digest, HERE)
    assert len(await house.people.units()) == len(UNITS)


@pytest.mark.parametrize("who", ["nguyet", "quan-tri-syt"])
async def test_the_tree_is_the_systems_administrators_alone(house: House, importing: ImportingUnits, who: str) -> None:
    by = await house.visitor(who)
    for refused in (importing.template(by), importing.preview(by, THREE), importing.keep(by, THREE, "0" * 64, HERE)):
        with pytest.raises(Forbidden, match=r"office\.needed"):
            await refused


def test_the_template_holds_the_tree_and_read_as_it_is_changes_nothing() -> None:
    units = [*UNITS, *(Unit(f"vp-{of}", "Văn phòng", "", "bench", of, 1) for of in ("so-yt", "so-nv"))]
    units.append(Unit("to", "Tổ Một cửa", parent="vp-so-yt"))
    content = units_template(units)
    rows = UnitPlanner(units).rows(unit_table_of(read_rows(content)))
    assert [(row.what, row.code) for row in rows] == [("same", unit.id) for unit in units]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert [cell.value for cell in book.worksheets[0][1]] == [column.head for column in COLUMNS]
    assert [cell.value for cell in book["Loại"]["A"]] == list(KINDS.values())


async def test_the_doors_of_a_list_of_units(house: House, importing: ImportingUnits) -> None:
    app = web.Application(middlewares=[error_mapper(house.clock), session_reader(house.doors.identify)])
    app.add_routes(routes(Administration(house.people, house.doors), Importing(house.people, house.doors), importing))
    cookie = {"Cookie": f"__Host-hopso={(await house.inside('quan-tri')).token}"}
    async with TestClient(TestServer(app)) as client:
        template = await client.get("/api/administration/unit-list.xlsx", headers=cookie)
        assert template.status == 200 and (await template.read()).startswith(b"PK")
        shown = await (await client.post("/api/administration/unit-list", data=THREE, headers=cookie)).json()
        assert [row["parent"] for row in shown["rows"]][:2] == ["Sở Tài chính tỉnh Lam Giang", UNITS[1].name]
        kept = await client.post(f"/api/administration/unit-list/{shown['digest']}", data=THREE, headers=cookie)
        assert (kept.status, await kept.json()) == (201, {"created": 2, "changed": 1})
        again = await client.post(f"/api/administration/unit-list/{shown['digest']}", data=THREE, headers=cookie)
        assert (again.status, (await again.json())["code"]) == (409, "roster.changed")
