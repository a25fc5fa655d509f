"""What `hopso check` finds out about the conference, against a real media process and a real coturn."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from server import checkmedia
from server.addresses import Relay
from server.checks import Finding
from server.config import MediaSettings
from server.media import trial
from server.media.control import Gone, Loudest
from server.media.turn import IceServer
from tests.media.conftest import House, until
from tests.media.coturn import SECRET, Doors, on_loopback


def settings(house: House | None, doors: Doors | None = None, **changes: object) -> MediaSettings:
    known = house.settings if house is not None else MediaSettings()
    turn = {"turn_urls": doors.urls(), "turn_secret": SECRET} if doors is not None else {}
    return MediaSettings(**{**known.model_dump(), **turn, **changes})


async def look(given: MediaSettings, doors: Doors | None = None, running: bool = True) -> list[Finding]:
    """As the command line does, beside the house of this test."""
    authority = doors.authority if doors is not None else None
    return await asyncio.to_thread(checkmedia.look, given, int(time.time() * 1000), running, authority)


def about_relays(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.level, one.words.en) for one in found if one.words.en.startswith("The relay ")]


async def test_the_media_port_answers_where_answers_say_it_is(house: House) -> None:
    found = await look(settings(house))
    assert [(one.level, "no relay" in one.words.en) for one in found] == [("warn", True), ("ok", False)]
    assert found[1].words.vi.startswith("Cổng hội nghị trả lời tại UDP 127.0.0.1:")


async def test_the_trial_leaves_no_session_behind(house: House) -> None:
    await look(settings(house))
    await until(lambda: any(isinstance(one, Gone) for one in house.observed))
    assert all(isinstance(one, Gone | Loudest) for one in house.observed), "nobody joined, nobody is seen"
    assert all(one.conference.startswith("line-test.") for one in house.observed)


async def test_an_announced_address_that_does_not_answer_is_named(tmp_path: Path) -> None:
    house = House(
        MediaSettings(
            control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, announce=["127.0.0.1", "127.0.0.9:9"]
        )
    )
    await house.start()
    found = await look(house.settings)
    await house.close()
    assert [one.level for one in found] == ["warn", "ok", "warn"]
    assert "127.0.0.9:9" in found[2].words.vi


async def test_a_media_process_that_is_not_there_is_bad_only_while_the_house_runs(tmp_path: Path) -> None:
    given = MediaSettings(control_socket=tmp_path / "none.sock")
    assert [one.level for one in await look(given)] == ["warn", "bad"]
    assert [one.level for one in await look(given, running=False)] == ["warn", "warn"]


@pytest.mark.slow
async def test_a_relay_that_reaches_media_and_other_ports_is_told_to_load_the_rule(house: House, relay: Doors) -> None:
    """No rule for packets is loaded on this machine; with it: test_wall.py."""
    found = about_relays(await look(settings(house, relay), relay))
    assert len(found) == 3
    assert all(level == "bad" and "config/coturn.nft" in words for level, words in found)


@pytest.mark.slow
async def test_without_the_house_it_is_tried_who_may_enter(relay: Doors) -> None:
    found = about_relays(await look(settings(None, relay), relay, running=False))
    assert [level for level, _ in found] == ["ok"] * 3


@pytest.mark.slow
async def test_a_relay_with_another_secret_a_strange_certificate_or_no_relay_at_all(relay: Doors) -> None:
    other = about_relays(await look(settings(None, relay, turn_secret="x"), relay, running=False))
    assert ["refuses our credentials" in words for _, words in other] == [True] * 3
    strange = about_relays(await look(settings(None, relay), None, running=False))
    assert [level for level, _ in strange] == ["ok", "ok", "bad"]
    assert "certificate" in strange[2][1]
    gone = settings(None, relay, turn_urls=["turn:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp"])
    assert ["cannot be reached" in words for _, words in about_relays(await look(gone, None, running=False))] == [
        True
    ] * 2


@pytest.mark.slow
async def test_a_relay_that_may_not_reach_media(house: House, turnserver_path: Path, tmp_path: Path) -> None:
    async with on_loopback(turnserver_path, tmp_path, allowed_peer_ip="127.0.0.2") as doors:
        found = about_relays(await look(settings(house, doors), doors))
    assert ["allowed-peer-ip" in words for _, words in found] == [True] * 3


@pytest.mark.slow
async def test_an_open_relay_is_found_out(turnserver_path: Path, tmp_path: Path) -> None:
    async with on_loopback(turnserver_path, tmp_path, without="denied-peer-ip") as doors:
        found = about_relays(await look(settings(None, doors), doors, running=False))
    assert [level for level, _ in found] == ["bad"] * 3
    assert all("to anywhere" in words for _, words in found)


async def test_relays_without_a_secret_and_without_tls_on_443_are_named() -> None:
    given = settings(None, None, turn_urls=["turn:127.0.0.1:9"])
    assert "turn_secret" in (await look(given, running=False))[0].words.en
    found = await look(settings(None, None, turn_urls=["turn:127.0.0.1:9"], turn_secret="x"), running=False)
    assert "443" in found[0].words.en


async def test_a_relay_that_goes_away_between_two_tries_is_named() -> None:
    gone, nobody = Relay("127.0.0.1", 9, "tcp"), IceServer("turn:127.0.0.1:9?transport=tcp", "x", "x")
    tried = trial.Session("ufrag", "password", (("127.0.0.1", 9),))
    fault = await trial.reaches(tried, ("127.0.0.1", 9), (gone, nobody), ssl.create_default_context())
    assert fault == "unreachable"
