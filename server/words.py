"""The five words of the live protocol as they stand on the wire: strict in, exact out.

Socket.IO protocol 5 over Engine.IO 4: a text message is `4` and a packet; an event packet is `2`, perhaps the
number its answer shall carry, and a JSON array of the word and one object. Anything else a client may send is
malformed, and the first malformed packet ends its connection (ASVS 5.0 §1.5, §4.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Annotated, Any, NamedTuple

import msgspec

from server.clock import Millis
from server.streams import Answer, Entry, StreamId

LARGEST_MESSAGE = 64 * 1024
"""Octets a client may send in one message."""

LARGEST_HINT = 16 * 1024
"""Octets of a hint: it goes to everybody, sixty times a second; 400 points of a line need ten thousand."""

DEEPEST = 24
"""Levels of lists and objects a message may nest."""


class Malformed(Exception):
    """What was sent is not one of the words."""


Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a socket shows at the door."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    endpoint: Name
    """The device, chosen by it and kept by it; one person may hold several."""


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish to change a stream; its id makes it happen at most once."""

    stream: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    id: Name
    command: msgspec.Raw
    before: Millis = 0
    """The server's time after which the sender has given up and told its user so; 0 means never."""


class Sync(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bring me up to date from this version and tell me all that follows; -1 means tell me nothing more.

    An empty stream only asks "are you there".
    """

    stream: Annotated[str, msgspec.Meta(max_length=120)]
    since: Annotated[int, msgspec.Meta(ge=-1)]


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that may be lost: ink being drawn, a pointer, a level."""

    stream: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    type: Name
    data: Any


class Passed(msgspec.Struct, frozen=True):
    """A hint on its way to the others."""

    stream: StreamId
    type: str
    by: str
    data: Any


class Told(msgspec.Struct, frozen=True):
    """A status on its way: the newest `seq` of a topic wins."""

    stream: StreamId
    topic: str
    seq: int
    value: Any


Word = Command | Sync | Hint
WORDS: dict[str, type[Command] | type[Sync] | type[Hint]] = {"command": Command, "sync": Sync, "hint": Hint}


class Asked(NamedTuple):
    """One message of a client; `ack` is the number its answer shall carry, None when it wants none."""

    word: Word
    ack: int | None


def read_auth(packet: str) -> Auth:
    """The `auth` object of a Socket.IO CONNECT packet to the main namespace; else `Malformed`."""
    auth: Auth = _decode(packet[1:], Auth)
    return auth


def read_event(packet: str) -> Asked:
    """One word out of a Socket.IO EVENT packet; else `Malformed`."""
    start = packet.find("[")
    digits = packet[1:start]
    if start < 1 or len(digits) > 15 or not (digits == "" or (digits.isascii() and digits.isdigit())):
        raise Malformed("no event packet")
    word, payload = _decode(packet[start:], tuple[str, msgspec.Raw])
    form = WORDS.get(word)
    if form is None:
        raise Malformed("unknown word")
    _refuse_deep(packet)
    if form is Hint and len(packet) > LARGEST_HINT:
        raise Malformed("too large a hint")
    return Asked(_decode(payload, form), int(digits) if digits else None)


def _decode(text: Any, form: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=form)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed("malformed JSON") from error


STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def _refuse_deep(text: str) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    brackets = re.findall(r"[\[\]{}]", STRINGS.sub("", text))
    if max(accumulate(STEPS[bracket] for bracket in brackets), default=0) > DEEPEST:
        raise Malformed("nested too deep")


# -- outwards: the octets after Engine.IO's `4` --------------------------------------------------------------------


def written(value: Any) -> bytes:
    """The value as JSON; floats that JSON cannot hold become null."""
    return msgspec.json.encode(value)


def hidden(entry: Entry) -> bytes:
    """What somebody learns of an event that is hidden from them: that its number is taken."""
    return written({"stream": entry.stream, "version": entry.version, "type": "hidden"})


def listed(parts: Iterable[bytes]) -> bytes:
    """A JSON list of things that are JSON already."""
    return b"[" + b",".join(parts) + b"]"


def event(entries: bytes) -> bytes:
    """The packet of a list of events."""
    return b'2["event",' + entries + b"]"


def status(told: Told) -> bytes:
    """The packet of one status."""
    return b'2["status",' + written(told) + b"]"


def hints(passed: Iterable[Passed]) -> bytes:
    """The packet of several hints."""
    return b'2["hint",' + listed(written(hint) for hint in passed) + b"]"


def ack(number: int, *answer: bytes) -> tuple[bytes, ...]:
    """The packet that answers the message of this number, in parts."""
    return (b"3%d[" % number, *answer, b"]")


def answered(answer: Answer) -> bytes:
    """An answer in full: `ok`, `now` and `version` always, `code` and `details` when it is a no."""
    plain: dict[str, Any] = {"ok": answer.ok, "now": answer.now, "version": answer.version}
    if not answer.ok:
        plain |= {"code": answer.code, "details": answer.details}
    return written(plain)


def synced(now: Millis, version: int, key: str, content: bytes) -> tuple[bytes, ...]:
    """The answer to a sync, in parts, since a large one is copied only once: `key` is `events` or `snapshot`, `content`
    JSON already."""
    return b'{"ok":true,"now":%d,"version":%d,"%s":' % (now, version, key.encode()), content, b"}"
