"""The house's SIP door: one port, UDP and TCP, in front of Janus, which listens on loopback only (RFC 3261 §16).

A stateless proxy that lets in who dials a number that was given out, and nobody else; it takes Janus' registrations
and lets Janus' own calls out. What comes from outside goes to Janus alone, so that nobody relays through us.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

import msgspec
import structlog

from server.clock import Clock, Millis
from server.media.sip.sipwords import Message, place_of, read, response, user_of, via_place
from server.media.sip.streamed import Place, SipLine

WRONG_LIMIT = 10
WRONG_WITHIN_MS = 600_000
"""After so many wrong numbers of one address within ten minutes it is not answered any more."""
SOURCES_LIMIT = 10_000
DIALOGS_LIMIT = 1_000
LINES_LIMIT = 200
LINES_EACH = 8
"""Connections at once: of all, and of one address."""
LINGER_MS = 40_000
"""How long a call's last words are passed on after it has ended (RFC 3261: 64 × T1)."""
HOPS = 70

log = structlog.get_logger("sip")


def fresh_user(clock: Clock) -> str:
    """A name for Janus to register under; codecs show it as the caller's."""
    return f"hop-so-{hashlib.sha256(clock.secret().encode()).hexdigest()[:12]}"


class Dialog(msgspec.Struct):
    """A call that goes through: Janus' place for it, and the invitation that waits until that is known.

    `outer` is the far end of the connection that a codec called over; without one all are datagrams.
    """

    user: str
    inner: Place | None = None
    outer: Place | None = None
    waiting: Message | None = None
    ended_at: Millis = 0


Dialled = Callable[[str, str, str], bool]
"""Somebody dials a number: (its SHA-256, the caller's address as they say it, a fresh user name for Janus). True when
the call may come; then Janus registers under that name."""


