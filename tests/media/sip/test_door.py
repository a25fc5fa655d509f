"""The SIP door alone: who is let in, what is passed on, and where it never goes."""

from __future__ import annotations

import hashlib

import pytest

from server.clock import HeldClock
from server.media.sip.door import LINES_EACH, WRONG_LIMIT, Door
from server.media.sip.sipwords import Message, address_of, read, via_place
from server.media.sip.streamed import Place, SipLine, cut

OWN, CALLER, JANUS = ("192.0.2.1", 5060), ("192.0.2.9", 5070), ("127.0.0.1", 40000)
NUMBER = "4829130577"


class Wire:
    """What the door sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[Message, Place]] = []

    def sendto(self, data: bytes, place: Place) -> None:
        message = read(data)
        assert message is not None, data
        self.sent.append((message, place))

    def is_closing(self) -> bool:
        return False

    def take(self) -> list[tuple[str, Place]]:
        """Start lines and places since the last time."""
        taken, self.sent = self.sent, []
        return [(message.start, place) for message, place in taken]


class Tried(Door):
    """A door with a wire to look at."""

    def __init__(self) -> None:
        self.users: list[str] = []
        super().__init__(HeldClock(), OWN, None, self._dial)
        self.wire = Wire()
        self.transport = self.wire  # type: ignore[assignment]

    def _dial(self, number: str, caller: str, user: str) -> bool:
        good = number == hashlib.sha256(NUMBER.encode()).hexdigest() and "codec" in caller
        if good:
            self.users.append(user)
        return good

    def hears(self, text: str, place: Place) -> list[tuple[str, Place]]:
        self.datagram_received(text.encode(), place)
        return self.wire.take()


def request(method: str, uri: str, call: str = "c1", tag: str = "", **more: str) -> str:
    to = f"<{uri}>" + (f";tag={tag}" if tag else "")
    headers = {
        "Via": f"SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK{method}{call};rport", "From": "<sip:codec@192.0.2.9>;tag=f",
        "To": to, "Call-ID": call, "CSeq": f"1 {method}", "Max-Forwards": "70",
    } | more  # fmt: skip
    return "\r\n".join((f"{method} {uri} SIP/2.0", *(f"{key}: {value}" for key, value in headers.items()), "", ""))


def registered(door: Tried) -> None:
    """Janus registers under the name the door has made up."""
    user = door.users[-1]
    text = request("REGISTER", "sip:192.0.2.1", "r1", From=f"<sip:{user}@192.0.2.1>;tag=r", Contact=f"<sip:{user}@x>")
    door.datagram_received(text.encode(), JANUS)


INVITE = request("INVITE", f"sip:{NUMBER}@192.0.2.1:5060")


def test_an_invitation_waits_for_janus_and_goes_to_it_alone() -> None:
    door = Tried()
    assert door.hears(INVITE, CALLER) == [("SIP/2.0 100 Trying", CALLER)]
    assert door.hears(INVITE, CALLER) == [("SIP/2.0 100 Trying", CALLER)], "repeated"
    registered(door)
    (welcome, _), (passed, place) = door.wire.sent
    assert (welcome.start, place, passed.method) == ("SIP/2.0 200 OK", JANUS, "INVITE")
    assert passed.one("record-route") == "<sip:192.0.2.1:5060;lr>" and passed.one("max-forwards") == "69"
    ours, theirs = passed.every("via")
    assert via_place(ours) == OWN and via_place(theirs) == CALLER
    door.wire.take()
    answer = INVITE.replace("INVITE sip:4829130577@192.0.2.1:5060 SIP/2.0", f"SIP/2.0 200 OK\r\nVia: {ours}")
    answered = answer.replace("5070;branch", "5070;received=192.0.2.9;branch")
    assert door.hears(answered, JANUS) == [("SIP/2.0 200 OK", CALLER)]
    bye = request("BYE", "sip:u@198.51.100.7:9", tag="t", Route="<sip:192.0.2.1:5060;lr>")
    assert door.hears(bye, CALLER) == [("BYE sip:u@198.51.100.7:9 SIP/2.0", JANUS)], "not where the caller says"


class Connected(SipLine):
    """A codec's connection, and what it is told over it."""

    def __init__(self, door: Door, place: Place) -> None:
        super().__init__(door)
        self.place = place
        self.told: list[Message] = []
        self.is_open = door.opened(self)

    def write(self, data: bytes) -> None:
        (whole,) = cut(bytearray(data))
        message = read(whole)
        assert message is not None
        self.told.append(message)

    def takes(self) -> list[str]:
        """Start lines since the last time."""
        taken, self.told = self.told, []
        return [message.start for message in taken]


