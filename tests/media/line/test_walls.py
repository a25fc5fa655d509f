"""Walls, orders and figures of lines, with scripted sites over a real media process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from server.config import MediaSettings
from server.media.conference import Grants, Seats, Sending, beside, owner, seat
from server.media.control import Gone, Joined, Quality, Slots
from tests.media.conftest import House, until
from tests.media.test_conference import NAMES, desired, sending

WALL = beside("b", "wall")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A running media process with an empty conference `k`."""
    running = House(MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0))
    await running.start()
    yield running
    await running.close()


def seats_of(house: House, receiver: str) -> tuple[str | None, ...]:
    told = [one for one in house.observed if isinstance(one, Slots) and one.receiver == receiver]
    return told[-1].seats.video if told else ()


def test_a_named_slot_is_nobody_elses_while_its_site_sends_nothing() -> None:
    here = Sending(frozenset(NAMES) - {"d"}, frozenset(), (), ("c",))
    state = desired(stage="a", views={"x": ("", "d", "province")})
    assert seat(state, here, "x", Seats(), 3).video == ("a", None, "province")


def test_whoever_leads_is_seen_once_and_large_and_keeps_the_own_place() -> None:
    state = desired(stage="c", views={"x": ("", "b", "c", "d")})
    before = seat(desired(stage="b", views=state.views), sending(), "x", Seats(), 4)
    assert before.video == ("b", None, "c", "d")
    assert seat(state, sending(), "x", before, 4).video == ("c", "b", None, "d")


def test_a_screen_beside_has_an_owner() -> None:
    assert (WALL, owner(WALL), owner("b")) == ("b~wall", "b", "b")


async def test_a_wall_has_the_slots_it_asks_for_and_stays_when_the_meeting_changes(house: House) -> None:
    house.admit("a", "b", "c", "d", stage="a")
    sites = {name: await house.publish(name) for name in ("a", "c", "d")}

    def send() -> None:
        for name, site in sites.items():
            site.picture(True, name.upper().encode())

    wall = await house.watch(WALL, 4)
    house.web.view("k", WALL, ("", "d", "c"))
    await until(lambda: seats_of(house, WALL)[:3] == ("a", "d", "c"), send)
    await until(lambda: wall.saw(b"D") and wall.saw(b"C"), send)
    house.admit("a", "b", "c", "d", stage="d")
    await until(lambda: seats_of(house, WALL)[:3] == ("d", None, "c"), send)
    house.web.view("k", WALL, ("", "a"))
    await until(lambda: seats_of(house, WALL)[:2] == ("d", "a"), send)
    assert not [one for one in house.of(Gone) if cast(Gone, one).endpoint == WALL]


async def test_a_wall_goes_with_its_owner(house: House) -> None:
    house.admit("a", "b")
    await house.watch(WALL, 2)
    house.admit("a")
    await until(lambda: [one for one in house.of(Gone) if cast(Gone, one).reason == "revoked"])


async def test_a_site_sent_to_reconnect_is_lost_for_its_client_and_may_come_again(house: House) -> None:
    house.admit("a")
    site = await house.publish("a")
    await house.web.reconnect(site.peer.session, "a")
    await until(lambda: house.of(Gone))
    assert cast(Gone, house.of(Gone)[0]).reason == "lost"
    await house.publish("a")
    assert len(house.of(Joined)) == 2


async def test_quality_tells_level_and_layers(house: House) -> None:
    house.admit("a", "b", stage="a", b=Grants())
    site = await house.publish("a", ("l", "m", "h"))
    await house.watch("b")

    def send() -> None:
        site.picture(True, b"A")
        site.voice(b"x", level=30)

    def told() -> Quality | None:
        ups = [one for one in house.observed if isinstance(one, Quality) and one.direction == "up" and one.layers]
        return ups[-1] if ups else None

    await until(lambda: (found := told()) is not None and found.level > 60, send)
    found = told()
    assert found is not None
    assert set(found.layers) == {"l", "m", "h"}


async def test_a_receiver_without_pictures_hears_the_stage_and_costs_nothing_more(house: House) -> None:
    house.admit("a", "b", stage="a")
    site, screen = await house.publish("a"), await house.watch("b", 0)

    def send() -> None:
        site.picture(True, b"PICTURE")
        site.voice(b"VOICE")

    await until(lambda: screen.saw(b"VOICE"), send)
    assert not screen.saw(b"PICTURE")
    assert seats_of(house, "b") == ()
