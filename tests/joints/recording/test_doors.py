"""Who may see a recording, in parts as players ask for it; who has it filmed; what deleting does."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.http import SESSION_COOKIE
from server.joints.recording import desk as desk_of_recordings
from server.joints.recording.timeline import Happened
from server.media.recorder.folder import Folder
from server.media.recorder.index import Began, Ended
from server.media.recorder.words import Recording, WantFilm, decode_from_web
from server.meetings.acts import read_command
from server.meetings.meeting import Meeting
from server.meetings.service import Asker
from server.streams import Entry
from tests.e2e.small import MEETING, PEOPLE, Preparing, SmallHouse
from tests.media.recorder.coded import spoken

HERE = f"/api/meetings/{MEETING}/recording"
EVERYBODY = ("chair", "deputy", "secretary", "delegate", "second", "guest", "technician", "site-tx")


async def recorded(small: SmallHouse, close: bool = True) -> Path:
    """A meeting that was recorded for a second, and is over."""
    small.house.meetings.recorder = lambda: "ready"
    does = Preparing(small.house).does
    await does("chair", "recording.start")
    folder = Folder(small.house.settings.recording.folder / MEETING)
    folder.open()
    at = small.house.clock.now()
    folder.append(Began(at))
    spoken(folder, at).end(at + 1_000)
    folder.append(Ended(at + 1_000, "stopped"))
    if close:
        await does("chair", "meeting.close")
    return folder.path


async def asks(small: SmallHouse, who: str, method: str, path: str = "") -> tuple[int, Any]:
    return await (await small.caller(who)).asks(method, HERE + path)


async def test_chair_deputy_and_secretary_see_it_and_nobody_else_where_the_type_says_nothing(small: SmallHouse) -> None:
    await recorded(small)
    for who in EVERYBODY:
        status, answer = await asks(small, who, "GET")
        assert status == (200 if who in ("chair", "deputy", "secretary") else 403), (who, answer)
    assert (await asks(small, "stranger", "GET"))[0] == 404
    assert (await (await small.caller()).asks("GET", HERE))[0] == 401
    _, answer = await asks(small, "chair", "GET")
    assert [one["track"] for one in answer["kept"]["recorded"]["segments"]] == ["voice0"]
    assert answer["course"]["items"][0]["number"] == 1 and answer["steers"] is True


async def test_a_long_log_is_told_beside_the_loop(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other meetings go on meanwhile: thousands of events are not folded between two page turns."""
    await recorded(small)
    honest, in_the_loop = desk_of_recordings.happened, list[bool]()

    def happened(before: Meeting, entries: Iterable[Entry]) -> Happened:
        in_the_loop.append(threading.current_thread() is threading.main_thread())
        return honest(before, entries)

    monkeypatch.setattr(desk_of_recordings, "happened", happened)
    assert (await asks(small, "chair", "GET"))[0] == 200
    assert in_the_loop == [False]


async def test_nothing_is_seen_before_the_meeting_is_over(small: SmallHouse) -> None:
    await recorded(small, close=False)
    assert (await asks(small, "chair", "GET"))[1]["code"] == "recording.not_over"


async def test_files_come_in_parts_and_no_other_file_at_all(small: SmallHouse) -> None:
    folder = await recorded(small)
    (name,) = [one.name for one in folder.iterdir() if one.suffix == ".webm"]
    chair = await small.caller("chair")
    headers = {"Range": "bytes=0-99", "Cookie": f"{SESSION_COOKIE}={chair.cookie}"}
    async with chair.session.get(chair.url + f"{HERE}/{name}", headers=headers) as part:
        assert part.status == 206 and part.headers["Content-Range"].startswith("bytes 0-99/")
        assert part.headers["Content-Type"] == "audio/webm" and part.headers["Cache-Control"] == "private, no-cache"
        assert await part.read() == (folder / name).read_bytes()[:100]
    for wrong in ("index.jsonl", "film.json", "film.mp4", "..%2Findex.jsonl", "voice0-1.webm", "%00", "voice9-1.webm"):
        assert (await asks(small, "chair", "GET", f"/{wrong}"))[0] == 404, wrong
    assert (await asks(small, "delegate", "GET", f"/{name}"))[0] == 403


async def test_a_film_is_ordered_by_the_desk_and_says_when_nobody_is_there_to_make_it(small: SmallHouse) -> None:
    await recorded(small)
    status, answer = await asks(small, "secretary", "POST", "/film")
    assert (status, answer["code"]) == (503, "recording.no_recorder")
    assert (await asks(small, "delegate", "POST", "/film"))[0] == 403


async def test_who_deletes_it_is_in_the_log_and_nothing_is_left(small: SmallHouse) -> None:
    folder = await recorded(small)
    chair = await small.caller("delegate")
    refused = await chair.asks("POST", f"/api/meetings/{MEETING}/commands", command("a" * 8))
    assert refused[0] == 409
    secretary = await small.caller("secretary")
    assert (await secretary.asks("POST", f"/api/meetings/{MEETING}/commands", command("b" * 8)))[0] == 200
    async with asyncio.timeout(60):
        while folder.exists():
            await asyncio.sleep(0.02)
    entry = (await small.house.meetings.history(MEETING))[-1]
    assert (entry.type, entry.by, entry.order_of) == ("recording.deleted", "secretary", "chair")
    assert (await asks(small, "chair", "GET"))[0] == 404