def over_tcp(text: str) -> str:
    return text.replace("SIP/2.0/UDP", "SIP/2.0/TCP").replace("Max-Forwards", "Content-Length: 0\r\nMax-Forwards")


def test_a_codec_that_calls_over_a_connection_hears_everything_over_it() -> None:
    door = Tried()
    line = Connected(door, ("192.0.2.9", 40123))
    door.said(over_tcp(INVITE).encode(), line.place)
    assert (line.takes(), door.needs(line.place)) == (["SIP/2.0 100 Trying"], True)
    registered(door)
    (_, _), (passed, place) = door.wire.sent
    assert place == JANUS
    assert passed.every("record-route") == ["<sip:192.0.2.1:5060;lr>", "<sip:192.0.2.1:5060;transport=tcp;lr>"]
    ours, theirs = passed.every("via")
    assert ours.startswith("SIP/2.0/UDP") and via_place(theirs) == line.place
    door.wire.take()
    answer = over_tcp(INVITE).replace("INVITE sip:4829130577@192.0.2.1:5060 SIP/2.0", f"SIP/2.0 200 OK\r\nVia: {ours}")
    answered = answer.replace("192.0.2.9:5070;branch", "192.0.2.9:5070;received=192.0.2.9;rport=40123;branch")
    assert (door.hears(answered, JANUS), line.takes()) == ([], ["SIP/2.0 200 OK"])
    both = "<sip:192.0.2.1:5060;transport=tcp;lr>, <sip:192.0.2.1:5060;lr>"
    door.said(over_tcp(request("ACK", "sip:u@127.0.0.1:40000", tag="t", Route=both)).encode(), line.place)
    assert [(one.start, one.one("route"), place) for one, place in door.wire.sent] == [
        ("ACK sip:u@127.0.0.1:40000 SIP/2.0", "", JANUS)
    ]
    door.wire.take()
    theirs_bye = request("BYE", "sip:codec@192.0.2.9:5060", tag="f", **{"Content-Length": "0"})
    assert door.hears(theirs_bye, JANUS) == []
    assert line.told[0].one("via").startswith("SIP/2.0/TCP 192.0.2.1:5060")
    assert line.takes() == ["BYE sip:codec@192.0.2.9:5060 SIP/2.0"], "not where its contact says"


def test_a_codec_that_connects_anew_in_a_call_is_heard_there() -> None:
    door = Tried()
    line = Connected(door, ("192.0.2.9", 40123))
    door.said(over_tcp(INVITE).encode(), line.place)
    registered(door)
    door.closed(line)
    again = Connected(door, ("192.0.2.9", 40200))
    door.said(over_tcp(request("INFO", "sip:u@127.0.0.1:40000", tag="t")).encode(), again.place)
    door.hears(request("BYE", "sip:codec@192.0.2.9:5060", tag="f", **{"Content-Length": "0"}), JANUS)
    assert again.takes() == ["BYE sip:codec@192.0.2.9:5060 SIP/2.0"]


def test_connections_are_few_and_none_comes_from_inside() -> None:
    door = Tried()
    assert not Connected(door, ("127.0.0.1", 40001)).is_open, "Janus speaks in datagrams"
    lines = [Connected(door, ("192.0.2.9", 40000 + each)) for each in range(LINES_EACH + 1)]
    assert [line.is_open for line in lines] == [True] * LINES_EACH + [False]
    assert Connected(door, ("192.0.2.10", 40000)).is_open
    door.closed(lines[0])
    assert Connected(door, ("192.0.2.9", 50000)).is_open
    assert not door.needs(("192.0.2.9", 50000))


def test_messages_on_a_connection_are_told_apart_by_their_length() -> None:
    one = b"OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbody"
    two = b"OPTIONS sip:b SIP/2.0\r\nContent-Length : 0\r\n\r\n"
    waiting = bytearray()
    found: list[bytes] = []
    for octet in b"\r\n\r\n" + one + two + one[:9]:
        waiting.append(octet)
        found += cut(waiting)
    assert (found, bytes(waiting)) == ([one, two], one[:9])


