"""Addresses as operators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.addresses import Relay, announced, relay
from server.config import load
from server.errors import Invalid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("203.0.113.5", ("203.0.113.5", 0)),
        ("203.0.113.5:9444", ("203.0.113.5", 9444)),
        ("2001:db8::5", ("2001:db8::5", 0)),
        ("[2001:db8::5]", ("2001:db8::5", 0)),
        ("[2001:DB8::5]:9444", ("2001:db8::5", 9444)),
    ],
)
def test_an_announced_address_with_and_without_a_port(text: str, found: tuple[str, int]) -> None:
    assert announced(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hop.tinh.example",
        "203.0.113.5:",
        "203.0.113.5:0",
        "203.0.113.5:70000",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "1.2.3",
    ],
)
def test_what_nobody_can_send_to_is_not_announced(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|reached"):
        announced(text)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("turn:t.example", Relay("t.example", 3478, "udp")),
        ("turn:t.example:3478?transport=udp", Relay("t.example", 3478, "udp")),
        ("turn:192.0.2.1?transport=tcp", Relay("192.0.2.1", 3478, "tcp")),
        ("turns:t.example:443?transport=tcp", Relay("t.example", 443, "tls")),
        ("turns:[2001:db8::1]", Relay("2001:db8::1", 5349, "tls")),
    ],
)
def test_a_relay_is_taken_apart(url: str, found: Relay) -> None:
    assert relay(url) == found


@pytest.mark.parametrize(
    "url", ["stun:t.example", "turn:", "turn:t.example:x", "turns:t.example?transport=udp", "t.example"]
)
def test_what_is_no_relay_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"TURN|port|transport"):
        relay(url)


@pytest.mark.parametrize(("key", "value"), [("announce", "hop.tinh.example"), ("turn_urls", "turn.tinh.example:3478")])
def test_a_house_with_an_unreadable_address_does_not_open(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "hopso.toml"
    file.write_text(f'[media]\n{key} = ["{value}"]\n', "utf-8")
    with pytest.raises(Invalid) as refused:
        load(file, environment={})
    assert refused.value.code == "config.invalid"
    assert f"media.{key}" in str(refused.value.details["keys"])
