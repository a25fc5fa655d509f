"""A conference in held time: the real forwarder on a wire of our own, in a loop whose time passes only when there is
nothing left to do. What happens, and when, does not depend on the machine or on what else it does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import selectors
import socket
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from OpenSSL import SSL

from server.clock import HeldClock, Millis
from server.media.conference import Desired, Endpoint, Grants
from server.media.control import Answer, Direction, Observation, Open
from server.media.egress import Plain
from server.media.forwarder import Forwarder
from server.media.ingress import APART_S, Port, Single

HOST = "127.0.0.1"
ALL = Grants(audio=True, video=True, screen=True)

Found = TypeVar("Found")


class _Patient(selectors.DefaultSelector):
    """Never waits: where nothing has come, time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0 if timeout is not None else None)
        if not found and timeout:
            self.seconds += timeout
        return found


class HeldLoop(asyncio.SelectorEventLoop):
    """An hour of sleeping takes no time at all."""

    def __init__(self) -> None:
        self.patient = _Patient()
        super().__init__(self.patient)

    def time(self) -> float:
        return self.patient.seconds


@contextlib.contextmanager
def _openssl_without_a_clock() -> Iterator[None]:
    """OpenSSL reads the machine's clock, which nobody can hold: here only our own timer repeats flights."""
    timeout = SSL.Connection.DTLSv1_get_timeout
    SSL.Connection.DTLSv1_get_timeout = lambda _: None
    try:
        yield
    finally:
        SSL.Connection.DTLSv1_get_timeout = timeout


def run(work: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
    """Let it happen from second 0 on."""
    with _openssl_without_a_clock(), asyncio.Runner(loop_factory=HeldLoop) as runner:
        return runner.run(work())


class End(socket.socket):
    """One end of a wire, where a socket would be: what is sent is there at once, in order, and never lost."""

    def __init__(self, wire: Wire, address: tuple[str, int]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self.wire = wire
        self.address = address
        self.waiting: deque[tuple[bytes, tuple[str, int]]] = deque()

    def getsockname(self) -> tuple[str, int]:
        return self.address

    def sendto(self, data: Any, *where: Any) -> int:
        other = self.wire.ends.get(where[-1])
        if other is not None:
            other.waiting.append((bytes(data), self.address))
        return len(data)

    def recvfrom_into(self, buffer: Any, *_: int) -> tuple[int, Any]:
        if not self.waiting:
            raise BlockingIOError
        data, sender = self.waiting.popleft()
        memoryview(buffer)[: len(data)] = data
        return len(data), sender

    def recv_into(self, buffer: Any, *_: int) -> int:
        return self.recvfrom_into(buffer)[0]


class Wire:
    """Everything between the ends."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, int], End] = {}
        self.ports = itertools.count(5_000)

    def end(self) -> End:
        """A further one, at an address of its own."""
        address = (HOST, next(self.ports))
        self.ends[address] = End(self, address)
        return self.ends[address]


class _WirePort(Port):
    """The forwarder's own end."""

    def __init__(self, end: End, received: Callable[..., None]) -> None:
        super().__init__(end, received)
        self.inbox = Single(end.family)
        self.egress.urgent, self.egress.bulk = Plain(self.egress), Plain(self.egress)


class _LoopClock(HeldClock):
    """The loop's time; names and passwords are no two alike, and the same every time."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.chance = random.Random(seed)

    def now(self) -> Millis:
        return self.time + int(self.loop.time() * 1000)

    def secret(self, octets: int = 32) -> str:
        return self.chance.randbytes(octets).hex()


class Indoors:
    """One media process without a process: sites 0 and 1, of whom the first has the floor."""

    def __init__(self, seed: int) -> None:
        self.wire = Wire()
        self.told: list[Observation] = []
        self.forwarder = Forwarder(_LoopClock(seed), (), self.told.append)
        hub = self.forwarder.hub
        hub.attend([_WirePort(self.wire.end(), hub.received)])
        everybody = (Endpoint("0", ALL), Endpoint("1", ALL))
        self.forwarder.adopt(Desired("bench", 1, 1, everybody, stage="0", floor="0"))
        self.looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(APART_S)
            self.forwarder.hub.look()

    def open(self, site: str, direction: Direction, offer: str) -> Answer:
        """The answer to an offer."""
        return self.forwarder.open(Open(1, "bench", site, direction, "camera", ALL, offer))

    async def close(self) -> None:
        """End everything."""
        self.looking.cancel()
        await self.forwarder.close()
