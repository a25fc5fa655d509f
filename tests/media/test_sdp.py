"""Offers of real senders, and the answers from templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiortc import sdp as reference

from server.errors import Invalid
from server.media import sdp
from server.media.offer import read_fragment, read_offer
from server.media.rtp import Codec
from server.media.sdp import Identity, Section
from server.media.subscriber import name_slots

FIXTURES = Path(__file__).parent / "offers"
IDENTITY = Identity("ufrag123", "p" * 24, "AA:BB", (("192.0.2.7", 8444), ("127.0.0.1", 8444)))
VIDEO = (Codec.VP8, Codec.H264)


def offer(name: str) -> str:
    return (FIXTURES / f"{name}.sdp").read_text("utf-8")


def section(sections: list[Section], kind: str) -> Section:
    return next(one for one in sections if one.line.kind == kind)


# Safari's is written after what WebKit is known to offer (H264 before VP8), the others are what was received.
@pytest.mark.parametrize("sender", ["chromium", "firefox", "safari"])
def test_a_browser_s_simulcast_offer_is_answered_with_all_three_layers(sender: str) -> None:
    sections = sdp.agree_up(read_offer(offer(f"{sender}-up")), VIDEO)
    answer = sdp.write_up(sections, IDENTITY)
    assert section(sections, "video").line.rids == ("l", "m", "h")
    for line in ("a=rid:l recv", "a=rid:m recv", "a=rid:h recv", "a=simulcast:recv l;m;h", "a=ice-lite"):
        assert line in answer.splitlines()
    assert f"{sdp.RID}" in answer
    assert "x-google-start-bitrate=2500" in answer
    parsed = reference.SessionDescription.parse(answer)
    assert [media.direction for media in parsed.media] == ["recvonly", "recvonly"]
    assert parsed.media[1].rtp.codecs[0].mimeType == "video/VP8"
    assert parsed.media[0].ice_candidates[0].ip == "192.0.2.7"


@pytest.mark.parametrize("sender", ["chromium", "firefox", "safari"])
def test_repeats_and_feedback_are_agreed(sender: str) -> None:
    sections = sdp.agree_up(read_offer(offer(f"{sender}-up")), VIDEO)
    agreed = section(sections, "video").formats[Codec.VP8]
    answer = sdp.write_up(sections, IDENTITY).splitlines()
    assert agreed.repeat
    assert f"a=fmtp:{agreed.repeat} apt={agreed.payload_type}" in answer
    assert f"a=rtcp-fb:{agreed.payload_type} transport-cc" in answer
    assert f"a=rtcp-fb:{agreed.payload_type} nack pli" in answer


# This Firefox had no H264: its decoder is fetched when the browser first runs with a network.
@pytest.mark.parametrize(("sender", "codecs"), [("chromium", {"video/VP8", "video/H264"}), ("firefox", {"video/VP8"})])
def test_a_browser_s_down_offer_gets_its_slots(sender: str, codecs: set[str]) -> None:
    read = read_offer(offer(f"{sender}-down"))
    sections = sdp.agree_down(read)
    numbers = iter(range(100, 200))
    names = name_slots(sections, lambda: next(numbers))
    assert [one.track for one in names if one] == ["a0", "a1", "a2", "v0", "v1", "screen"]
    assert [one.group for one in names if one] == ["stage", "a1", "a2", "stage", "v1", "screen"]
    answer = sdp.write_down(sections, IDENTITY, names)
    parsed = reference.SessionDescription.parse(answer)
    video = [media for media in parsed.media if media.kind == "video"]
    assert [media.direction for media in parsed.media] == ["sendonly"] * 6
    assert {codec.mimeType for codec in video[0].rtp.codecs} >= {*codecs, "video/rtx"}
    assert [one.ssrc for one in video[0].ssrc] == [106, 107]
    assert video[0].ssrc_group[0].items == [106, 107]


def test_an_encoder_without_extensions_is_answered_with_h264() -> None:
    sections = sdp.agree_up(read_offer(offer("ffmpeg-up")), VIDEO)
    assert list(section(sections, "video").formats) == [Codec.H264]
    assert section(sections, "video").line.ssrcs == (3_735_928_560,)
    answer = sdp.write_up(sections, IDENTITY)
    assert "extmap" not in answer
    assert "simulcast" not in answer


def test_data_channels_and_unknown_codecs_are_refused_line_by_line() -> None:
    text = offer("chromium-up") + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:9\r\n"
    answer = sdp.write_up(sdp.agree_up(read_offer(text), VIDEO), IDENTITY)
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in answer
    assert "BUNDLE 0 1\r\n" in answer


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("a=ice-ufrag:", "a=ice-ufrag: !"),
        ("a=ice-pwd:", "a=ice-password:"),
        ("a=mid:0", "a=mid:a b"),
        ("a=rtpmap:96 ", "a=rtpmap:x "),
        ("a=rtpmap:96 ", "a=rtpmap:960 "),
    ],
)
def test_an_offer_that_cannot_be_trusted_is_refused(old: str, new: str) -> None:
    with pytest.raises(Invalid, match=r"media\.offer_unreadable"):
        read_offer(offer("chromium-up").replace(old, new))


def test_a_peer_that_waits_for_the_handshake_is_told_that_we_begin() -> None:
    passive = read_offer(offer("chromium-up").replace("a=setup:actpass", "a=setup:passive"))
    assert passive.waits and not read_offer(offer("chromium-up")).waits
    begins = Identity("u" * 8, "p" * 24, "AB", (("192.0.2.7", 1),), begins=True)
    sections = sdp.agree_up(passive, VIDEO)
    assert sdp.write_up(sections, begins).count("a=setup:active") == 2
    assert "a=setup:active" not in sdp.write_up(sections, IDENTITY)


def test_empty_and_endless_offers_are_refused() -> None:
    for text in ("", "v=0\r\n", "v=0\r\n" + "m=audio 9 X 1\r\n" * 500, "v=0" + "x" * 300_000):
        with pytest.raises(Invalid):
            read_offer(text)


def test_a_restart_fragment_is_told_from_a_trickle_fragment() -> None:
    restart = "a=ice-ufrag:abcd\r\na=ice-pwd:" + "x" * 24 + "\r\n"
    assert read_fragment(restart) == ("abcd", "x" * 24)
    assert read_fragment("a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n") is None
    with pytest.raises(Invalid):
        read_fragment("a=ice-ufrag:a\r\n")
    assert "a=ice-ufrag:ufrag123" in sdp.write_fragment(IDENTITY)
