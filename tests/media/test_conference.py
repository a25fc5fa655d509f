"""Who is in which slot of whom."""

from __future__ import annotations

import msgspec
import pytest

from server.media.conference import Desired, Endpoint, Grants, Seats, Sending, seat

ALL = Grants(True, True, True)
NAMES = ("province", "a", "b", "c", "d")


def desired(**changes: object) -> Desired:
    state = Desired("k", 1, 1, tuple(Endpoint(name, ALL) for name in NAMES))
    return msgspec.structs.replace(state, **changes)


def sending(*loudest: str, screens: tuple[str, ...] = ()) -> Sending:
    return Sending(frozenset(NAMES), frozenset(NAMES), screens, loudest)


def test_the_stage_is_in_slot_0_with_its_sound_and_the_others_follow_in_order() -> None:
    seats = seat(desired(stage="c", floor="c"), sending("b", "d"), "a", Seats(), 3)
    assert seats == Seats(("c", "b", "d"), ("c", "b", "d"), None)


def test_without_a_speaker_precedence_decides() -> None:
    assert seat(desired(order=("b", "province")), sending(), "a", Seats(), 3).video == ("b", "province", None)


def test_nobody_sees_or_hears_themselves() -> None:
    for name in NAMES:
        seats = seat(desired(stage="a", floor="a"), sending("a", "b"), name, Seats(), 4)
        assert name not in seats.video
        assert name not in seats.audio


def test_whoever_speaks_sees_the_meeting_in_its_order() -> None:
    seats = seat(desired(stage="a", floor="a"), sending("d"), "a", Seats(), 2)
    assert seats.video == ("province", "b")
    assert seats.audio[0] == "province"
    assert "d" in seats.audio


def test_a_seat_is_kept_when_others_come_and_go() -> None:
    before = Seats(("a", "c", "d"), ("a", "c", "d"))
    seats = seat(desired(stage="a", floor="a"), sending("d", "c"), "b", before, 3)
    assert seats.video == ("a", "c", "d")
    assert seats.audio == ("a", "c", "d")


def test_the_holder_of_the_floor_is_heard_even_when_another_site_is_on_stage() -> None:
    seats = seat(desired(stage="province", floor="d"), sending("a", "b"), "c", Seats(), 1)
    assert seats.audio == ("province", "d", "a")


def test_tablets_of_one_room_never_hear_one_another() -> None:
    state = desired(endpoints=(Endpoint("a", ALL, "hall"), Endpoint("b", ALL, "hall"), Endpoint("c", ALL, "ward")))
    seats = seat(state, Sending(frozenset("abc"), frozenset("abc"), (), ("b", "c")), "a", Seats(), 2)
    assert "b" not in seats.audio
    assert "c" in seats.audio
    assert "b" in seats.video


def test_a_page_of_the_wall_is_shown_as_asked() -> None:
    state = desired(stage="a", views={"b": ("", "d", "c")})
    assert seat(state, sending(), "b", Seats(), 4).video == ("a", "d", "c", "province")
    assert seat(state, sending(), "c", Seats(), 2).video == ("a", "province")


def test_whoever_sends_no_picture_takes_no_slot() -> None:
    here = Sending(frozenset({"b"}), frozenset({"b", "c"}), (), ())
    seats = seat(desired(stage="c", floor="c"), here, "a", Seats(), 2)
    assert seats.video == ("b", None)


def test_the_newest_screen_is_shown_unless_the_stage_shares_one() -> None:
    assert seat(desired(stage="a"), sending(screens=("b", "c")), "d", Seats(), 1).screen == "c"
    assert seat(desired(stage="b"), sending(screens=("b", "c")), "d", Seats(), 1).screen == "b"
    assert seat(desired(stage="b"), sending(screens=("d",)), "d", Seats(), 1).screen is None


@pytest.mark.parametrize(("epoch", "number", "newer"), [(1, 2, True), (2, 0, True), (1, 1, False), (0, 9, False)])
def test_only_a_newer_state_replaces_another(epoch: int, number: int, newer: bool) -> None:
    assert desired(epoch=epoch, number=number).newer_than(desired()) is newer