class Door(asyncio.DatagramProtocol):
    """All SIP of the house. `own` is the address that codecs know; `proxy` where our calls go, unless it is empty."""

    def __init__(self, clock: Clock, own: Place, proxy: Place | None, dialled: Dialled) -> None:
        self.clock = clock
        self.own = own
        self.proxy = proxy
        self.dialled = dialled
        self.expected: dict[str, Place | None] = {}
        self.dialogs: dict[str, Dialog] = {}
        self.wrong: dict[str, list[Millis]] = {}
        self.transport: asyncio.DatagramTransport | None = None
        self.server: asyncio.Server | None = None
        self.lines: dict[Place, SipLine] = {}

    async def open(self) -> None:
        """Listen. Raises OSError when the port is taken, for datagrams or for connections."""
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.own)
        host, port = self.transport.get_extra_info("sockname")[:2]
        self.own = (host, port)
        try:
            self.server = await loop.create_server(lambda: SipLine(self), host, port)
        except OSError:
            self.transport.close()
            raise

    def close(self) -> None:
        """Stop listening."""
        if self.transport is not None:
            self.transport.close()
        if self.server is not None:
            self.server.close()
        for line in list(self.lines.values()):
            line.close()

    def expect(self, user: str) -> None:
        """Janus will register under this name."""
        self.expected.setdefault(user, None)

    def forget(self, user: str) -> None:
        """A call has ended."""
        self.expected.pop(user, None)
        now = self.clock.now()
        for dialog in self.dialogs.values():
            if dialog.user == user and not dialog.ended_at:
                dialog.ended_at = now
        old = [key for key, one in self.dialogs.items() if one.ended_at and now - one.ended_at > LINGER_MS]
        for key in old:
            del self.dialogs[key]

    def datagram_received(self, data: bytes, source: tuple[str, int]) -> None:
        """One datagram; whatever is no SIP is dropped."""
        self.said(data, (source[0], source[1]))

    def opened(self, line: SipLine) -> bool:
        """Somebody connects: as many as there may be. Janus does not."""
        beside = sum(place[0] == line.place[0] for place in self.lines)
        if len(self.lines) >= LINES_LIMIT or beside >= LINES_EACH or line.place[0].startswith("127."):
            return False
        self.lines[line.place] = line
        return True

    def needs(self, place: Place) -> bool:
        """Whether a call goes over the connection to there."""
        return any(dialog.outer == place and not dialog.ended_at for dialog in self.dialogs.values())

    def closed(self, line: SipLine) -> None:
        """A connection has ended; its calls go on, and end when nothing comes of them any more."""
        if self.lines.get(line.place) is line:
            del self.lines[line.place]

    def said(self, data: bytes, place: Place) -> None:
        """One message."""
        message = read(data)
        if message is None:
            return
        if message.is_response:
            self._answered(message, place)
        elif place[0].startswith("127."):
            self._from_inside(message, place)
        else:
            self._from_outside(message, place)

    # Requests ------------------------------------------------------------------------------------------------------

    def _from_inside(self, message: Message, source: Place) -> None:
        user = user_of(message.one("from"))
        if user not in self.expected and message.one("call-id") not in self.dialogs:
            return
        if message.method == "REGISTER":
            self._register(message, user, source)
            return
        if message.method == "INVITE" and len(self.dialogs) < DIALOGS_LIMIT:
            self.dialogs.setdefault(message.one("call-id"), Dialog(user, source))
        target = self.proxy if self.proxy and ";tag=" not in message.one("to") else place_of(message.uri)
        dialog = self.dialogs.get(message.one("call-id"))
        if dialog is not None and dialog.outer is not None:
            target = dialog.outer
        if target is not None:
            self._forward(message, source, target)

    def _register(self, message: Message, user: str, source: Place) -> None:
        self.expected[user] = source
        contact = message.one("contact")
        self._send(response(message, "200 OK", ("Contact", contact), ("Expires", "3600")), source)
        for dialog in self.dialogs.values():
            if dialog.user == user and dialog.waiting is not None:
                dialog.inner, waiting, dialog.waiting = source, dialog.waiting, None
                self._forward(waiting, None, source)

    def _from_outside(self, message: Message, source: Place) -> None:
        dialog = self.dialogs.get(message.one("call-id"))
        if dialog is not None and dialog.outer is not None and source in self.lines and source[0] == dialog.outer[0]:
            dialog.outer = source  # the codec has connected anew
        if dialog is not None and dialog.inner is not None:
            self._forward(message, source, dialog.inner)
        elif dialog is not None:
            self._while_waiting(message, dialog, source)
        elif message.method == "INVITE" and ";tag=" not in message.one("to"):
            self._invited(message, source)
        elif message.method == "OPTIONS":
            self._send(response(message, "200 OK"), source)
        elif message.method != "ACK":
            self._send(response(message, "481 Call/Transaction Does Not Exist"), source)

    def _invited(self, message: Message, source: Place) -> None:
        now = self.clock.now()
        wrong = [at for at in self.wrong.get(source[0], []) if now - at < WRONG_WITHIN_MS]
        if len(wrong) >= WRONG_LIMIT or len(self.dialogs) >= DIALOGS_LIMIT:
            return
        digits = "".join(letter for letter in user_of(message.uri) if letter.isdigit())
        user = fresh_user(self.clock)
        self.expect(user)
        if not self.dialled(hashlib.sha256(digits.encode()).hexdigest(), message.one("from"), user):
            del self.expected[user]
            if len(self.wrong) >= SOURCES_LIMIT:
                self.wrong.clear()
            self.wrong[source[0]] = [*wrong, now]
            self._send(response(message, "404 Not Found"), source)
            return
        self._came_from(message, source)
        outer = source if source in self.lines else None
        self.dialogs[message.one("call-id")] = Dialog(user, waiting=message, outer=outer)
        self._send(response(message, "100 Trying"), source)

    def _while_waiting(self, message: Message, dialog: Dialog, source: Place) -> None:
        if message.method == "INVITE":
            self._send(response(message, "100 Trying"), source)
        elif message.method == "CANCEL" and dialog.waiting is not None:
            self._send(response(message, "200 OK"), source)
            self._send(response(dialog.waiting, "487 Request Terminated"), source)
            dialog.waiting, dialog.ended_at = None, self.clock.now()

    # Passing on ----------------------------------------------------------------------------------------------------

    def _came_from(self, message: Message, source: Place) -> None:
        via = message.drop_first("via")
        via = via.replace(";rport", "", 1) if ";rport=" not in via else via
        message.put_first("Via", f"{via};received={source[0]};rport={source[1]}")

    def _forward(self, message: Message, source: Place | None, target: Place) -> None:
        hops = message.one("max-forwards") or str(HOPS)
        if not hops.isdecimal() or len(hops) > 3 or int(hops) < 1:
            return
        message.set("Max-Forwards", str(int(hops) - 1))
        if source is not None:
            self._came_from(message, source)
        while place_of(message.one("route")) == self.own:
            message.drop_first("route")
        self._record(message)
        host, port = self.own
        seed = f"{message.one('via')} {message.one('call-id')} {message.one('cseq').split(' ')[0]}"
        branch = hashlib.sha256(seed.encode("utf-8", "surrogateescape")).hexdigest()[:24]
        message.put_first(
            "Via", f"SIP/2.0/{'TCP' if target in self.lines else 'UDP'} {host}:{port};branch=z9hG4bK{branch}"
        )
        self._send(message, target)

    def _record(self, message: Message) -> None:
        """What follows in this call comes by us again: from a codec over its connection, from Janus as datagrams."""
        if message.method not in ("INVITE", "SUBSCRIBE"):
            return
        host, port = self.own
        dialog = self.dialogs.get(message.one("call-id"))
        if dialog is not None and dialog.outer is not None:
            message.put_first("Record-Route", f"<sip:{host}:{port};transport=tcp;lr>")
        message.put_first("Record-Route", f"<sip:{host}:{port};lr>")

    def _answered(self, message: Message, source: Place) -> None:
        if message.one("call-id") not in self.dialogs or via_place(message.drop_first("via")) != self.own:
            return
        target = via_place(message.one("via"))
        inner = source[0].startswith("127.")
        # Answers cross the house: from Janus outside, or from outside to Janus.
        if target is not None and target[0].startswith("127.") != inner:
            self._send(message, target)

    def _send(self, message: Message, target: Place) -> None:
        line = self.lines.get(target)
        if line is not None:
            line.write(message.text())
        elif self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(message.text(), target)

    def error_received(self, exc: Exception) -> None:
        """A datagram came back; who sent it will send it again, or give up."""
        log.info("sip.not_delivered", reason=str(exc))
