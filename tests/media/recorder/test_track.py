"""From packets to files: moments, silence, new files – without a line and without a disk."""

from __future__ import annotations

from server.media.recorder.frames import SILENCE
from server.media.recorder.track import SEGMENT_MS, SILENT_FOR_MS, Start, Track
from server.media.rtcp import SenderReport, ntp_time
from server.media.rtp import Codec, Packet
from tests.media.recorder.coded import h264_payloads, pictures, sounds, vp8_payloads

T0 = 1_760_000_000_000


class Page:
    """A file as it would be."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.frames: list[tuple[int, bytes, bool]] = []
        self.ended: int | None = None

    def write(self, at: int, data: bytes, key: bool) -> None:
        assert self.ended is None
        assert not self.frames or at >= self.frames[-1][0]
        self.frames.append((at, data, key))

    def end(self, at: int) -> None:
        self.ended = at


class Book:
    """All files of a track."""

    def __init__(self, name: str) -> None:
        self.pages: list[Page] = []
        self.track = Track(name, self)  # type: ignore[arg-type]
        self.number = 0

    def begin(self, start: Start) -> Page:
        self.pages.append(Page(start))
        return self.pages[-1]

    def picture(self, at: int, index: int, codec: Codec = Codec.VP8, skip: int = -1) -> bool:
        coded = pictures("libvpx" if codec is Codec.VP8 else "libx264")[index % 90][0]
        make = vp8_payloads if codec is Codec.VP8 else h264_payloads
        for part, (payload, last) in enumerate(make(coded)):
            self.number += 1
            if part != skip:
                packet = Packet(self.number & 0xFFFF, (at - T0) * 90, 128 * last, payload, False, at)
                self.track.take(codec, packet)
        return self.track.advance(at)

    def voice(self, at: int, index: int, arrival: int = 0) -> None:
        self.number += 1
        packet = Packet(self.number & 0xFFFF, (at - T0) * 48, 0, sounds()[index % 250], False, arrival or at)
        self.track.take(Codec.OPUS, packet)
        self.track.advance(arrival or at)


def test_pictures_stand_at_the_moments_the_forwarder_says() -> None:
    book = Book("picture")
    book.picture(T0, 0)
    book.track.report(SenderReport(1, ntp_time(T0 - 250), 0))
    for index in range(1, 10):
        book.picture(T0 + 40 * index, index)
    moments = [at for at, _, _ in book.pages[0].frames]
    assert moments[0] == T0 and moments[7:] == [T0 - 250 + 40 * index for index in (7, 8, 9)]


def test_a_file_begins_with_a_key_frame_and_one_is_asked_for() -> None:
    book = Book("picture")
    assert book.picture(T0, 3), "a key frame is needed"
    assert not book.pages
    assert not book.picture(T0 + 40, 0)
    assert book.pages[0].frames[0][2]


def test_another_coding_begins_another_file() -> None:
    book = Book("picture")
    for index in range(5):
        book.picture(T0 + 40 * index, index)
    for index in range(5):
        book.picture(T0 + 200 + 40 * index, index, Codec.H264)
    assert [page.start.codec for page in book.pages] == [Codec.VP8, Codec.H264]
    assert book.pages[0].ended is not None and len(book.pages[1].frames) == 5
    assert book.pages[1].start.setup


def test_a_lost_packet_costs_pictures_until_the_next_key_frame_only() -> None:
    book = Book("picture")
    for index in range(20):
        book.picture(T0 + 40 * index, index, skip=0 if index == 4 else -1)
    book.track.advance(T0 + 2_000)
    written = [at - T0 for at, _, _ in book.pages[0].frames]
    assert written[:4] == [0, 40, 80, 120] and written[4] >= 600 and book.pages[0].frames[4][2]


def test_a_long_recording_is_many_files_and_none_is_without_a_key_frame() -> None:
    book = Book("picture")
    for index in range(80):
        wants = book.picture(T0 + index * SEGMENT_MS // 20, index)
        assert wants == (T0 + index * SEGMENT_MS // 20 - book.pages[-1].start.at > SEGMENT_MS)
    assert len(book.pages) == 3
    assert all(page.frames[0][2] for page in book.pages)


def test_a_voice_has_no_holes_where_nobody_speaks() -> None:
    book = Book("voice0")
    for index in range(5):
        book.voice(T0 + 20 * index, index)
    for index in range(5):
        book.voice(T0 + 1_000 + 20 * index, index)
    frames = book.pages[0].frames
    assert [at for at, _, _ in frames] == [T0 + 20 * index for index in range(55)]
    assert [data for _, data, _ in frames[5:50]] == [SILENCE] * 45
    assert frames[50][1] == sounds()[0]


def test_silence_is_written_while_nothing_comes_so_that_all_tracks_grow() -> None:
    book = Book("voice1")
    book.voice(T0, 0)
    book.track.advance(T0 + 5_000)
    reached = book.pages[0].frames[-1][0] + 20
    assert T0 + 5_000 - SILENT_FOR_MS - 60 <= reached <= T0 + 5_000 - SILENT_FOR_MS


def test_jitter_of_the_line_does_not_move_a_voice() -> None:
    book = Book("voice0")
    for index in range(50):
        book.voice(T0 + 20 * index, index, arrival=T0 + 20 * index + index * 7 % 25)
    assert [at - book.pages[0].frames[0][0] for at, _, _ in book.pages[0].frames] == [20 * i for i in range(50)]


def test_a_voice_that_comes_too_early_is_left_out_until_it_fits() -> None:
    book = Book("voice0")
    for index in range(20):
        book.voice(T0 + 20 * index, index)
    book.track.report(SenderReport(1, ntp_time(T0 + 200), 400 * 48))
    for index in range(20, 40):
        book.voice(T0 + 20 * index, index)
    last = book.pages[0].frames[-1]
    assert abs(last[0] - (T0 + 200 + 20 * 39 - 400)) <= 30, "lips allow 80 ms"


def test_an_empty_slot_ends_its_file() -> None:
    book = Book("screen")
    for index in range(5):
        book.picture(T0 + 40 * index, index)
    book.track.finish()
    assert book.pages[0].ended == T0 + 160
    assert not book.picture(T0 + 300, 5) or not book.pages[1:]
    book.picture(T0 + 340, 15)
    assert len(book.pages) == 2 and book.pages[1].start.at == T0 + 340


def test_a_sender_whose_clock_lies_does_not_silence_those_who_come_after() -> None:
    book = Book("voice0")
    for index in range(10):
        book.voice(T0 + 20 * index, index)
    book.track.report(SenderReport(1, ntp_time(T0 + 3_600_000), 200 * 48))
    book.voice(T0 + 200, 10)
    book.track.report(SenderReport(1, ntp_time(T0 + 220), 220 * 48))
    for index in range(11, 31):
        book.voice(T0 + 20 * index, index)
    assert [page.start.at for page in book.pages] == [T0]
    assert abs(book.pages[-1].frames[-1][0] - (T0 + 600)) <= 30, "lips allow 80 ms"


def test_a_picture_whose_clock_lies_stands_where_it_came() -> None:
    book = Book("picture")
    book.picture(T0, 0)
    book.track.report(SenderReport(1, ntp_time(T0 - 7_200_000), 0))
    for index in range(1, 10):
        book.picture(T0 + 40 * index, index)
    assert [at for at, _, _ in book.pages[0].frames] == [T0 + 40 * index for index in range(10)]
