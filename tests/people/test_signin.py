"""Signing in against a real database, with the clock held."""

from __future__ import annotations

import asyncio
import json

import pyotp
import pytest

from server.errors import Problem, Refused, TooMany, Unauthorized
from server.http import Visitor
from server.people.doors import Entered, Knock
from server.people.service import NewAccount
from server.people.signin import Credentials, NextStep
from tests.people.house import ACCOUNTS, HERE, PASSWORD, House, one_code_twice

ELSEWHERE = Knock(address="10.20.0.99", agent="Chrome")
NEW = "cầu Hàm Rồng buổi sớm"


async def refusal_of(house: House, username: str, password: str, knock: Knock = HERE) -> Problem:
    with pytest.raises(Problem) as refusal:
        await house.signing.sign_in(Credentials(username, password), knock)
    return refusal.value


async def test_the_right_password_opens_a_session(house: House) -> None:
    entered = await house.inside("nguyet")
    found = await house.doors.identify(entered.token)
    assert found == Visitor("nguyet", entered.session.id, "Lê Thị Minh Nguyệt", "so-yt")


async def test_the_username_is_forgiving_about_capitals_and_spaces(house: House) -> None:
    assert isinstance(await house.signing.sign_in(Credentials(" NguyetLTM.syt ", PASSWORD), HERE), Entered)


async def test_with_the_unit_chosen_the_part_before_the_dot_is_enough(house: House) -> None:
    assert isinstance(await house.signing.sign_in(Credentials("nguyetltm", PASSWORD, unit="so-yt"), HERE), Entered)
    assert (await refusal_of(house, "nguyetltm", PASSWORD)).code == "signin.refused"


async def test_every_refusal_is_the_same_sentence(house: House) -> None:
    administrator = await house.visitor("quan-tri")
    await house.people.disable(administrator, "hoan", True, HERE)
    refusals = [
        await refusal_of(house, "nguyetltm.syt", "sai mật khẩu"),
        await refusal_of(house, "khong.co", PASSWORD),
        await refusal_of(house, ACCOUNTS["hoan"][0], PASSWORD),
        await refusal_of(house, "%' OR 1=1 --", PASSWORD),
        await refusal_of(house, "", ""),
    ]
    assert {(type(r), r.code, json.dumps(r.details)) for r in refusals} == {(Unauthorized, "signin.refused", "{}")}


async def test_an_unknown_name_costs_as_much_as_a_known_one(house: House) -> None:
    verified: list[str] = []
    matches = house.passwords._matches

    def counting(encoded: str, password: str) -> bool:
        verified.append(encoded)
        return matches(encoded, password)

    house.passwords._matches = counting  # type: ignore[method-assign]
    await refusal_of(house, "khong.co", "sai")
    await refusal_of(house, "nguyetltm.syt", "sai")
    assert [encoded.split("$")[:4] for encoded in verified] == [verified[0].split("$")[:4]] * 2


async def test_the_sixth_guess_from_one_place_has_to_wait_even_when_right(house: House) -> None:
    for _ in range(5):
        await refusal_of(house, "nguyetltm.syt", "sai mật khẩu")
    refused = await refusal_of(house, "nguyetltm.syt", PASSWORD)
    assert isinstance(refused, TooMany)
    assert (refused.code, refused.details) == ("signin.too_often", {"minutes": 15})


async def test_a_name_that_does_not_exist_is_locked_like_one_that_does(house: House) -> None:
    codes = [(await refusal_of(house, "khong.co", "sai")).code for _ in range(6)]
    assert codes == ["signin.refused"] * 5 + ["signin.too_often"]


async def test_a_guesser_does_not_lock_the_owner_out(house: House) -> None:
    for _ in range(8):
        await refusal_of(house, "nguyetltm.syt", "sai mật khẩu", ELSEWHERE)
    await house.inside("nguyet")


async def test_guessing_one_name_from_everywhere_locks_it(house: House) -> None:
    for guess in range(50):
        await refusal_of(house, "nguyetltm.syt", "sai", Knock(address=f"10.9.{guess}.1"))
    assert (await refusal_of(house, "nguyetltm.syt", PASSWORD)).code == "signin.too_often"


