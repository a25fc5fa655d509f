"""The directory and the administration of accounts, against a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.db import metadata
from server.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from server.people.doors import Entered
from server.people.organisation import Unit
from server.people.positions import Person
from server.people.service import NewAccount, NewPerson
from server.people.signin import Credentials, NextStep
from tests.people.house import HERE, PASSWORD, House


async def test_units_come_in_protocol_order(house: House) -> None:
    assert [unit.id for unit in await house.people.units()] == ["tinh", "ubnd", "so-nv", "so-yt"]


async def test_a_change_that_would_break_the_tree_changes_nothing(house: House) -> None:
    with pytest.raises(Refused, match=r"unit\.cycle"):
        await house.people.keep_units([Unit("ubnd", "Ủy ban", parent="so-yt"), Unit("new", "Mới")])
    assert [unit.id for unit in await house.people.units()] == ["tinh", "ubnd", "so-nv", "so-yt"]


async def test_a_list_that_names_a_unit_twice_is_refused(house: House) -> None:
    with pytest.raises(Refused, match=r"unit\.duplicate"):
        await house.people.keep_units([Unit("x", "Một"), Unit("x", "Hai")])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hoa", ["hoa", "hoan"]),
        ("hòa", ["hoa"]),
        ("giam doc", ["nguyet", "hoa"]),
        ("Nguyệt giám", ["nguyet"]),
        ("100%", []),
        ("_", []),
    ],
)
async def test_people_are_found_by_name_and_title(house: House, query: str, found: list[str]) -> None:
    assert [card.id for card in await house.people.search(query)] == found


async def test_without_a_query_everybody_comes_in_order_of_precedence(house: House) -> None:
    assert [card.id for card in await house.people.search("")] == [
        "chu-tich",
        "nguyet",
        "hoa",
        "quan-tri",
        "hoan",
        "quan-tri-syt",
    ]


async def test_a_search_stays_within_a_unit_and_its_number(house: House) -> None:
    assert [card.id for card in await house.people.search("", "so-yt", most=2)] == ["nguyet", "hoa"]


async def test_a_card_says_name_title_and_unit(house: House) -> None:
    card = await house.people.card("nguyet")
    assert (card.name, card.title, card.unit_name) == ("Lê Thị Minh Nguyệt", "Giám đốc Sở Y tế", "Sở Y tế")


async def test_nobody_has_no_card(house: House) -> None:
    with pytest.raises(NotFound, match=r"person\.unknown"):
        await house.people.card("nobody")


async def test_people_belong_to_units_that_exist(house: House) -> None:
    with pytest.raises(NotFound, match=r"unit\.unknown"):
        await house.people.keep_people([Person("x", "nowhere", "Ai")])


async def test_seven_thousand_people_are_brought_in_and_searched(house: House) -> None:
    await house.people.keep_people([Person(f"p{n}", "so-nv", f"Nguyễn Văn Số {n}") for n in range(7000)])
    assert len(await house.people.search("nguyen van")) == 50
    assert [card.id for card in await house.people.search("so 6999")] == ["p6999"]


async def test_a_username_belongs_to_one_person(house: House) -> None:
    with pytest.raises(Conflict, match=r"username\.taken"):
        await house.people.keep_accounts([NewAccount("hoan", "nguyetltm.syt", PASSWORD)])


# At the operator's console


async def test_a_new_house_gets_its_first_administrator(tmp_path: Path) -> None:
    house = House(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path)
    async with house.db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    password = await house.people.first_administrator("UBND tỉnh Lam Giang", "Vũ Hải Đăng", "dangvh")
    own = Credentials("dangvh", password, new_password="cầu Hàm Rồng buổi sớm")
    entered = await house.signing.sign_in(own, HERE)
    assert isinstance(entered, Entered)
    visitor = await house.doors.identify(entered.token)
    assert visitor is not None and visitor.offices == {"system"}
    assert [unit.name for unit in await house.people.units()] == ["UBND tỉnh Lam Giang"]
    with pytest.raises(Conflict, match=r"username\.taken"):
        await house.people.first_administrator("UBND tỉnh Lam Giang", "Người Khác", "dangvh")
    await house.close()


# Administration


async def test_a_new_person_signs_in_with_the_password_handed_over_and_chooses_their_own(house: House) -> None:
    administrator = await house.visitor("quan-tri-syt")
    new = NewPerson("Đinh  Văn\u200b Mới", "so-yt", "moidv.syt", "Chuyên viên", offices=frozenset({"secretary"}))
    card, password = await house.people.create(administrator, new, HERE)
    assert (card.name, card.unit_name) == ("Đinh Văn Mới", "Sở Y tế")
    assert await house.signing.sign_in(Credentials("moidv.syt", password), HERE) == NextStep("change")


@pytest.mark.parametrize(
    ("by", "unit", "offices"),
    [
        ("nguyet", "so-yt", set()),
        ("quan-tri-syt", "so-nv", set()),
        ("quan-tri-syt", "so-yt", {"system"}),
        ("quan-tri-syt", "so-yt", {"unit"}),
    ],
)
async def test_nobody_is_created_beyond_ones_own_unit_and_office(
    house: House, by: str, unit: str, offices: set[str]
) -> None:
    with pytest.raises(Forbidden):
        new = NewPerson("Ai Đó", unit, "aido.x", offices=frozenset(offices))
        await house.people.create(await house.visitor(by), new, HERE)
    assert not await house.people.search("Ai Đó")


async def test_a_person_needs_a_name_and_a_free_username(house: House) -> None:
    administrator = await house.visitor("quan-tri")
    with pytest.raises(Invalid, match=r"person\.name_missing"):
        await house.people.create(administrator, NewPerson(" \u200b ", "so-yt", "trong.syt"), HERE)
    with pytest.raises(Conflict, match=r"username\.taken"):
        await house.people.create(administrator, NewPerson("Trùng", "so-yt", "nguyetltm.syt"), HERE)


async def test_a_disabled_account_is_out_at_once_and_can_be_let_in_again(house: House) -> None:
    administrator, entered = await house.visitor("quan-tri"), await house.inside("nguyet")
    await house.people.disable(administrator, "nguyet", True, HERE)
    assert await house.doors.identify(entered.token) is None
    assert house.ended == [(frozenset({entered.session.id}), "nguyet")]
    await house.people.disable(administrator, "nguyet", False, HERE)
    await house.inside("nguyet")


async def test_a_reset_ends_sessions_and_forgets_a_lost_telephone(strict_house: House) -> None:
    house = strict_house
    await house.enrol("chu-tich")
    totp = await house.enrol("quan-tri")
    administrator = await house.doors.identify((await house.inside("quan-tri", code=house.code(totp))).token)
    assert administrator is not None
    password = await house.people.reset(administrator, "chu-tich", second_factor=True, knock=HERE)
    assert [person for _, person in house.ended] == ["chu-tich"]
    step = await house.attempt("chu-tich", password=password, new_password="cầu Hàm Rồng buổi sớm")
    assert isinstance(step, NextStep) and step.step == "enrol"


async def test_a_reset_of_the_password_keeps_the_second_factor(strict_house: House) -> None:
    house = strict_house
    await house.enrol("chu-tich")
    totp = await house.enrol("quan-tri")
    administrator = await house.doors.identify((await house.inside("quan-tri", code=house.code(totp))).token)
    assert administrator is not None
    password = await house.people.reset(administrator, "chu-tich", second_factor=False, knock=HERE)
    assert await house.attempt("chu-tich", password=password, new_password="cầu Hàm Rồng sớm") == NextStep("code")


async def test_a_units_administrator_reaches_neither_other_units_nor_the_systems_administrators(house: House) -> None:
    administrator = await house.visitor("quan-tri-syt")
    await house.people.keep_accounts([NewAccount("hoa", "hoatq.syt", PASSWORD, frozenset({"system"}), False)])
    for person in ("hoan", "hoa", "nobody"):
        with pytest.raises(Forbidden):
            await house.people.reset(administrator, person, second_factor=True, knock=HERE)
    await house.people.reset(administrator, "nguyet", second_factor=False, knock=HERE)


async def test_nobody_administers_themselves(house: House) -> None:
    administrator = await house.visitor("quan-tri")
    with pytest.raises(Forbidden, match=r"account\.own"):
        await house.people.disable(administrator, "quan-tri", True, HERE)
    with pytest.raises(Forbidden, match=r"account\.own"):
        await house.people.grant(administrator, "quan-tri", frozenset(), HERE)
    with pytest.raises(Forbidden, match=r"account\.own"):
        await house.people.reset(administrator, "quan-tri", second_factor=True, knock=HERE)


async def test_new_offices_take_a_new_sign_in(house: House) -> None:
    entered = await house.inside("nguyet")
    await house.people.grant(await house.visitor("quan-tri"), "nguyet", frozenset({"secretary"}), HERE)
    assert await house.doors.identify(entered.token) is None
    visitor = await house.visitor("nguyet")
    assert visitor.offices == {"secretary"}


async def test_accounts_are_listed_for_their_administrator(house: House) -> None:
    files = await house.people.files(await house.visitor("quan-tri-syt"), "so-yt")
    assert [(file.card.id, file.username) for file in files] == [
        ("nguyet", "nguyetltm.syt"),
        ("hoa", "hoatq.syt"),
        ("quan-tri-syt", "trangbtd.syt"),
    ]
    with pytest.raises(Forbidden, match=r"office\.needed"):
        await house.people.files(await house.visitor("quan-tri-syt"), "so-nv")


async def test_the_record_names_the_administrator(house: House) -> None:
    await house.people.disable(await house.visitor("quan-tri"), "nguyet", True, HERE)
    disabled = [row for row in await house.rows("sign_ins") if row["what"] == "disabled"]
    assert [(row["person"], row["by"]) for row in disabled] == [("nguyet", "quan-tri")]
