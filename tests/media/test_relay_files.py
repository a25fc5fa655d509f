"""The delivered files of the relay agree with each other and with the house's own defaults."""

from __future__ import annotations

import re
from pathlib import Path

from server.config import MediaSettings

CONFIG = Path(__file__).parents[2] / "config"


def defined(name: str) -> str:
    (found,) = re.findall(rf"^define {name} = (.*)$", (CONFIG / "coturn.nft").read_text("utf-8"), re.MULTILINE)
    return str(found)


def set_to(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", (CONFIG / "coturn.conf").read_text("utf-8"), re.MULTILINE)


def test_the_rule_lets_through_what_media_listens_on() -> None:
    assert defined("media_port") == str(MediaSettings().port)


def test_the_rule_covers_the_ports_that_the_relay_sends_from() -> None:
    assert defined("relay_ports") == f"{set_to('min-port')[0]}-{set_to('max-port')[0]}"


def test_everything_is_denied_but_what_is_named() -> None:
    assert set_to("denied-peer-ip") == ["0.0.0.0-255.255.255.255", "::-" + ":".join(["ffff"] * 8)]
    assert len(set_to("allowed-peer-ip")) == 1


def test_the_service_does_not_start_without_the_rule() -> None:
    service = (CONFIG / "coturn-service.conf").read_text("utf-8")
    assert "ExecStartPre=+/usr/sbin/nft -f /etc/hopso/coturn.nft\n" in service
