from __future__ import annotations

import pytest

from server.errors import Forbidden, Invalid, Refused
from server.people.accounts import (
    Administrator,
    check_new_password,
    needs_second_factor,
    offices_of,
    username_of,
    usual_username,
)


@pytest.mark.parametrize("name", ["nguyetltm.syt", "a1b", "  NguyetLTM.SYT ", "an_binh-2", "n" * 64])
def test_a_username_of_the_province_is_accepted(name: str) -> None:
    assert username_of(name) == name.strip().lower()


@pytest.mark.parametrize("name", ["", "ab", ".abc", "abc.", "a..b", "nguyệt", "a b c", "a/b/c", "n" * 65, "a\u200bbc"])
def test_other_forms_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match=r"username\.form"):
        username_of(name)


@pytest.mark.parametrize("password", ["sông Mã chảy ra biển", "gạch-ngói-7-mái", "k9Fw2#xVq8LmT", "x" * 20 + "qweru8"])
def test_long_and_unusual_passwords_are_accepted_without_special_signs(password: str) -> None:
    check_new_password(password, "nguyetltm.syt")


@pytest.mark.parametrize(
    "password",
    [
        "Matkhau@2025",
        "P@ssw0rd123!",
        "1234567890",
        "0912345678",
        "aaaaaaaaaaaa",
        "qwertyuiop1",
        "Thanhhoa@36",
        "Admin@12345",
    ],
)
def test_common_passwords_are_refused_however_they_are_decorated(password: str) -> None:
    with pytest.raises(Refused, match=r"password\.common"):
        check_new_password(password, "nguyetltm.syt")


@pytest.mark.parametrize(
    ("password", "code"),
    [("ngắn quá", "too_short"), ("d" * 129, "too_long"), ("toi la NguyetLTM day", "like_username")],
)
def test_length_and_the_own_name_are_checked(password: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        check_new_password(password, "nguyetltm.syt")


@pytest.mark.parametrize("office", ["system", "unit", "secretary", "chair"])
def test_who_steers_needs_a_second_factor(office: str) -> None:
    assert needs_second_factor(frozenset({office}), required=True)
    assert not needs_second_factor(frozenset({office}), required=False)


def test_a_delegate_does_not_need_one() -> None:
    assert not needs_second_factor(frozenset({"technician"}), required=True)
    assert not needs_second_factor(frozenset(), required=True)


def test_an_office_nobody_knows_is_refused() -> None:
    with pytest.raises(Invalid, match=r"office\.unknown"):
        offices_of(frozenset({"king"}))


NOBODY = Administrator("p", "so-yt", frozenset())
UNIT = Administrator("p", "so-yt", frozenset({"unit"}))
SYSTEM = Administrator("p", "ubnd", frozenset({"system"}))
HOMELESS = Administrator("p", "", frozenset({"unit"}))


@pytest.mark.parametrize(
    ("by", "unit", "offices", "allowed"),
    [
        (NOBODY, "so-yt", frozenset(), False),
        (UNIT, "so-yt", frozenset(), True),
        (UNIT, "so-nv", frozenset(), False),
        (UNIT, "so-yt", frozenset({"system"}), False),
        (HOMELESS, "", frozenset(), False),
        (SYSTEM, "so-yt", frozenset({"system"}), True),
    ],
)
def test_an_administrator_reaches_their_own_people_only(
    by: Administrator, unit: str, offices: frozenset[str], allowed: bool
) -> None:
    if allowed:
        by.must_administer(unit, offices)
    else:
        with pytest.raises(Forbidden):
            by.must_administer(unit, offices)


@pytest.mark.parametrize(
    ("by", "before", "after", "allowed"),
    [
        (UNIT, set(), {"secretary"}, True),
        (UNIT, {"secretary"}, set(), True),
        (UNIT, {"chair"}, {"chair"}, True),
        (UNIT, set(), {"unit"}, False),
        (UNIT, {"chair"}, set(), False),
        (SYSTEM, set(), {"system", "chair"}, True),
    ],
)
def test_a_units_administrator_gives_the_secretarys_office_only(
    by: Administrator, before: set[str], after: set[str], allowed: bool
) -> None:
    if allowed:
        by.must_grant(frozenset(before), frozenset(after))
    else:
        with pytest.raises(Forbidden, match="not_yours_to_give"):
            by.must_grant(frozenset(before), frozenset(after))


@pytest.mark.parametrize(
    ("name", "unit", "usual"),
    [("Trần Quốc Hòa", "Sở Y tế", "hoatq.syt"), ("Đỗ Minh Tuấn", "UBND tỉnh", "tuandm.ubnd"), ("", "Sở Y tế", ".syt")],
)
def test_a_usual_username_is_the_given_name_the_first_letters_and_the_unit(name: str, unit: str, usual: str) -> None:
    assert usual_username(name, unit) == usual