async def test_the_lock_opens_after_its_time(house: House) -> None:
    for _ in range(6):
        await refusal_of(house, "nguyetltm.syt", "sai mật khẩu")
    house.clock.advance(15 * 60_000)
    await house.inside("nguyet")


async def test_a_lock_of_a_wrong_clock_opens_when_the_clock_is_right_again(house: House) -> None:
    house.clock.advance(400 * 24 * 3_600_000)
    for _ in range(6):
        await refusal_of(house, "nguyetltm.syt", "sai mật khẩu")
    house.clock.advance(-400 * 24 * 3_600_000)
    await house.inside("nguyet")


async def test_guesses_sent_at_once_are_counted_one_by_one(house: House) -> None:
    guesses = [refusal_of(house, "nguyetltm.syt", f"sai {n}") for n in range(20)]
    codes = [refusal.code for refusal in await asyncio.gather(*guesses)]
    assert codes.count("signin.refused") == 5
    assert codes.count("signin.too_often") == 15


async def test_a_whole_hall_behind_one_address_signs_in(house: House) -> None:
    for _ in range(45):
        await house.inside("nguyet")
        await house.inside("hoa")


async def test_signing_in_again_ends_the_session_that_was_there(house: House) -> None:
    first = await house.inside("nguyet")
    second = await house.inside("hoa", knock=Knock("10.20.0.7", "Chrome", cookie=first.token))
    assert second.token != first.token
    assert await house.doors.identify(first.token) is None
    assert house.ended == [(frozenset({first.session.id}), "nguyet")]


async def test_the_database_never_holds_what_opens_a_door(house: House) -> None:
    entered = await house.inside("nguyet")
    ticket = await house.doors.ticket(await house.visitor("hoa"))
    tables = [await house.rows(name) for name in ("accounts", "sessions", "tickets", "sign_ins", "tries")]
    written = repr(tables)
    for secret in (entered.token, ticket, PASSWORD):
        assert secret not in written


# The second factor


async def test_who_steers_sets_up_a_second_factor_on_the_way_in(strict_house: House) -> None:
    totp = await strict_house.enrol("chu-tich")
    assert await strict_house.attempt("chu-tich") == NextStep("code")
    entered = await strict_house.inside("chu-tich", code=strict_house.code(totp))
    assert entered.session.second_factor_at == strict_house.clock.now()
    assert repr(totp.secret) not in repr(await strict_house.rows("accounts"))


async def test_a_delegate_comes_in_without_one(strict_house: House) -> None:
    await strict_house.inside("nguyet")


async def test_where_it_is_not_required_the_chair_comes_in_without_one(house: House) -> None:
    await house.inside("chu-tich")


async def test_without_the_first_code_nothing_is_set_up_and_nobody_is_in(strict_house: House) -> None:
    assert isinstance(await strict_house.attempt("chu-tich"), NextStep)
    with pytest.raises(Unauthorized, match=r"signin\.code_wrong"):
        await strict_house.attempt("chu-tich", code="000000")
    step = await strict_house.attempt("chu-tich")
    assert isinstance(step, NextStep) and step.step == "enrol"


async def test_a_code_is_asked_for_only_after_the_password_is_right(strict_house: House) -> None:
    totp = await strict_house.enrol("chu-tich")
    refused = "signin.refused"
    assert (await refusal_of(strict_house, "tuandm.ubnd", "sai")).code == refused
    with pytest.raises(Unauthorized, match=refused):
        await strict_house.attempt("chu-tich", password="sai", code=strict_house.code(totp))


async def test_a_code_works_once(strict_house: House) -> None:
    totp = await strict_house.enrol("chu-tich")
    code = strict_house.code(totp)
    await strict_house.inside("chu-tich", code=code)
    with pytest.raises(Unauthorized, match=r"signin\.code_wrong"):
        await strict_house.attempt("chu-tich", code=code)


async def test_one_code_sent_twice_at_once_opens_one_session(strict_house: House) -> None:
    assert await one_code_twice(strict_house) == ["Entered", "Unauthorized"]


