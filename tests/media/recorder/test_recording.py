"""A real media process, a real recorder, real VP8, H264 and Opus; the files are opened with FFmpeg."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import av
import pytest

from server.config import MediaSettings
from server.media.conference import Grants
from server.media.recorder import words
from server.media.recorder.index import Recorded, Segment
from server.media.recorder.track import Track
from server.media.rtp import Codec, Packet
from tests.media.conftest import House, until
from tests.media.recorder.conftest import Child, Studio


def frames(folder: Path, segment: Segment) -> list[int]:
    """The moments of everything that really decodes."""
    with av.open(str(folder / segment.file)) as source:
        found = [round(float(one.time) * 1000) for one in source.decode(source.streams[0]) if one.time is not None]
    return [segment.began_at + one for one in found]


def of(recorded: Recorded, track: str) -> list[Segment]:
    return [one for one in recorded.segments if one.track == track]


def loud(folder: Path, segment: Segment) -> list[int]:
    """The moments (20 ms each) at which somebody is heard."""
    found: list[int] = []
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000, frame_size=960)
    with av.open(str(folder / segment.file)) as source:
        number = 0
        for frame in source.decode(audio=0):
            for piece in resampler.resample(frame):
                samples = memoryview(bytes(piece.planes[0])).cast("h")[:960]
                if max(map(abs, samples)) > 1_000:
                    found.append(segment.began_at + number * 20)
                number += 1
    return found


async def test_what_was_sent_is_in_the_files_and_a_pause_is_a_gap(studio: Studio) -> None:
    await studio.start()
    studio.admit("a", stage="a")
    await studio.speaker("a")
    await studio.talk_for(0.5)
    studio.want(True)
    await studio.talk(lambda: studio.running and of(studio.recorded, "picture") and of(studio.recorded, "voice0"))
    sent = await studio.talk_for(3)
    studio.want(False)
    await studio.talk(lambda: not studio.running)
    await studio.talk_for(1)
    studio.want(True)
    await studio.talk(lambda: len(of(studio.recorded, "picture")) == 2)
    await studio.talk_for(1)
    studio.want(False, "stopped", over=True)
    await studio.talk(lambda: not studio.running and not studio.recorded.open)
    recorded = studio.recorded
    assert [one.why for one in recorded.stretches] == ["paused", "stopped"]
    first, second = recorded.stretches
    assert second.began_at - first.ended_at >= 800
    pictures, voices = of(recorded, "picture"), of(recorded, "voice0")
    assert len(pictures) == len(voices) == 2
    seen = frames(studio.folder, pictures[0])
    assert len(seen) >= sent, "every picture of three seconds and some before"
    assert max(after - before for before, after in itertools.pairwise(seen)) < 200
    heard = loud(studio.folder, voices[0])
    assert len(heard) >= 140 and heard[-1] - heard[0] >= 2_800
    # The last picture and the last sound were sampled together.
    assert abs(seen[-1] - heard[-1]) <= 80
    for segment in recorded.segments:
        assert any(
            one.began_at - 500 <= segment.began_at and segment.ended_at <= one.ended_at + 500
            for one in recorded.stretches
        )


async def test_whoever_is_muted_is_not_in_the_file(studio: Studio) -> None:
    await studio.start()
    studio.admit("a", stage="a")
    await studio.speaker("a")
    studio.want(True)
    await studio.talk(lambda: of(studio.recorded, "voice0"))
    await studio.talk_for(0.6)
    studio.admit("a", stage="a", a=Grants(audio=False, video=True))
    muted_at = studio.house_now()
    await studio.talk_for(1.5)
    studio.want(False, "stopped")
    await studio.talk(lambda: not studio.running and not studio.recorded.open)
    heard = [moment for one in of(studio.recorded, "voice0") for moment in loud(studio.folder, one)]
    assert heard and max(heard) <= muted_at + 120
    assert frames(studio.folder, of(studio.recorded, "picture")[0])[-1] > muted_at + 1_000


async def test_an_h264_sender_is_kept_as_h264_and_a_change_of_coding_begins_a_file(studio: Studio) -> None:
    await studio.start()
    studio.admit("a", "b", stage="a")
    await studio.speaker("a")
    await studio.speaker("b", "libx264")
    studio.want(True)
    await studio.talk(lambda: of(studio.recorded, "picture"))
    await studio.talk_for(1)
    studio.admit("a", "b", stage="b")
    await studio.talk(lambda: len(of(studio.recorded, "picture")) == 2)
    await studio.talk_for(1)
    studio.want(False, "stopped")
    await studio.talk(lambda: not studio.running and not studio.recorded.open)
    first, second = of(studio.recorded, "picture")
    assert (first.codec, second.codec) == ("VP8", "H264")
    assert len(frames(studio.folder, second)) >= 20 and second.file.endswith(".mkv")
    # The voices may come in later, which is a seating of its own.
    assert list(dict.fromkeys(seat.picture for seat in studio.recorded.seats if seat.picture)) == ["a", "b"]


async def test_a_killed_recorder_loses_at_most_two_seconds_and_a_new_file_follows(studio: Studio, house: House) -> None:
    child = Child(house.settings, studio.settings)
    try:
        studio.tasks.append(asyncio.create_task(studio.web.run()))
        await asyncio.wait_for(studio.web.up.wait(), 60)
        studio.admit("a", stage="a")
        await studio.speaker("a")
        studio.want(True)
        await studio.talk(lambda: of(studio.recorded, "picture"))
        await studio.talk_for(2)
        child.kill()
        killed_at = studio.house_now()
        assert studio.recorded.open, "nobody has finished these"
        played = frames(studio.folder, of(studio.recorded, "picture")[0])
        assert killed_at - played[-1] <= 2_000, "it plays as it is"
        await studio.talk(lambda: not studio.web.up.is_set())
        child = Child(house.settings, studio.settings)
        await studio.talk(lambda: len(of(studio.recorded, "picture")) == 2)
        await studio.talk_for(1)
        studio.want(False, "stopped")
        await studio.talk(lambda: not studio.running and not studio.recorded.open)
    finally:
        child.kill()
    recorded = studio.recorded
    assert [one.why for one in recorded.stretches] == ["broken", "stopped"]
    for track in ("picture", "voice0"):
        before, after = of(recorded, track)
        assert killed_at - before.ended_at <= 2_000
        assert frames(studio.folder, before) and frames(studio.folder, after)
        assert after.began_at > killed_at


async def test_a_media_process_that_dies_leaves_a_gap_and_the_recording_goes_on(studio: Studio, house: House) -> None:
    await studio.start()
    studio.admit("a", stage="a")
    await studio.speaker("a")
    studio.want(True)
    await studio.talk(lambda: of(studio.recorded, "picture"))
    await house.stop_media()
    await until(lambda: not studio.running)
    await house.start_media()
    await until(house.web.up.is_set)
    studio.speakers.clear()
    await studio.speaker("a")
    await studio.talk(lambda: len(of(studio.recorded, "picture")) == 2)
    assert studio.recorded.stretches[0].why == "broken"


async def test_a_recording_is_made_at_home_and_follows_it_to_another_process(tmp_path: Path) -> None:
    house = House(MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=2), full=0)
    await house.start()
    studio = Studio(house, tmp_path)
    try:
        await studio.start()
        studio.admit("a", stage="a")
        await studio.speaker("a")
        studio.want(True)
        await studio.talk(lambda: of(studio.recorded, "picture"))
        home = house.web.placed["k"].home
        assert house.web.placed["k"].edges == (), "the recorder is no reason for an edge"
        (number,) = (at for at, one in enumerate(house.web.processes, 1) if one.peer == home)
        await house.stop_media(number)
        await until(lambda: house.web.placed["k"].home != home)
        studio.speakers.clear()
        await studio.speaker("a")
        await studio.talk(lambda: len(of(studio.recorded, "picture")) == 2)
    finally:
        await studio.close()
        await house.close()


async def test_too_little_room_is_told_and_ends_a_recording_in_good_order(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.media.recorder import process

    free = [10_000]
    monkeypatch.setattr(process, "free_mb", lambda _folder: free[0])
    await studio.start()
    await until(lambda: studio.web.readiness() == "ready")
    studio.admit("a", stage="a")
    await studio.speaker("a")
    studio.want(True)
    await studio.talk(lambda: of(studio.recorded, "picture"))
    free[0] = 50
    await studio.talk(lambda: studio.web.readiness() == "full")
    free[0] = 10
    await studio.talk(lambda: not studio.running)
    states = [one for one in studio.heard if isinstance(one, words.Recording)]
    assert states[-1].trouble == "disk_full"
    assert studio.recorded.stretches[-1].why == "disk_full" and not studio.recorded.open


async def test_an_older_wish_changes_nothing_and_a_stranger_to_the_conference_is_not_recorded(studio: Studio) -> None:
    await studio.start()
    studio.admit("a", stage="a", recording=False)
    await studio.speaker("a")
    studio.want(True)
    await studio.talk(lambda: studio.troubled or studio.running)
    assert not studio.recorded.stretches, "the forwarder does not let it in"
    studio.admit("a", stage="a")
    await studio.talk(lambda: studio.running)
    studio.admit("a", stage="a", recording=False)
    await studio.talk(lambda: studio.recorded.stretches[0].ended_at)
    assert studio.recorded.stretches[0].why == "broken", "the forwarder sent the recorder away"


async def test_a_packet_that_breaks_our_own_code_leaves_a_gap_and_not_the_end(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    await studio.start()
    studio.admit("a", stage="a")
    await studio.speaker("a")
    honest, broken = Track.take, list[int]()

    def take(track: Track, codec: Codec, packet: Packet) -> None:
        if not broken:
            broken.append(packet.number)
            raise OverflowError("int too big to convert")
        honest(track, codec, packet)

    monkeypatch.setattr(Track, "take", take)
    studio.want(True)
    await studio.talk(lambda: broken and len(studio.recorded.stretches) > 1 and studio.running)
    assert studio.recorded.stretches[0].why == "broken"
