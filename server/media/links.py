"""The links between a conference's home and its edges: an edge calls its home, and calls again when the line breaks.

Web says to both who the other one is (`Placed`). An edge proves by a password made of its home's secret that it was
sent, and both show the certificate whose fingerprint web named: ICE, DTLS and SRTP as with any receiver, on the same
port. Only a home has trunks and only an edge an inflow, so that nothing goes in a circle.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from itertools import product

import msgspec
import structlog

from server.clock import Clock, Millis
from server.media import ice, relaying
from server.media.conference import EDGE, RECORDER, is_link
from server.media.connection import Connection
from server.media.control import Peer, Placed
from server.media.hub import Hub
from server.media.inflow import Inflow
from server.media.placing import newest
from server.media.running import Running
from server.media.trunk import Trunk

ASK_MS, ASK_AGAIN_MS = 100, 1_000
"""Between two checks, until home answers and afterwards."""
SILENT_MS = 4_000
"""Without an answer for this long an edge calls anew."""

log = structlog.get_logger("media")

Conference = Callable[[str], Running]
Ended = Callable[[Connection, str], None]


class Call:
    """An edge's line to the home of one conference."""

    def __init__(self, home: Peer, connection: Connection, names: tuple[str, str, str]) -> None:
        self.home = home
        self.connection = connection
        self.local, self.remote, self.password = names
        self.asked_at: Millis = -ASK_AGAIN_MS


