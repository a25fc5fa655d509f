from __future__ import annotations

import pytest

from server.errors import Invalid
from server.people.invitations import CODE_LETTERS, Invitation, code_of, typed, written


def test_a_code_survives_being_printed_and_typed() -> None:
    code = code_of("unguessable")
    assert len(code) == CODE_LETTERS
    assert written(code).count("-") == 3
    assert typed(written(code)) == code
    assert typed(f" {written(code).replace('-', ' ').lower()} ") == code


def test_letters_people_confuse_are_read_as_meant() -> None:
    assert typed("OIL0-ABCD-EFGH-UUUU") == "0110abcdefghvvvv"


@pytest.mark.parametrize("text", ["", "abc", "7K3F-9QXM-2HTA-P4V!", "7K3F-9QXM-2HTA-P4VNN"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"invitation\.form"):
        typed(text)


def test_an_invitation_is_open_until_it_expires_or_is_revoked() -> None:
    invitation = Invitation("i", "m", "guest", "p", "Khách", "", created=0, expires=100)
    assert invitation.is_open(99)
    assert not invitation.is_open(100)
    assert not Invitation("i", "m", "guest", "p", "Khách", "", 0, 100, revoked=True).is_open(1)
