"""The control API between web and media: JSON lines over a Unix socket, whole states instead of calls.

Web says what should be (`Desired`) and passes SDP on; media answers requests and says what it observes. A line
that cannot be read ends the connection; the other side connects anew and everything is said again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from server.media.conference import Desired, Grants, Seats

Direction = Literal["up", "down"]
Source = Literal["camera", "screen"]


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message."""


class Open(Word, frozen=True, tag="open"):
    """A WHIP or WHEP offer of an endpoint; the grants hold until a desired state says otherwise."""

    request: int
    conference: str
    endpoint: str
    direction: Direction
    source: Source
    grants: Grants
    sdp: str


class Patch(Word, frozen=True, tag="patch"):
    """A trickle or restart fragment for one of the endpoint's sessions; `match` is the If-Match header."""

    request: int
    session: str
    endpoint: str
    fragment: str
    match: str = ""


class Close(Word, frozen=True, tag="close"):
    """A session ends: by its endpoint, or (lost) so that its client comes back anew."""

    request: int
    session: str
    endpoint: str
    reason: Literal["closed", "lost"] = "closed"


class View(Word, frozen=True, tag="view"):
    """A receiver's own slots from now on: the sites on the page of a wall. It holds until another one comes."""

    conference: str
    endpoint: str
    slots: tuple[str, ...]


class Quiet(Word, frozen=True, tag="quiet"):
    """The principals of a conference that send and receive sound only from now on, by order; nobody else does."""

    conference: str
    principals: tuple[str, ...]


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A media process, as other ones reach it. Its name is new at each start; edges prove by its secret that they were
    sent, and are proven to be themselves by their fingerprint."""

    name: str
    fingerprint: str
    addresses: tuple[tuple[str, int], ...]
    secret: str


class Placed(Word, frozen=True, tag="placed"):
    """Which process is a conference's home, and which are its edges: said by web, kept and repeated by media."""

    conference: str
    number: int
    home: Peer
    edges: tuple[Peer, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all processes that carry it, home first."""
        return (self.home.name, *(one.name for one in self.edges))


PROCESS_LETTERS = 8


def process_of(session: str) -> str:
    """The end of the name of the process that carries a session: each session begins with it."""
    return session[:PROCESS_LETTERS]


def session_of(process: str, fresh: str) -> str:
    """The name of a new session of that process."""
    return process[-PROCESS_LETTERS:] + fresh


class Here(Word, frozen=True, tag="here"):
    """The first word of a media process to whoever calls: who it is."""

    peer: Peer


class Answer(Word, frozen=True, tag="answer"):
    """The answer to a request: SDP or a fragment; empty where there is nothing to say. `tag` is the ETag."""

    request: int
    session: str = ""
    body: str = ""
    tag: str = ""


class Failed(Word, frozen=True, tag="failed"):
    """A request was refused; `status` is the HTTP status of the problem."""

    request: int
    status: int
    code: str
    details: dict[str, str | int | bool | list[str]] = {}


class Joined(Word, frozen=True, tag="joined"):
    """A session's keys are agreed: packets may flow."""

    conference: str
    endpoint: str
    session: str
    direction: Direction
    source: Source


class Gone(Word, frozen=True, tag="gone"):
    """A session ended. `reason`: closed (by the client), lost (no consent), failed (no handshake), revoked."""

    conference: str
    endpoint: str
    session: str
    direction: Direction
    source: Source
    reason: Literal["closed", "lost", "failed", "revoked"]


class Slots(Word, frozen=True, tag="slots"):
    """Who is in which slot of a receiver, and which video slots are switched off for want of bandwidth.

    `dark` are those whose picture comes in a coding that the receiver does not take; after the last stands the screen.
    """

    conference: str
    receiver: str
    seats: Seats
    off: tuple[int, ...] = ()
    dark: tuple[int, ...] = ()


class Loudest(Word, frozen=True, tag="loudest"):
    """Who is heard beside the stage."""

    conference: str
    endpoints: tuple[str, ...]


class Layers(Word, frozen=True, tag="layers"):
    """Which layers of a publisher anybody receives: the client switches the others off."""

    conference: str
    endpoint: str
    session: str
    active: dict[str, bool]


class Coding(Word, frozen=True, tag="coding"):
    """What a publisher should code its pictures in from now on, where it can; VP8 unless something else is said."""

    conference: str
    endpoint: str
    session: str
    source: Source
    codec: Literal["VP8", "H264"]


class Quality(Word, frozen=True, tag="quality"):
    """How a session fares: loss in per mille of packets, round trip and queue in ms, bits a second.

    Of a camera also its microphone's level, in dB above silence (0 to 127; −1: not said), and the layers that arrive.
    """

    conference: str
    endpoint: str
    session: str
    direction: Direction
    source: Source
    loss_per_mille: int
    queue_ms: int
    bits_per_second: int
    rtt_ms: int = 0
    level: int = -1
    layers: tuple[str, ...] = ()


class Load(Word, frozen=True, tag="load"):
    """How much the media process does, every few seconds. Counts are since its start; `memory` in octets.

    `sound_only`: receivers whose line is too thin for pictures, or ordered to be; `dropped`: datagrams the socket did
    not take; `moved`: peers that were found at another address by what they sent.
    """

    up: int
    down: int
    sound_only: int
    packets_in: int
    packets_out: int
    octets_out: int
    dropped: int
    moved: int
    cpu_ms: int
    memory: int


FromWeb = Desired | Placed | View | Quiet | Open | Patch | Close
Observation = Joined | Gone | Slots | Loudest | Layers | Coding | Quality
FromMedia = Here | Placed | Answer | Failed | Load | Joined | Gone | Slots | Loudest | Layers | Coding | Quality

decode_from_web: Callable[[bytes], FromWeb] = msgspec.json.Decoder(FromWeb).decode
"""What web said. Raises msgspec.DecodeError (or its ValidationError) for anything else."""

decode_from_media: Callable[[bytes], FromMedia] = msgspec.json.Decoder(FromMedia).decode
"""What media said. Raises as above."""
