"""Memory is given back once after a crowd, and never for a few."""

from __future__ import annotations

from collections.abc import Callable

from server.crowds import CALM_S, CROWD, Crowd, give_back


class Hall:
    """A door, and a clock that is moved by hand. A look finds that nobody came since the look before."""

    def __init__(self) -> None:
        self.given = 0
        self.due: list[Callable[[], None]] = []
        self.crowd = Crowd(self.gives, self.later)

    def gives(self) -> None:
        self.given += 1

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        assert seconds == CALM_S
        self.due.append(work)

    def come(self, count: int) -> None:
        for _ in range(count):
            self.crowd.comes()

    def passes(self) -> None:
        """As much time as makes a pause."""
        due, self.due = self.due, []
        for work in due:
            work()


def test_memory_is_given_back_once_when_all_have_come() -> None:
    hall = Hall()
    hall.come(CROWD // 2)
    hall.passes()
    hall.come(CROWD)
    hall.passes()
    assert not hall.given, "they still came"
    hall.passes()
    hall.passes()
    assert (hall.given, hall.due) == (1, [])
    hall.come(CROWD)
    hall.passes()
    assert hall.given == 1
    hall.passes()
    assert hall.given == 2


def test_a_few_at_a_time_are_no_crowd() -> None:
    hall = Hall()
    for _ in range(5):
        hall.come(CROWD - 1)
        assert len(hall.due) == 1
        hall.passes()
        hall.passes()
    assert (hall.given, hall.due) == (0, [])


def test_giving_back_harms_nobody() -> None:
    held = [bytes(20_000) for _ in range(500)]
    kept = held[::2]
    del held
    give_back()
    assert all(octets == bytes(20_000) for octets in kept)
