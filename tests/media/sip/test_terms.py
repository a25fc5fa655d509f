"""Descriptions as codecs and Janus write them."""

from __future__ import annotations

import pytest

from server.media.sip import terms
from server.media.sip.terms import Own

OWN = Own("abcd", "p" * 24, "AB:CD", ("192.0.2.1", 4000))
HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "t=0 0", "a=group:BUNDLE a v"]
ICE = [
    "c=IN IP4 192.0.2.9", "a=ice-ufrag:jjjj", f"a=ice-pwd:{'q' * 22}", "a=setup:actpass",
    "a=fingerprint:sha-256 AA:BB", "a=candidate:1 1 UDP 2015363327 192.0.2.9 30000 typ host",
]  # fmt: skip


def described(*lines: str) -> str:
    """What Janus says for a codec: each line of media with the words that belong to it."""
    parts = []
    for number, line in enumerate(lines):
        first, *rest = line.split("|")
        parts += [first, *ICE, f"a=mid:{'av'[number]}", *rest]
    return "\r\n".join((*HEAD, *parts, ""))


AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 9"
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98|a=rtpmap:96 H264/90000|a=fmtp:96 profile-level-id=42801F"
    "|a=rtpmap:97 H264/90000|a=fmtp:97 profile-level-id=42801F;packetization-mode=1|a=rtpmap:98 H263-1998/90000"
)


def test_the_best_of_what_a_codec_offers_is_taken_also_without_words_for_static_types() -> None:
    text, found = terms.answer(OWN, described(AUDIO, VIDEO))
    assert (found.audio.name, found.audio.payload_type) == ("G722", 9)
    assert found.video is not None and (found.video.name, found.video.payload_type) == ("H264", 97)
    assert found.place.addresses == (("192.0.2.9", 30000),)
    assert "m=audio 4000 UDP/TLS/RTP/SAVPF 9\r\n" in text and "m=video 4000 UDP/TLS/RTP/SAVPF 97\r\n" in text
    assert text.count("a=setup:active") == 2 and "a=fmtp:97 profile-level-id=42801F;packetization-mode=1" in text


def test_a_codec_without_pictures_is_answered_with_sound_alone() -> None:
    text, found = terms.answer(OWN, described(AUDIO, "m=video 9 UDP/TLS/RTP/SAVPF 98|a=rtpmap:98 H263-1998/90000"))
    assert found.video is None
    assert "m=video 0 " in text and "a=group:BUNDLE a\r\n" in text


def test_without_sound_in_common_there_is_no_call() -> None:
    with pytest.raises(ValueError, match="no sound in common"):
        terms.answer(OWN, described("m=audio 9 UDP/TLS/RTP/SAVPF 18|a=rtpmap:18 G729/8000"))


def test_what_we_offer_can_be_read_back_and_prefers_opus_and_h264() -> None:
    found = terms.read_terms(terms.offer(OWN))
    assert (found.audio.name, found.video.name if found.video else "") == ("OPUS", "H264")
    assert found.place.addresses == (OWN.address,)
