from __future__ import annotations

from server.joints.conference import Lines
from server.media.control import Gone, Joined

UP = Joined("m", "so-ct", "session-up", "up", "camera")
DOWN = Joined("m", "so-ct", "session-down", "down", "camera")


def test_the_lines_of_one_owner_are_known_until_they_are_gone_a_wall_among_them() -> None:
    lines = Lines()
    wall = Joined("m", "so-ct~wall", "session-wall", "down", "camera")
    for joined in (
        UP,
        DOWN,
        wall,
        Joined("m", "so-xd", "other", "up", "camera"),
        Joined("m", "so-ct2", "no", "up", "camera"),
    ):
        lines.heed(joined)
    assert lines.of("so-ct") == [("session-up", "so-ct"), ("session-down", "so-ct"), ("session-wall", "so-ct~wall")]
    lines.heed(Gone("m", "so-ct", "session-up", "up", "camera", "closed"))
    assert lines.of("so-ct") == [("session-down", "so-ct"), ("session-wall", "so-ct~wall")]