def command(key: str) -> dict[str, Any]:
    return {"id": key, "command": {"type": "recording.delete", "reason": "Ghi nhầm"}}


async def test_what_has_been_kept_long_enough_is_deleted_by_the_house(small: SmallHouse) -> None:
    folder = await recorded(small)
    desk, now = small.house.recording, small.house.clock.now()
    await desk.sweep(now + 1_000)
    assert folder.exists(), "0 days: until somebody deletes it"
    desk.settings = desk.settings.model_copy(update={"keep_days": 30})
    await desk.sweep(now + 29 * 86_400_000)
    assert folder.exists()
    await desk.sweep(now + 31 * 86_400_000)
    async with asyncio.timeout(60):
        while folder.exists():
            await asyncio.sleep(0.02)
    assert (await small.house.meetings.history(MEETING))[-1].by == "house"


async def another(small: SmallHouse, meeting: str) -> Path:
    """One more meeting that was recorded, and is over."""
    now, times = small.house.clock.now(), {"starts_at": 0, "ends_at": 1}

    async def does(person: str, tag: str, /, **fields: Any) -> None:
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        asker = Asker(person, "ubnd", PEOPLE[person][2])
        answer = await small.house.meetings.perform(meeting, asker, uuid.uuid4().hex, command)
        assert answer.ok, (command, answer)

    about = {"title": "Họp giao ban", "kind": "phien_hop_thuong_ky", "form": "room", "place": "", "host": "ubnd"}
    await does("secretary", "meeting.create", **about, **times)
    await does("secretary", "member.invite", people=["chair"], roles=["delegate"], mandate=True)
    await does("secretary", "chair.name", chair="chair")
    await does("secretary", "item.add", title="Giao ban", short="Giao ban")
    await does("secretary", "meeting.publish")
    await does("chair", "attendance.arrive", place="room")
    for tag in ("meeting.open", "recording.start", "meeting.close"):
        await does("chair", tag)
    folder = Folder(small.house.settings.recording.folder / meeting)
    folder.open()
    folder.append(Began(now))
    return folder.path


async def test_each_recording_that_was_kept_long_enough_is_deleted_and_not_the_first_alone(small: SmallHouse) -> None:
    folders = [await recorded(small), await another(small, "hop-nho-2")]
    desk = small.house.recording
    desk.settings = desk.settings.model_copy(update={"keep_days": 30})
    await desk.sweep(small.house.clock.now() + 31 * 86_400_000)
    async with asyncio.timeout(60):
        while any(one.exists() for one in folders):
            await asyncio.sleep(0.02)


async def test_a_sweep_that_fails_is_not_the_last(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_of_recordings, "SWEEP_EVERY_S", 0.01)
    desk, failed, swept = small.house.recording, asyncio.Event(), asyncio.Event()

    async def sweep(_now: int) -> None:
        if not failed.is_set():
            failed.set()
            raise OSError(5, "Input/output error")
        swept.set()

    monkeypatch.setattr(desk, "sweep", sweep)
    running = asyncio.create_task(desk.run())
    waiting = asyncio.create_task(swept.wait())
    await asyncio.wait({running, waiting}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert swept.is_set()
    for task in (running, waiting):
        task.cancel()
    await asyncio.gather(running, waiting, return_exceptions=True)


async def test_a_folder_that_could_not_be_deleted_then_is_deleted_later(small: SmallHouse) -> None:
    folder = await recorded(small)
    await Preparing(small.house).does("chair", "recording.delete")
    async with asyncio.timeout(60):
        while folder.exists():
            await asyncio.sleep(0.02)
    Folder(folder).open()
    Folder(folder).append(Began(1))
    await small.house.recording.sweep(small.house.clock.now() + 1_000)
    assert not folder.exists()


async def test_of_a_recording_that_is_deleted_no_film_is_made_any_longer(small: SmallHouse) -> None:
    heard: list[object] = []

    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(decode_from_web(line))

    recorder = await asyncio.start_unix_server(serve, small.house.settings.recording.control_socket)
    await asyncio.wait_for(small.house.recording.recordings.up.wait(), 60)
    await recorded(small)
    await Preparing(small.house).does("chair", "recording.delete")
    async with asyncio.timeout(60):
        while WantFilm(MEETING, False) not in heard:
            await asyncio.sleep(0.02)
    recorder.close()


async def test_a_full_disk_ends_the_recording_in_the_log_too_and_once(small: SmallHouse) -> None:
    await recorded(small, close=False)
    word = Recording(MEETING, False, 5, 100, "disk_full")
    for _ in range(2):
        small.house.recording.heed(word)
    async with asyncio.timeout(60):
        while (await small.house.meetings.standing(MEETING))[1].recording:
            await asyncio.sleep(0.02)
    entries = [one for one in await small.house.meetings.history(MEETING) if one.type == "recording.stopped"]
    assert [(one.by, b"disk_full" in bytes(one.data)) for one in entries] == [("house", True)]
