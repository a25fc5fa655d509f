"""What is measured: how many send and receive what. Pure."""

from __future__ import annotations

from typing import NamedTuple

VOICES = 3
"""The stage's sound and the two loudest others: here the first three sites."""
VOICES_A_SECOND = 50


class Case(NamedTuple):
    """So many senders and receivers; video in bursts of `burst` packets of `size` octets, `frames` a second.

    Where there are as many receivers as senders, they are the same sites; else nobody who receives sends. Everybody
    sees the first `videos` others (0: all of them) and hears the first three. `thumbnail` is (burst, size) of all but
    the first site, where theirs differ; only the first `pictures` sites have a camera (0: all of them). Everything
    happens at `rate` times its pace: the same bursts, further apart, where two cores do not carry the whole.
    Of `processes` the first is home, the others become its edges as they are needed.
    """

    key: str
    name: str
    publishers: int
    receivers: int
    burst: int = 6
    size: int = 1_150
    frames: int = 30
    seconds: float = 5.0
    videos: int = 0
    thumbnail: tuple[int, int] | None = None
    pictures: int = 0
    rate: float = 1.0
    processes: int = 1

    @property
    def is_mutual(self) -> bool:
        """Whether those who receive are those who send."""
        return self.publishers == self.receivers

    @property
    def seen(self) -> int:
        """How many pictures a receiver shows."""
        return self.videos or max(1, self.publishers - 1)

    @property
    def cameras(self) -> int:
        return self.pictures or self.publishers

    @property
    def people(self) -> int:
        """Sites and others, each counted once."""
        return self.receivers if self.is_mutual else self.publishers + self.receivers

    @property
    def frames_a_second(self) -> float:
        return self.frames * self.rate

    @property
    def voices_a_second(self) -> float:
        return VOICES_A_SECOND * self.rate

    def site(self, receiver: int) -> int:
        """Which site this receiver is."""
        return receiver if self.is_mutual else self.publishers + receiver

    def expected(self, pictures: list[int], sounds: list[int]) -> int:
        """Packets that should arrive at all receivers together, when so many were sent by each site."""
        total = 0
        for receiver in range(self.receivers):
            own = self.site(receiver)
            shown = [one for site, one in enumerate(pictures[: self.cameras]) if site != own][: self.seen]
            total += sum(shown) + sum(one for site, one in enumerate(sounds[:VOICES]) if site != own)
        return total


CASES = (
    Case("10", "fan-out 1 to 10", 1, 10),
    Case("31", "fan-out 1 to 31", 1, 31),
    Case("60", "fan-out 1 to 60", 1, 60),
    Case("120", "fan-out 1 to 120", 1, 120),
    Case("six", "six sites, all to all", 6, 6, burst=2, size=950),
    Case("31x31", "31 sites, nine pictures each", 31, 31, videos=9, thumbnail=(1, 950)),
    Case("wall", "31 sites, walls of 30 pictures", 31, 31, videos=30, thumbnail=(1, 300)),
    Case(
        "200", "200 sites with sound, three with pictures", 200, 200, burst=2, size=950, videos=1, pictures=3, rate=0.5
    ),
    Case(
        "600", "1 to 600 over home and edges, 360p", 3, 600, burst=2, size=950, videos=1, pictures=1,
        rate=0.2, processes=3,
    ),
    Case("600hd", "1 to 600 over home and edges, 720p", 3, 600, videos=1, pictures=1, rate=0.1, processes=3),
)  # fmt: skip