@pytest.mark.parametrize(
    "data",
    [b"OPTIONS sip:a SIP/2.0\r\nTo: a\r\n\r\n", b"a: 1\r\nl: 99999\r\n\r\n", b"a" * 16_001, b"l: 1e3\r\n\r\n"],
)
def test_what_does_not_say_how_long_it_is_ends_the_connection(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"length|long|headers"):
        cut(bytearray(data))


def test_who_dials_wrong_numbers_hears_nothing_any_more() -> None:
    door = Tried()
    for tried in range(WRONG_LIMIT):
        answers = door.hears(request("INVITE", f"sip:{tried}@192.0.2.1", f"w{tried}"), CALLER)
        assert answers == [("SIP/2.0 404 Not Found", CALLER)]
    assert door.hears(INVITE, CALLER) == [], "not even with the right number"
    assert door.hears(INVITE, ("192.0.2.10", 5060)) == [("SIP/2.0 100 Trying", ("192.0.2.10", 5060))]
    assert not door.expected.keys() - set(door.users)


def test_nobody_registers_or_relays_through_us() -> None:
    door = Tried()
    assert door.hears(request("REGISTER", "sip:192.0.2.1"), CALLER)[0][0].startswith("SIP/2.0 481")
    assert door.hears(request("BYE", "sip:x@198.51.100.7", "other", "t"), CALLER)[0][0].startswith("SIP/2.0 481")
    assert door.hears(request("ACK", "sip:x@198.51.100.7", "other", "t"), CALLER) == []
    assert door.hears(request("INVITE", "sip:x@198.51.100.7", "other"), ("127.0.0.1", 6)) == [], "a stranger inside"
    assert door.hears("SIP/2.0 200 OK\r\nVia: x\r\nCall-ID: q\r\nCSeq: 1 A\r\nFrom: a\r\nTo: b\r\n\r\n", CALLER) == []


@pytest.mark.parametrize("figure", ["²", "9" * 5_000, "-1", "0"])
def test_what_looks_like_a_number_and_is_none_goes_nowhere(figure: str) -> None:
    door = Tried()
    door.hears(INVITE, CALLER)
    registered(door)
    door.wire.take()
    assert door.hears(request("INFO", "sip:u@127.0.0.1:40000", tag="t", **{"Max-Forwards": figure}), CALLER) == []
    assert via_place(f"SIP/2.0/UDP 127.0.0.1:40000;rport={figure}") is None


def test_a_caller_who_gives_up_before_janus_is_there_is_let_go() -> None:
    door = Tried()
    door.hears(INVITE, CALLER)
    cancelled = door.hears(request("CANCEL", f"sip:{NUMBER}@192.0.2.1:5060"), CALLER)
    assert [start for start, _ in cancelled] == ["SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated"]
    registered(door)
    assert [start for start, _ in door.wire.take()] == ["SIP/2.0 200 OK"], "only the registration is answered"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"INVITE\r\n\r\n",
        INVITE.encode()[:80],
        b"\xff" * 900 + b"\r\n\r\n",
        INVITE.encode() + bytes(20_000),
        INVITE.replace("Call-ID: c1\r\n", "").encode(),
        INVITE.replace(" SIP/2.0", " HTTP/1.1", 1).encode(),
    ],
)
def test_what_is_no_sip_is_dropped(data: bytes) -> None:
    door = Tried()
    door.datagram_received(data, CALLER)
    assert door.wire.sent == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.1.2.3", "sip:10.1.2.3"),
        ("phonghop@10.1.2.3:5062", "sip:phonghop@10.1.2.3:5062"),
        ("sip:a@b.vn", "sip:a@b.vn"),
        ("10.1.2.3:5060", "sip:10.1.2.3:5060"),
        ("h323:10.1.2.3", ""),
        ("Poly G7500, 10.1.2.3", ""),
        ("", ""),
        ("a@b;x=1", ""),
    ],
)
def test_an_address_is_taken_as_it_is_written_down(text: str, address: str) -> None:
    assert address_of(text) == address
