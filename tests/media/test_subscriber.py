"""Which layer of a camera a screen gets: of those that come."""

from __future__ import annotations

from server.media.camera import Cameras
from server.media.coding import DARK_MS
from server.media.conference import Seats
from server.media.connection import Connection
from server.media.rtp import Codec, Packet
from server.media.sdp import Agreed, Section, SlotNames
from server.media.stream import ALIVE_MS, Stream
from server.media.subscriber import Subscriber
from server.media.trunk import SECTIONS

RATES = {"l": 150_000, "m": 450_000, "h": 1_300_000}
LOOK_MS = 450


class Watched:
    """A screen of one picture, and the camera on it, whose layers come or not; a look is every 450 ms."""

    def __init__(self) -> None:
        connection = Connection("s", "k", "b", "down", "camera")
        self.screen = Subscriber(connection, [SECTIONS["video"]], [SlotNames("stage", "v0", 1, 2)], 0)
        (self.slot,) = self.screen.video
        self.camera = {rid: Stream("a", 9 + at, Codec.VP8, rid, 96) for at, rid in enumerate(RATES)}
        self.now = 0

    def look(self, *coming: str, times: int = 1) -> None:
        """These layers come until the next look, and begin a picture whenever it is asked for."""
        for _ in range(times):
            self.now += LOOK_MS
            for rid, stream in self.camera.items():
                stream.bits_per_second = RATES[rid] if rid in coming else 0
                if rid in coming:
                    stream.arrived_at = self.now
                    self.slot.begins(stream, [Packet(1, 0, 0, b"", True, self.now)])
            self.screen.arrange(Seats(video=("a",)), Cameras(self.find, self.now))

    def find(self, _: str, kind: str) -> list[Stream]:
        return list(self.camera.values()) if kind == "video" else []

    @property
    def needed(self) -> set[str]:
        return {rid for rid, stream in self.camera.items() if stream.needed(self.now)}

    @property
    def shown(self) -> str:
        return self.slot.source.rid if self.slot.source is not None else ""


def test_whoever_can_send_only_the_small_layer_any_more_is_seen_in_that() -> None:
    watched = Watched()
    watched.look("l", "m", "h", times=10)
    assert watched.shown == "h"
    watched.look("l", times=ALIVE_MS // LOOK_MS)
    assert watched.shown == "h", "a moment without packets is no reason to change"
    watched.look("l", times=3)
    assert watched.shown == "l"
    watched.look("l", "m", times=10)
    assert watched.shown == "m", "what comes again is not waited for in vain, because of what does not"
    watched.look("l", "m", "h", times=10)
    assert watched.shown == "h"


def test_a_layer_that_rests_is_wished_for_and_the_picture_goes_on_meanwhile() -> None:
    watched = Watched()
    watched.look("l", times=10)
    assert (watched.shown, watched.slot.wanted) == ("l", None)
    assert watched.needed == {"l", "m", "h"}
    watched.screen.estimator.believed(700_000)
    watched.look("l", times=4)
    assert watched.needed == {"l", "m"}, "its line takes no more"


def test_a_sender_whose_line_does_not_take_the_largest_layer_is_asked_for_the_one_beneath_it_too() -> None:
    watched = Watched()
    watched.look("l", times=10)
    for _ in range(10):
        # What rests comes when it is needed; the largest never fits.
        watched.look(*sorted({"l", "m"} & watched.needed))
    assert watched.shown == "m"
    watched.look("l", "m", "h", times=10)
    assert watched.shown == "h" and watched.slot.wanted is None
    watched.look("l", "h", times=ALIVE_MS // LOOK_MS + 3)
    assert watched.needed == {"h"}, "what is smaller than what is shown may rest"


def test_a_camera_that_rests_altogether_keeps_its_last_picture() -> None:
    watched = Watched()
    watched.look("l", "m", "h", times=10)
    watched.look(times=10)
    assert (watched.shown, watched.slot.wanted) == ("h", None)


def test_whoever_is_next_comes_although_the_one_before_changes_the_coding_meanwhile() -> None:
    watched = Watched()
    watched.look("l", "m", "h", times=10)
    following = Stream("b", 20, Codec.VP8, "", 96)
    watched.slot.want(following)
    watched.camera["h"].recoded(Codec.H264, Agreed(102, 103, ""), watched.now)
    assert watched.slot.wanted is following


def test_a_shared_screen_is_not_called_dark_where_there_is_no_place_for_one() -> None:
    line, formats = SECTIONS["video"].line, SECTIONS["video"].formats
    only, names = Section(line, {Codec.H264: formats[Codec.H264]}), [SlotNames("g", f"v{at}", at, at) for at in (1, 2)]
    names[1] = SlotNames("screen", "screen", 3, 4)
    dark = []
    for count in (1, 2):
        screen = Subscriber(Connection("s", "k", "b", "down", "camera"), [only] * count, names[:count], 0)
        for now in (0, DARK_MS):
            shared = Stream("a", 9, Codec.VP8, "", 96)
            cameras = Cameras(lambda _, kind, shared=shared: [shared] if kind == "screen" else [], now)
            screen.arrange(Seats(video=(None,), screen="a"), cameras)
        dark.append(screen.dark)
    assert dark == [(), (1,)]


def test_what_all_slots_agreed_on_alike_is_kept_once() -> None:
    same = [Section(SECTIONS["video"].line, dict(SECTIONS["video"].formats)) for _ in range(3)]
    names = [SlotNames("g", f"v{at}", 10 * at + 1, 10 * at + 2) for at in range(3)]
    screens = [Subscriber(Connection(name, "k", name, "down", "camera"), same, names, 0) for name in "ab"]
    assert len({id(slot.formats) for screen in screens for slot in screen.slots.values()}) == 1
