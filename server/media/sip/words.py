"""What web says to the switchboard and hears from it, and what the switchboard and a gateway say to each other. Pure.

JSON lines. Of what should be, whole states; the last one said holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from server.clock import Millis
from server.media.conference import Grants


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site that a codec may speak for. `call`: the SIP address to be called, and called again when the line drops;
    `numbers`: the SHA-256 of each number under which it may call in; `grants` hold until media is told otherwise."""

    site: str
    grants: Grants = Grants()
    call: str = ""
    numbers: tuple[str, ...] = ()


class Wanted(Word, frozen=True, tag="wanted"):
    """Everything that is wanted for one conference; without lines its calls end."""

    conference: str
    lines: tuple[Line, ...] = ()


FromWeb = Wanted

Readiness = Literal["ready", "absent", "no_janus", "starting", "port_taken"]
"""Whether calls are possible: "absent" (there is no switchboard), "no_janus" (the program is not installed)."""
Stage = Literal["calling", "ringing", "connected", "ended"]
Why = Literal["", "hung_up", "busy", "no_answer", "refused", "unreachable", "nothing_in_common", "no_media", "broken"]


class Standing(Word, frozen=True, tag="standing"):
    """Whether calls are possible, and under which address codecs call in: `host:port`."""

    readiness: Readiness
    address: str = ""


class Call(Word, frozen=True, tag="call"):
    """How the call of a site stands; `audio` and `video` name the codecs in use, `why` says why it ended."""

    conference: str
    site: str
    stage: Stage
    incoming: bool
    address: str
    since: Millis = 0
    audio: str = ""
    video: str = ""
    why: Why = ""


Observation = Standing | Call

decode_from_web: Callable[[bytes], FromWeb] = msgspec.json.Decoder(FromWeb).decode
"""What web said. Raises msgspec.DecodeError (or its ValidationError) for anything else."""

decode_from_switchboard: Callable[[bytes], Observation] = msgspec.json.Decoder(Observation).decode
"""What the switchboard said. Raises as above."""

# Between the switchboard and a gateway --------------------------------------------------------------------------------

Leg = Literal["room", "up", "down"]
"""To Janus, and from there to the codec; what the forwarder gets; what it gives."""


class Begin(Word, frozen=True, tag="begin"):
    """The first word to a gateway: where Janus finds it, the codec's offer where it calls, what pictures may cost."""

    host: str
    offer: str = ""
    height: int = 720
    kbps: int = 1_000


class Told(Word, frozen=True, tag="told"):
    """The answer to what a gateway has said for that leg."""

    leg: Leg
    sdp: str


class Fresh(Word, frozen=True, tag="fresh"):
    """A picture that stands alone is wanted: of the gateway by the codec, or of the codec by the gateway."""


class Lost(Word, frozen=True, tag="lost"):
    """The forwarder that carried the site is gone: offer anew, to whichever carries it now."""


class Said(Word, frozen=True, tag="said"):
    """A gateway's offer for a leg; for that of a codec that calls, its answer."""

    leg: Leg
    sdp: str


class Agreed(Word, frozen=True, tag="agreed"):
    """What is spoken with the codec."""

    audio: str
    video: str


class Through(Word, frozen=True, tag="through"):
    """Sound flows: the gateway and Janus have found each other."""


class Unable(Word, frozen=True, tag="unable"):
    """The last word of a gateway."""

    why: Why


ToGateway = Begin | Told | Fresh | Lost
FromGateway = Said | Agreed | Through | Fresh | Unable

decode_to_gateway: Callable[[bytes], ToGateway] = msgspec.json.Decoder(ToGateway).decode
decode_from_gateway: Callable[[bytes], FromGateway] = msgspec.json.Decoder(FromGateway).decode
