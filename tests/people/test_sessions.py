from __future__ import annotations

import pytest

from server.errors import TooMany
from server.people.sessions import HOUR, MINUTE, Lifetimes, Session, TryLimit, limits_of, network_of, token_hash

LIVES = Lifetimes(idle=30 * MINUTE, most=8 * HOUR)


@pytest.mark.parametrize(
    ("seen", "now", "over"),
    [
        (0, 30 * MINUTE, False),
        (0, 30 * MINUTE + 1, True),
        (8 * HOUR, 8 * HOUR, False),
        (8 * HOUR, 8 * HOUR + 1, True),
    ],
)
def test_a_session_ends_when_idle_or_old(seen: int, now: int, over: bool) -> None:
    assert LIVES.is_over(Session("s", "p", 0, seen, "", ""), now) is over


def test_one_try_too_many_names_the_minutes_to_wait() -> None:
    limit = TryLimit("key", 5, 15 * MINUTE)
    limit.check(5, since=0, now=MINUTE)
    with pytest.raises(TooMany, match=r"signin\.too_often") as refusal:
        limit.check(6, since=0, now=MINUTE)
    assert refusal.value.details == {"minutes": 14}


def test_the_same_name_from_elsewhere_has_a_count_of_its_own() -> None:
    here, there = (limits_of("nguyet", address, 5, MINUTE) for address in ("10.0.0.1", "10.0.0.2"))
    assert here[0].key != there[0].key
    assert here[1].key == there[1].key
    assert here[2].key != there[2].key
    assert here[0].most < here[1].most < here[2].most


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "unknown"),
    ],
)
def test_an_ipv6_household_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_is_stored_of_a_token_is_not_the_token() -> None:
    assert token_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
