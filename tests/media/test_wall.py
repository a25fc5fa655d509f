"""The relay where it is needed: in networks of our own, with real rules for packets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.media.browser import javascript

pytestmark = pytest.mark.slow
MODULES = ("wire/media", "wire/mediasession", "wire/stall", "wire/http", "core/coding", "core/thinline")


def walled(work: str, folder: Path, names: dict[str, Any]) -> dict[str, Any]:
    """Run this part of walled.py in a network of its own; what it saw."""
    inside = [
        "unshare",
        "--map-root-user",
        "--net",
        "--fork",
        "--kill-child",
        sys.executable,
        "-m",
        "tests.media.walled",
    ]
    done = subprocess.run(
        [*inside, work, str(folder)], input=json.dumps(names), capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(200)
def test_the_relay_sends_to_the_media_port_and_to_no_other_port_of_that_machine(
    turnserver_path: Path,
    nft_path: Path,
    tmp_path: Path,
) -> None:
    found = walled("knock", tmp_path, {"turnserver": str(turnserver_path)})
    assert found == {"media": ["yes"], "other": [], "errors": 0}


@pytest.mark.timeout(200)
def test_a_browser_whose_network_lets_only_443_through_hears_and_sees_by_the_relay(
    turnserver_path: Path,
    chromium_path: Path,
    certutil_path: Path,
    nft_path: Path,
    tmp_path: Path,
) -> None:
    names = {"turnserver": str(turnserver_path), "chromium": str(chromium_path), "certutil": str(certutil_path)}
    found = walled("meet", tmp_path, {**names, "scripts": {name: javascript(name) for name in MODULES}})
    assert found["counts"]["sound"] > 50
    assert found["counts"]["frames"] > 5
    assert found["route"] == {"type": "relay", "protocol": "tls"}
    udp, tcp = found["wall"]
    assert udp > 0, "nobody tried UDP: the wall was not tried either"
    assert tcp > 0
    assert [level for level, _ in found["check"]] == ["ok"] * len(found["check"])
    assert sum("carries packets to the media port only" in words for _, words in found["check"]) == 3


@pytest.mark.timeout(200)
def test_a_browser_whose_wifi_goes_away_hears_again_by_its_mobile_network_in_the_same_session(
    chromium_path: Path, certutil_path: Path, tmp_path: Path
) -> None:
    names = {"chromium": str(chromium_path), "certutil": str(certutil_path)}
    found = walled("roam", tmp_path, {**names, "scripts": {name: javascript(name) for name in MODULES}})
    assert (found["joined"], found["gone"]) == (2, 0), "no new session"
    # Two seconds are promised, and twice as much is left to a busy machine.
    assert 0 < found["gap_ms"] < 4_000, found