async def test_guessing_codes_is_locked_and_asking_in_between_does_not_help(strict_house: House) -> None:
    await strict_house.enrol("chu-tich")
    codes: list[str] = []
    for _ in range(6):
        try:
            await strict_house.attempt("chu-tich", code="000000")
        except Problem as refused:
            codes.append(refused.code)
        try:
            await strict_house.attempt("chu-tich")
        except Problem as refused:
            codes.append(refused.code)
    assert codes.count("signin.code_wrong") == 5
    assert codes[-1] == "signin.too_often"


async def test_a_second_factor_by_choice_is_asked_for_from_then_on(house: House) -> None:
    visitor = await house.visitor("nguyet")
    totp = pyotp.TOTP((await house.signing.offer_second_factor(visitor, PASSWORD, HERE)).secret)
    await house.inside("nguyet")  # offered is not confirmed
    await house.signing.confirm_second_factor(visitor, house.code(totp), HERE)
    assert await house.signing.proved_at(visitor.session) == house.clock.now()
    assert await house.attempt("nguyet") == NextStep("code")
    house.clock.advance(30_000)
    await house.signing.remove_second_factor(visitor, house.code(totp), HERE)
    await house.inside("nguyet")


async def test_a_second_factor_is_offered_only_to_who_knows_the_password(house: House) -> None:
    visitor = await house.visitor("nguyet")
    with pytest.raises(Refused, match=r"password\.wrong"):
        await house.signing.offer_second_factor(visitor, "sai", HERE)


async def test_who_must_have_a_second_factor_cannot_remove_it(strict_house: House) -> None:
    totp = await strict_house.enrol("chu-tich")
    entered = await strict_house.inside("chu-tich", code=strict_house.code(totp))
    visitor = await strict_house.doors.identify(entered.token)
    assert visitor is not None
    with pytest.raises(Refused, match=r"second_factor\.required"):
        await strict_house.signing.remove_second_factor(visitor, "000000", HERE)


async def test_confirming_without_a_second_factor_says_so(house: House) -> None:
    with pytest.raises(Refused, match=r"second_factor\.none"):
        await house.signing.confirm_second_factor(await house.visitor("nguyet"), "000000", HERE)


# Passwords


async def test_a_password_handed_over_is_replaced_at_the_first_sign_in(house: House) -> None:
    await house.people.keep_accounts([NewAccount("hoa", "hoatq.syt", "tạm thời 2026", frozenset())])
    assert await house.attempt("hoa", password="tạm thời 2026") == NextStep("change")
    with pytest.raises(Refused, match=r"password\.same"):
        await house.attempt("hoa", password="tạm thời 2026", new_password="tạm thời 2026")
    await house.inside("hoa", password="tạm thời 2026", new_password=NEW)
    assert (await refusal_of(house, "hoatq.syt", "tạm thời 2026")).code == "signin.refused"
    await house.inside("hoa", password=NEW)


async def test_changing_the_password_ends_all_other_sessions(house: House) -> None:
    here, there = await house.inside("nguyet"), await house.inside("nguyet", knock=ELSEWHERE)
    visitor = await house.doors.identify(here.token)
    assert visitor is not None
    await house.signing.change_password(visitor, PASSWORD, NEW, HERE)
    assert await house.doors.identify(here.token) is not None
    assert await house.doors.identify(there.token) is None
    assert house.ended == [(frozenset({there.session.id}), "nguyet")]


@pytest.mark.parametrize(
    ("old", "new", "code"), [("sai", NEW, "wrong"), (PASSWORD, "ngắn", "too_short"), (PASSWORD, PASSWORD, "same")]
)
async def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(
    house: House, old: str, new: str, code: str
) -> None:
    with pytest.raises(Refused, match=f"password.{code}"):
        await house.signing.change_password(await house.visitor("nguyet"), old, new, HERE)


async def test_the_record_says_who_came_and_who_was_refused_but_no_passwords(house: House) -> None:
    await refusal_of(house, "nguyetltm.syt", "sai mật khẩu")
    await refusal_of(house, "mat.khau.nham.o", "sai mật khẩu")
    await house.inside("nguyet")
    rows = await house.rows("sign_ins")
    assert [(row["person"], row["what"]) for row in rows] == [
        ("nguyet", "refused"),
        ("", "refused"),
        ("nguyet", "signed_in"),
    ]
    assert rows[0]["address"] == HERE.address
    assert "mat.khau.nham.o" not in repr(rows)
