"""ICE-lite answers those who know the password, and nobody else."""

from __future__ import annotations

import random

from aioice import stun

from server.media import ice

PASSWORD = "p" * 24
ADDRESS = ("192.0.2.1", 5000)


def passwords(local: str, remote: str) -> str | None:
    return PASSWORD if (local, remote) == ("us", "them") else None


def request(username: str | None = "us:them", password: str = PASSWORD, **attributes: object) -> bytes:
    named: dict[str, object] = {"PRIORITY": 1, **{key.replace("_", "-"): value for key, value in attributes.items()}}
    if username is not None:
        named["USERNAME"] = username
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=named)
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_a_check_with_the_right_password_is_answered_with_the_sender_s_address() -> None:
    found = ice.check(request(USE_CANDIDATE=None), ADDRESS, passwords)
    assert found is not None
    assert (found.ufrag, found.nominates) == ("us", True)
    answer = stun.parse_message(found.answer)
    assert answer.message_class == stun.Class.RESPONSE
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == ADDRESS
    assert answer.check_message_integrity(PASSWORD.encode())


def test_the_first_check_does_not_nominate() -> None:
    found = ice.check(request(), ADDRESS, passwords)
    assert found is not None
    assert not found.nominates


def test_wrong_passwords_names_and_kinds_are_not_answered() -> None:
    unsigned = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "us:them"})
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, attributes={"USERNAME": "us:them"})
    response.add_message_integrity(PASSWORD.encode())
    allocate = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST, attributes={"USERNAME": "us:them"})
    allocate.add_message_integrity(PASSWORD.encode())
    for data in (
        request(password="q" * 24),
        request("us:others"),
        request("others:them"),
        request("us"),
        request(None),
        bytes(unsigned),
        bytes(response),
        bytes(allocate),
    ):
        assert ice.check(data, ADDRESS, passwords) is None


def test_twenty_thousand_mangled_checks_are_neither_answered_nor_fatal() -> None:
    generator = random.Random(11)
    good = request(USE_CANDIDATE=None)
    for _ in range(20_000):
        data = bytearray(good)
        for _ in range(generator.randrange(1, 6)):
            # The last attribute, FINGERPRINT, is not authenticated: it is left alone.
            data[generator.randrange(len(data) - 8)] = generator.randrange(256)
        if generator.random() < 0.3:
            del data[generator.randrange(20, len(data)) :]
        if bytes(data)[:-8] != good[:-8] and ice.looks_like_stun(data):
            assert ice.check(bytes(data), ADDRESS, passwords) is None


def test_what_is_no_check_is_not_even_parsed() -> None:
    assert ice.looks_like_stun(request())
    for data in (b"", b"\0" * 19, b"\0" * 40, request()[:19], b"\x16" + request()[1:], request() + bytes(600)):
        assert not ice.looks_like_stun(data)


def test_our_own_receivers_ask_as_the_controlling_side_and_know_the_answer() -> None:
    asked = ice.question("ours:theirs", "p" * 24)
    found = ice.check(
        asked, ("127.0.0.1", 9), lambda local, remote: "p" * 24 if (local, remote) == ("ours", "theirs") else None
    )
    assert found is not None and found.nominates
    assert ice.is_answer(found.answer, "p" * 24)
    assert not ice.is_answer(found.answer, "q" * 24)
    assert not ice.is_answer(asked, "p" * 24) and not ice.is_answer(b"\x01\x01junk", "p" * 24)
