from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from server.media.line.linetest import Findings, faults_of, result_of

GOOD = Findings(
    "seen", "on", 60, "heard", 10, "udp", "10.1.2.3:8444", up_bps=2_400_000, down_bps=8_000_000, rtt_ms=30
)  # fmt: skip


def test_a_line_on_which_all_is_well_has_passed() -> None:
    assert faults_of(GOOD) == ()
    assert result_of(()) == "passed"


@pytest.mark.parametrize(
    ("changes", "fault", "result"),
    [
        ({"route": "none"}, "unreachable", "failed"),
        ({"camera": "refused"}, "camera", "failed"),
        ({"microphone": "missing", "level": -1}, "microphone", "failed"),
        ({"level": 8}, "microphone", "failed"),
        ({"loudspeaker": "not_heard"}, "loudspeaker", "failed"),
        ({"route": "relay"}, "udp_blocked", "remarks"),
        ({"echo": 70}, "echo", "remarks"),
        ({"up_bps": 300_000}, "slow_up", "remarks"),
        ({"down_bps": 900_000}, "slow_down", "remarks"),
        ({"up_loss": 40}, "loss_up", "remarks"),
        ({"down_loss": 40}, "loss_down", "remarks"),
        ({"rtt_ms": 450}, "slow_answer", "remarks"),
    ],
)
def test_each_fault_is_named_and_weighed(changes: dict[str, object], fault: str, result: str) -> None:
    faults = faults_of(replace(GOOD, **changes))
    assert faults == (fault,)
    assert result_of(faults) == result


def test_the_doors_of_several_relays_find_room() -> None:
    doors = ", ".join(f"TCP turn{at}.hoinghi.tinh.example:3478" for at in range(12))
    found = replace(GOOD, route="none", relay=doors, shut=doors)
    assert msgspec.convert(msgspec.to_builtins(found), Findings) == found
    assert msgspec.convert({**msgspec.to_builtins(GOOD)}, Findings).shut == ""


def test_what_was_not_measured_is_no_fault() -> None:
    assert faults_of(replace(GOOD, level=-1, echo=-1, up_bps=0, down_bps=0, rtt_ms=0)) == ()
