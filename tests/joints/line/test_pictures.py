"""Everybody hears why a site is not seen; who looks after the lines hears the rest, too."""

from __future__ import annotations

import msgspec

from server.joints.line.desk import pictures
from server.media.line.history import Row

THERE = Row(
    site="a", state="good", alarms=(), up_loss=0, down_loss=0, rtt_ms=9, up_bps=1, down_bps=1, layer="h", level=3,
    open=True, microphone="on", camera="on", limited="", audio_only=False, drops=0, dropped_at=0, gone_at=0, heard=-1,
)  # fmt: skip


def other(**change: object) -> Row:
    return msgspec.structs.replace(THERE, site="b", **change)


def test_nothing_is_said_of_sites_that_are_seen() -> None:
    assert pictures([THERE, other(state="weak")]) == {}


def test_a_lost_line_a_dark_camera_and_an_order_are_said_without_any_figures() -> None:
    found = pictures([THERE, other(camera="off")])
    assert found == {"b": {"state": "good", "camera": "off", "audio_only": False}}
    assert pictures([other(state="lost", camera="")])["b"]["state"] == "lost"
    assert pictures([other(camera="audio_only", audio_only=True)])["b"]["audio_only"]