class Links:
    """All links of one media process; the lobby of its hub."""

    def __init__(self, hub: Hub, clock: Clock, conference: Conference, ended: Ended, ssrc: Callable[[], int]) -> None:
        self.hub = hub
        self.clock = clock
        self.conference = conference
        self.end = ended
        self.ssrc = ssrc
        self.me = Peer(clock.fresh_id(), hub.certificate.fingerprint, (), clock.secret())
        self.placed: dict[str, Placed] = {}
        """The conferences that this process carries."""
        self.expected: dict[str, tuple[str, Peer, str]] = {}
        """Tag → conference, edge and password."""
        self.calls: dict[str, Call] = {}
        self.trunks: dict[str, Trunk] = {}
        self.inflows: dict[str, Inflow] = {}
        hub.lobby = self

    def here(self, announce: Sequence[str]) -> Peer:
        """Who this process is; beside what is announced others may reach it at its own addresses."""
        addresses = dict.fromkeys((*self.hub.candidates(()), *self.hub.candidates(announce)))
        return msgspec.structs.replace(self.me, addresses=tuple(addresses))

    # Who carries what ---------------------------------------------------------------------------------------------

    def held(self, *names: str) -> list[Placed]:
        """What this process carries, of these conferences or of all."""
        return [self.placed[name] for name in names or self.placed if name in self.placed]

    def adopt(self, word: Placed) -> bool:
        """Take part as said; false when that is known, or older than what is known."""
        name, held = word.conference, newest(self.placed.get(word.conference), word)
        connections = self._connections(name)
        is_member = self.me.name in held.members
        if held == self.placed.get(name) or not (is_member or name in self.placed or connections):
            return False
        self.placed.pop(name, None)
        if is_member:
            self.placed[name] = held
        conference = self.conference(name)
        conference.is_edge = held.home.name != self.me.name
        self._expect(held)
        for connection in connections:
            if not self._belongs(connection, held):
                self.end(connection, "lost")
        self._follow(name, held)
        conference.changed = True
        return True

    def _follow(self, name: str, held: Placed) -> None:
        """Call home, and nobody else."""
        call = self.calls.get(name)
        if call is not None and (call.home.name != held.home.name or not self._is_edge(held)):
            del self.calls[name]
            self.end(call.connection, "closed")
        if self._is_edge(held) and name not in self.calls:
            self._call(name, held.home)

    def over(self, name: str) -> None:
        """The conference is over: nobody carries it any longer."""
        self.conference(name).is_edge = False
        self.placed.pop(name, None)
        self.calls.pop(name, None)
        self.expected = {tag: one for tag, one in self.expected.items() if one[0] != name}
        for connection in self._connections(name):
            if is_link(connection.endpoint):
                self.end(connection, "closed")

    def _is_edge(self, held: Placed) -> bool:
        return self.me.name in held.members[1:] and self.me.name != held.home.name

    def _connections(self, conference: str) -> list[Connection]:
        return [one for one in self.hub.connections.values() if one.conference == conference]

    def _belongs(self, connection: Connection, held: Placed) -> bool:
        """Whether this session is at the right place: senders and the recorder at home, receivers with a member."""
        if held.home.name == self.me.name:
            return not is_link(connection.endpoint) or connection.endpoint.removeprefix(EDGE) in held.members[1:]
        if is_link(connection.endpoint):
            return True
        return self._is_edge(held) and connection.direction == "down" and connection.endpoint != RECORDER

    # At home ------------------------------------------------------------------------------------------------------

    def _expect(self, held: Placed) -> None:
        self.expected = {tag: one for tag, one in self.expected.items() if one[0] != held.conference}
        for edge in held.edges if held.home.name == self.me.name else ():
            tag, password = relaying.credentials(self.me.secret, held.conference, edge.name)
            self.expected[tag] = (held.conference, edge, password)

    def password(self, local: str, remote: str) -> str | None:
        """What an edge must know whose name begins with a tag of ours."""
        tag, own = local[: relaying.TAG_LETTERS], local[relaying.TAG_LETTERS :]
        return self.expected[tag][2] if tag in self.expected and own == remote else None

    def enter(self, local: str) -> Connection:
        """An edge is there: its line is made before it shakes hands."""
        conference, edge, password = self.expected[local[: relaying.TAG_LETTERS]]
        connection = Connection(self.clock.fresh_id(), conference, EDGE + edge.name, "down", "camera")
        connection.admit(local, password, local[relaying.TAG_LETTERS :])
        trunk = self.trunks[connection.session] = Trunk(connection, self.ssrc, self.clock.now())
        connection.handler = trunk
        self.hub.add(connection, [("sha-256", edge.fingerprint)])
        return connection

    # At an edge ---------------------------------------------------------------------------------------------------

    def _call(self, name: str, home: Peer) -> None:
        tag, password = relaying.credentials(home.secret, name, self.me.name)
        own = self.clock.fresh_id()
        connection = Connection(self.clock.fresh_id(), name, EDGE + home.name, "up", "camera")
        conference = self.conference(name)
        inflow = self.inflows[connection.session] = Inflow(connection, lambda: conference.grants)
        connection.handler = inflow
        self.calls[name] = Call(home, connection, (own, tag + own, password))
        self.hub.add(connection, [("sha-256", home.fingerprint)], True)

    def _tend(self, name: str, call: Call, now: Millis) -> None:
        """Ask home whether it is there, and call anew when it is not."""
        there = call.connection.session in self.hub.connections
        if there and now - call.connection.heard_at > SILENT_MS:
            self.end(call.connection, "lost")
        elif there and now - call.asked_at >= (ASK_AGAIN_MS if call.connection.place is not None else ASK_MS):
            call.asked_at = now
            self._ask(call)
        elif not there and now - call.asked_at >= ASK_MS:
            self._call(name, call.home)

    def _ask(self, call: Call) -> None:
        """One check; while nobody knows where home is, to all its addresses from all our own."""
        question = ice.question(f"{call.remote}:{call.local}", call.password)
        self.hub.questions[question[8:20]] = (call.connection, call.password)
        if call.connection.place is not None:
            call.connection.send(question)
            return
        for port, address in product(self.hub.ports, call.home.addresses):
            if (":" in address[0]) == (":" in port.address[0]):
                with contextlib.suppress(OSError):
                    port.socket.sendto(question, address)

    # Both ---------------------------------------------------------------------------------------------------------

    def joined(self, connection: Connection) -> None:
        """The keys of a link are agreed; an older one with the same process ends."""
        for old in [one for one in self._connections(connection.conference) if one is not connection]:
            if old.same_as(connection):
                self.end(old, "closed")
        conference = self.conference(connection.conference)
        trunk, inflow = self.trunks.get(connection.session), self.inflows.get(connection.session)
        if trunk is not None:
            trunk.keys = connection.outgoing
            conference.trunks[connection.endpoint] = trunk
        conference.inflow = inflow if inflow is not None else conference.inflow
        conference.changed = True
        log.info("media.linked", conference=connection.conference, to=connection.endpoint)

    def ended(self, connection: Connection) -> tuple[Inflow | None, Trunk | None]:
        """A link is broken; an edge will call again."""
        conference = self.conference(connection.conference)
        trunk, inflow = self.trunks.pop(connection.session, None), self.inflows.pop(connection.session, None)
        if trunk is not None:
            trunk.clear()
            if conference.trunks.get(connection.endpoint) is trunk:
                del conference.trunks[connection.endpoint]
        if inflow is not None:
            inflow.close()
            if conference.inflow is inflow:
                conference.inflow = None
        conference.changed = True
        return inflow, trunk

    def beat(self, now: Millis) -> None:
        """Say what is due, every 30 ms."""
        for name, call in list(self.calls.items()):
            self._tend(name, call, now)
        for inflow in self.inflows.values():
            self._send(inflow.connection, inflow.feedback(now) if inflow.connection.outgoing is not None else ())
        for trunk in self.trunks.values():
            self._send(trunk.connection, trunk.due())

    def measure(self, now: Millis) -> None:
        """Weigh what was reported, every half second."""
        for trunk in self.trunks.values():
            trunk.assess(now)
        for inflow in self.inflows.values():
            for stream in inflow.streams:
                stream.measure(now)

    def second(self, now: Millis) -> None:
        """Reports both ways."""
        for trunk in self.trunks.values():
            self._send(trunk.connection, trunk.reports(now))
        for inflow in self.inflows.values():
            self._send(inflow.connection, [inflow.report(now)])

    def _send(self, connection: Connection, messages: Sequence[bytes]) -> None:
        for message in messages:
            connection.send_rtcp(message, self.hub.scratch)
