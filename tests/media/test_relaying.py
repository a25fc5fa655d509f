"""States between home and edge: in pieces, over a line that loses, doubles and reorders them."""

from __future__ import annotations

import random

import pytest

from server.media import relaying
from server.media.relaying import SAID_AGAIN_BEATS, SAID_ANEW, Carried, Catalogue, Hearing, Saying, Source, pieces
from server.media.rtp import Codec


def catalogue(count: int) -> Catalogue:
    carried = (Carried(1, 2, Codec.VP8, "h", 900_000, True), Carried(3, 4, Codec.OPUS, "", 32_000, False))
    return Catalogue(("a", "b"), tuple(Source(f"{index:026}", "camera", carried) for index in range(count)))


@pytest.mark.parametrize("count", [0, 1, 30, 200])
def test_a_catalogue_is_read_as_it_was_said(count: int) -> None:
    said = relaying.encode(catalogue(count))
    hearing, heard = Hearing(), []
    for piece in pieces(7, said):
        assert len(piece) % 4 == 0 and len(piece) <= 1_120
        heard.append(hearing.take(piece))
    assert relaying.decode_catalogue(heard[-1] or b"") == catalogue(count)
    assert heard[:-1] == [None] * (len(heard) - 1)


@pytest.mark.parametrize("seed", range(10))
def test_over_a_bad_line_the_newest_state_arrives_whole_and_none_is_older_than_the_one_before(seed: int) -> None:
    chance, saying, hearing = random.Random(seed), Saying(), Hearing()
    states = [bytes([number]) * chance.randint(1, 4_000) for number in range(1, 6)]
    heard: list[bytes] = []
    for state in states:
        saying.change(state)
        line = [piece for _ in range(40) for piece in saying.due() if chance.random() > 0.3]
        line += chance.sample(line, len(line) // 4)
        for at in range(len(line) - 1):
            if chance.random() < 0.2:
                line[at], line[at + 1] = line[at + 1], line[at]
        heard += [found for piece in line if (found := hearing.take(piece)) is not None]
    assert heard == sorted(heard, key=lambda one: one[0]) and set(heard) <= set(states)
    assert heard[-1] == states[-1]


def test_a_change_is_said_at_once_and_twice_more_and_everything_again_after_a_while() -> None:
    saying = Saying()
    assert not any(saying.due() for _ in range(40)), "nothing to say"
    saying.change(b"x")
    said = [bool(saying.due()) for _ in range(2 * SAID_AGAIN_BEATS)]
    assert said[:SAID_ANEW] == [True] * SAID_ANEW and said.count(True) == SAID_ANEW + 2
    number = saying.number
    saying.change(b"x")
    assert saying.number == number, "the same is nothing new"


NO_PIECES = (b"", b"1234567", bytes(8), relaying.HEAD.pack(1, 2_000, 0, 1), relaying.HEAD.pack(1, 1, 3, 2))


@pytest.mark.parametrize("piece", NO_PIECES)
def test_what_is_no_piece_is_refused(piece: bytes) -> None:
    with pytest.raises(ValueError, match="piece"):
        Hearing().take(piece)


def test_a_state_without_end_is_not_said() -> None:
    assert pieces(1, bytes(relaying.PIECE_OCTETS * 251)) == []


def test_each_edge_of_each_conference_has_credentials_of_its_own() -> None:
    found = {relaying.credentials(secret, name, edge) for secret in "st" for name in "kl" for edge in "ef"}
    assert len({tag for tag, _ in found}) == len({password for _, password in found}) == 8
    assert all(len(password) >= 22 for _, password in found), "as long as RFC 8445 asks"
