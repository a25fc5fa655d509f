from __future__ import annotations

import pytest

from server.joints.line.metrics import Figures, exposition, may_read
from server.media.control import Load
from server.media.line.alarms import Alarm
from server.media.line.history import Row

ROWS = {
    "m": [
        Row("a", "good", up_bps=2_000_000, down_bps=3_000_000, rtt_ms=40),
        Row("b", "weak", (Alarm("loss", 2, 1, 62),), up_loss=62, up_bps=600_000, drops=2),
        Row("c", "absent"),
    ]
}


def test_the_page_says_how_the_lines_stand_and_names_nobody() -> None:
    lines = exposition(Figures(41, 1, ROWS, {"media": None})).decode().splitlines()
    for line in (
        'hopso_media_up{process="media"} 0.0',
        "hopso_sessions 41.0",
        'hopso_sites{state="good"} 1.0',
        'hopso_sites{state="lost"} 0.0',
        'hopso_line_alarms{kind="loss"} 1.0',
        'hopso_line_loss_ratio_max{direction="up"} 0.062',
        'hopso_line_bits_per_second{direction="up"} 2.6e+06',
        "hopso_line_round_trip_seconds_max 0.04",
        "hopso_line_drops 2.0",
    ):
        assert line in lines
    assert any(line.startswith("hopso_web_process_resident_memory_bytes ") for line in lines)


def test_each_media_process_stands_there_with_its_own_words_while_it_is_there() -> None:
    load = Load(3, 4, 1, 9_000, 81_000, 70_000_000, 2, 5, 12_340, 61_000_000)
    lines = exposition(Figures(41, 1, ROWS, {"media": load, "media-2": None})).decode().splitlines()
    for line in (
        'hopso_media_up{process="media"} 1.0',
        'hopso_media_up{process="media-2"} 0.0',
        'hopso_media_sessions{direction="down",process="media"} 4.0',
        'hopso_media_sound_only{process="media"} 1.0',
        'hopso_media_packets_total{direction="in",process="media"} 9000.0',
        'hopso_media_packets_total{direction="out",process="media"} 81000.0',
        'hopso_media_sent_bytes_total{process="media"} 7e+07',
        'hopso_media_dropped_total{process="media"} 2.0',
        'hopso_media_moved_total{process="media"} 5.0',
        'hopso_media_cpu_seconds_total{process="media"} 12.34',
        'hopso_media_resident_memory_bytes{process="media"} 6.1e+07',
    ):
        assert line in lines
    assert b"hopso_media_packets" not in exposition(Figures(0, 0, {}))


def test_an_empty_house_has_a_page_too() -> None:
    assert b"hopso_sessions 0.0" in exposition(Figures(0, 0, {}))


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "may"),
    [
        ("127.0.0.1", False, ["127.0.0.1"], True),
        ("::1", False, ["127.0.0.1", "::1"], True),
        ("10.1.2.7", False, ["10.1.2.0/24"], True),
        ("10.1.3.7", False, ["10.1.2.0/24"], False),
        ("127.0.0.1", True, ["127.0.0.1"], False),
        ("127.0.0.1", False, [], False),
        (None, False, ["127.0.0.1"], False),
    ],
)
def test_only_who_is_named_may_read_it_and_nobody_through_a_proxy(
    remote: str | None, forwarded: bool, trusted: list[str], may: bool
) -> None:
    assert may_read(remote, forwarded, trusted) == may
