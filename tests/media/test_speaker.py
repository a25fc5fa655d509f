"""Who is heard beside the stage."""

from __future__ import annotations

from server.media.speaker import Speakers


def talk(speakers: Speakers, endpoint: str, level: int, start: int, stop: int) -> None:
    for now in range(start, stop, 20):
        speakers.heard(endpoint, level, now)


def test_the_two_loudest_are_chosen() -> None:
    speakers = Speakers()
    for endpoint, level in (("a", 30), ("b", 20), ("c", 50)):
        talk(speakers, endpoint, level, 0, 1_000)
    assert speakers.choose(1_000, {"a", "b", "c"}) == ("b", "a")


def test_a_quiet_room_is_nobody() -> None:
    speakers = Speakers()
    talk(speakers, "a", 90, 0, 1_000)
    assert speakers.choose(1_000, {"a"}) == ()


def test_whoever_may_not_compete_does_not() -> None:
    speakers = Speakers()
    talk(speakers, "a", 20, 0, 1_000)
    assert speakers.choose(1_000, {"b"}) == ()


def test_a_cough_does_not_take_a_seat() -> None:
    speakers = Speakers()
    talk(speakers, "a", 30, 0, 4_000)
    talk(speakers, "b", 30, 0, 4_000)
    speakers.choose(2_000, {"a", "b", "c"})
    talk(speakers, "c", 10, 3_900, 4_000)
    assert set(speakers.choose(4_000, {"a", "b", "c"})) == {"a", "b"}


def test_a_louder_voice_takes_the_seat_of_the_quietest_and_the_other_keeps_its_place() -> None:
    speakers = Speakers()
    talk(speakers, "a", 30, 0, 4_000)
    talk(speakers, "b", 45, 0, 4_000)
    assert speakers.choose(1_000, {"a", "b", "c"}) == ("a", "b")
    talk(speakers, "c", 20, 3_000, 4_000)
    assert speakers.choose(4_000, {"a", "b", "c"}) == ("a", "c")


def test_whoever_falls_silent_gives_way_at_once() -> None:
    speakers = Speakers()
    talk(speakers, "a", 30, 0, 1_000)
    talk(speakers, "b", 30, 0, 1_000)
    speakers.choose(1_000, {"a", "b", "c"})
    talk(speakers, "a", 30, 1_000, 2_000)
    talk(speakers, "c", 40, 1_200, 2_000)
    assert speakers.choose(2_000, {"a", "b", "c"}) == ("a", "c")


def test_whoever_leaves_is_forgotten() -> None:
    speakers = Speakers()
    talk(speakers, "a", 30, 0, 1_000)
    speakers.choose(1_000, {"a"})
    speakers.forget("a")
    assert speakers.choose(1_020, {"a"}) == ()
