"""The process's door: which connection an arriving packet belongs to, and whether it may come in at all.

An address belongs to a connection only after a connectivity check whose password was right. Everything else that is
not such a check is dropped, with one exception: SRTP that verifies with a known peer's keys moves that peer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Protocol

import structlog

from server.addresses import announced
from server.clock import Clock, Millis
from server.media import ice
from server.media.connection import Connection, Ended
from server.media.dtls import Certificate, Handshake, Scratch
from server.media.egress import key_address
from server.media.ingress import Intake, Port, open_sockets
from server.media.rtp import is_rtcp

TAKEOVER_TRIES_A_SECOND = 400
TAKEOVER_TRIES_A_PACKET = 64
HANDSHAKE_MS = 20_000

log = structlog.get_logger("media")


class Lobby(Protocol):
    """Who lets in peers that are expected without an offer: other media processes."""

    def password(self, local: str, remote: str) -> str | None:
        """The password of checks with these names, None for strangers."""
        ...

    def enter(self, local: str) -> Connection:
        """A check with that name had the right password."""
        ...


class Hub:
    """All sockets and all connections of one media process."""

    def __init__(self, clock: Clock, ended: Ended, joined: Callable[[Connection], None]) -> None:
        self.clock = clock
        self.ended = ended
        self.joined = joined
        self.scratch = Scratch()
        self.certificate = Certificate()
        self.ports: list[Port] = []
        self.intake: Intake | None = None
        self.connections: dict[str, Connection] = {}
        self.ufrags: dict[str, Connection] = {}
        self.arrived: dict[str, Connection] = {}
        self.opened: dict[str, Millis] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.tries = self.moves = 0
        self.now: Millis = clock.now()
        self.after_drain: Callable[[], None] = lambda: None
        self.lobby: Lobby | None = None
        self.questions: dict[bytes, tuple[Connection, str]] = {}
        """Checks of our own that wait for an answer, and the password it must know."""

    def listen(self, host: str, port: int) -> None:
        """Bind the port on every local address. Raises Unavailable when it is taken."""
        self.attend([Port(one, self.received) for one in open_sockets(host, port)])

    def attend(self, ports: list[Port]) -> None:
        """Read these from now on."""
        self.ports = ports
        self.intake = Intake(ports, self._arriving, self._drained)

    def candidates(self, announce: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """What answers offer: the announced addresses; where none are, our own, loopback last."""
        own = [port.address for port in self.ports]
        if announce:
            return tuple(dict.fromkeys((host, port or own[0][1]) for host, port in map(announced, announce)))
        return tuple(sorted(own, key=lambda one: one[0].startswith("127.") or one[0] == "::1"))

    def add(self, connection: Connection, fingerprints: Sequence[tuple[str, str]], begin: bool = False) -> None:
        """Expect this peer: its checks will be answered, then it may shake hands, or waits for us to begin."""
        now = self.clock.now()
        connection.heard_at = self.opened[connection.session] = now
        connection.handshake = Handshake(self.certificate, fingerprints, connection.send, client=begin)
        self.connections[connection.session] = connection
        self.learn(connection)

    def learn(self, connection: Connection) -> None:
        """Its ufrags have changed."""
        for ufrag in [one for one, owner in self.ufrags.items() if owner is connection]:
            del self.ufrags[ufrag]
        self.ufrags.update(dict.fromkeys(connection.passwords, connection))

    def remove(self, connection: Connection) -> None:
        """Forget this peer at once; its keys, addresses and passwords are worthless from now on."""
        if self.connections.pop(connection.session, None) is None:
            return
        connection.incoming = connection.outgoing = None
        del self.opened[connection.session]
        self.arrived.pop(connection.session, None)
        for ufrag in connection.passwords:
            self.ufrags.pop(ufrag, None)
        self.questions = {key: one for key, one in self.questions.items() if one[0] is not connection}
        if connection.handshake is not None:
            self._start(self._farewell(connection, connection.handshake))

    async def _farewell(self, connection: Connection, handshake: Handshake) -> None:
        await handshake.stop()
        connection.release()
        # They know it, too: without a circle all that is big goes now. The collector hardly ever runs here.
        connection.handler = connection.handshake = None

    def received(self, port: Port, scratch: Scratch, size: int, key: bytes) -> None:
        """One datagram has arrived."""
        first = scratch.memory[0]
        owner = port.owners.get(key)
        if owner is not None and 128 <= first <= 191:
            self._media(owner, scratch, size)
        elif first < 2:
            self._check(port, scratch.view[:size], key_address(key))
        elif owner is None:
            if 128 <= first <= 191:
                self._take_over(port, bytes(scratch.view[:size]), key_address(key))
        elif 20 <= first <= 63 and owner.handshake is not None:
            owner.handshake.received(bytes(scratch.view[:size]))

    def _media(self, owner: Connection, scratch: Scratch, size: int) -> None:
        keys, handler = owner.incoming, owner.handler
        if keys is None or handler is None:
            return
        if not 192 <= scratch.memory[1] <= 223:
            length = scratch.unprotect(keys, size)
            if length:
                handler.rtp(scratch.view, length, self.now)
                self.arrived[owner.session] = owner
            return
        length = scratch.unprotect_rtcp(keys, size)
        if length:
            data = bytes(scratch.view[:length])
            owner.rtcp_ssrc = int.from_bytes(data[4:8])
            owner.heard_at = self.now
            handler.rtcp(data, self.now)

    def look(self) -> None:
        """Give a beat, although nothing woke us."""
        if self.intake is not None:
            self.intake.look()

    def read_reports(self) -> None:
        """Read what lies aside."""
        for port in self.ports:
            port.drain_aside()

    def _arriving(self) -> None:
        self.now = self.clock.now()

    def _drained(self) -> None:
        self.after_drain()
        self.arrived.clear()
        self.flush()

    @property
    def dropped(self) -> int:
        """Datagrams that the sockets did not take."""
        return sum(port.egress.dropped for port in self.ports)

    def flush(self) -> None:
        """Let everything leave."""
        for port in self.ports:
            port.egress.flush()

    def _check(self, port: Port, data: memoryview, address: tuple[str, int]) -> None:
        if not ice.looks_like_stun(data):
            return
        if data[0]:
            self._answered(port, bytes(data), address)
            return
        found = ice.check(bytes(data), address, self._password)
        if found is None:
            return
        connection = self.ufrags.get(found.ufrag)
        if connection is None:
            assert self.lobby is not None
            connection = self.lobby.enter(found.ufrag)
        connection.checked(port, address, found.nominates, self.clock.now())
        place = next(one for one in connection.pairs if one.address == address and one.port is port)
        port.egress.send(place.destination, found.answer)
        self._reached(connection)

    def _answered(self, port: Port, data: bytes, address: tuple[str, int]) -> None:
        connection, password = self.questions.get(data[8:20], (None, ""))
        if connection is None or connection.session not in self.connections or not ice.is_answer(data, password):
            return
        del self.questions[data[8:20]]
        if connection.place is None or (connection.place.address, connection.place.port) == (address, port):
            connection.checked(port, address, True, self.clock.now())
            self._reached(connection)

    def _reached(self, connection: Connection) -> None:
        """The peer is there: the handshake may begin."""
        if connection.incoming is None and connection.handshake is not None and not connection.shaking:
            connection.shaking = True
            self._start(self._shake(connection, connection.handshake))

    def _password(self, local: str, remote: str) -> str | None:
        connection = self.ufrags.get(local)
        if connection is None and self.lobby is not None:
            return self.lobby.password(local, remote)
        if connection is None or remote not in connection.remote_ufrags:
            return None
        return connection.passwords.get(local)

    async def _shake(self, connection: Connection, handshake: Handshake) -> None:
        keys = await handshake.run()
        if connection.session not in self.connections:
            return
        if keys is None:
            self.ended(connection, "failed")
            return
        connection.incoming, connection.outgoing = keys
        handshake.when_closed(partial(self._closed, connection))
        self.joined(connection)

    def _closed(self, connection: Connection) -> None:
        if connection.session in self.connections:
            self.ended(connection, "closed")

    def _take_over(self, port: Port, data: bytes, address: tuple[str, int]) -> None:
        """Somebody's network changed: whose keys does this packet verify with? To look for them is a try, too."""
        if self.tries >= TAKEOVER_TRIES_A_SECOND:
            return
        self.tries += 1
        size = len(data)
        for connection in self._suspects(data):
            if self.tries >= TAKEOVER_TRIES_A_SECOND:
                return
            self.tries += 1
            self.scratch.memory[:size] = data
            verify = self.scratch.unprotect_rtcp if is_rtcp(data) else self.scratch.unprotect
            length = verify(connection.incoming, size) if connection.incoming is not None else 0
            if length:
                connection.moved(port, address, self.clock.now())
                self.moves += 1
                log.info("media.moved", session=connection.session)
                self._deliver(connection, data, length)
                return

    def _deliver(self, connection: Connection, data: bytes, length: int) -> None:
        """What moved a peer is heard too: its replay protection would not let it pass a second time."""
        handler = connection.handler
        if handler is None:
            return
        if is_rtcp(data):
            handler.rtcp(bytes(self.scratch.view[:length]), self.now)
        else:
            handler.rtp(self.scratch.view, length, self.now)
            self.arrived[connection.session] = connection

    def _suspects(self, data: bytes) -> list[Connection]:
        if len(data) < 12:
            return []
        if is_rtcp(data):
            ssrc = int.from_bytes(data[4:8])
            found = [one for one in self.connections.values() if one.rtcp_ssrc == ssrc]
        else:
            ssrc = int.from_bytes(data[8:12])
            found = [one for one in self.connections.values() if one.sends(ssrc)]
        return found[:TAKEOVER_TRIES_A_PACKET]

    def watch(self, now: Millis) -> None:
        """Once a second: go back from moves that nothing confirmed, and bury the dead."""
        self.tries = 0
        for connection in list(self.connections.values()):
            connection.settle(now)
            unready = connection.incoming is None and now - self.opened[connection.session] > HANDSHAKE_MS
            if unready:
                self.ended(connection, "failed")
            elif connection.dead(now):
                self.ended(connection, "lost")

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Say goodbye to everybody and stop listening."""
        for connection in list(self.connections.values()):
            self.remove(connection)
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.intake is not None:
            self.intake.close()
