"""The conference in which a principal tries its line: a loop of its own, apart from the meeting's."""

from __future__ import annotations

TEST_CONFERENCE = "line-test"


def is_test(conference: str) -> bool:
    """Whether a conference is the loop of a test, and no meeting's."""
    return conference.startswith(f"{TEST_CONFERENCE}.")


def test_of(conference: str) -> tuple[str, str] | None:
    """The meeting and the principal of `line-test.<meeting>.<principal>`; None for other names."""
    if not is_test(conference):
        return None
    meeting, _, who = conference.partition(".")[2].partition(".")
    return meeting, who
