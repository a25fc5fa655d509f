"""The gateway's "up" connection as it is offered: one voice, and pictures as the codec sends them. Pure."""

from __future__ import annotations

from server.media.sdp import LEVEL, MID
from server.media.sip.terms import H264, Own

MID_ID, LEVEL_ID = 4, 1
OPUS, PICTURE = 111, 96
VOICE_SSRC, PICTURE_SSRC = 11, 12
LIMITS = {"H264": H264, "VP8": ""}


def offer(own: Own, video: str, parameters: str = "") -> str:
    """Opus with its level, and the codec's own coding of pictures, which goes through as it is."""
    kinds = ("audio", "video") if video else ("audio",)
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join('01'[: len(kinds)])}"]
    for mid, kind in enumerate(kinds):
        number = OPUS if kind == "audio" else PICTURE
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 0.0.0.0", "a=rtcp-mux", f"a=mid:{mid}"]
        lines += ["a=sendonly", f"a=ice-ufrag:{own.ufrag}", f"a=ice-pwd:{own.password}", "a=setup:active"]
        lines += [f"a=fingerprint:sha-256 {own.fingerprint}", f"a=extmap:{MID_ID} {MID}"]
        lines += _voice() if kind == "audio" else _picture(video, parameters)
    return "\r\n".join((*lines, ""))


def _voice() -> list[str]:
    return [
        f"a=extmap:{LEVEL_ID} {LEVEL}",
        f"a=rtpmap:{OPUS} opus/48000/2",
        f"a=fmtp:{OPUS} minptime=10;useinbandfec=1",
        f"a=ssrc:{VOICE_SSRC} cname:codec",
    ]


def _picture(video: str, parameters: str) -> list[str]:
    # The forwarder takes H264 in the packets of mode 1 only, of which those of mode 0 are some.
    wanted = parameters if "packetization-mode=1" in parameters else LIMITS[video]
    lines = [f"a=rtpmap:{PICTURE} {video}/90000", f"a=rtcp-fb:{PICTURE} nack pli"]
    lines += [f"a=fmtp:{PICTURE} {wanted}"] if wanted else []
    return [*lines, f"a=ssrc:{PICTURE_SSRC} cname:codec"]
