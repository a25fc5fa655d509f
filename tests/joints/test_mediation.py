"""Between the meetings and media, in a house whose media is a fake that writes down what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from server.http import SESSION_COOKIE
from server.media.conference import Desired
from server.media.control import Answer, Close, FromWeb, Joined, Open, decode_from_web
from server.media.link import encode
from server.meetings import floor
from tests.e2e.small import MEETING, SITE, Caller, Preparing, SmallHouse


class Media:
    """Lets everybody in, and hears."""

    def __init__(self) -> None:
        self.words: list[FromWeb] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            word = decode_from_web(line)
            self.words.append(word)
            if isinstance(word, Open):
                session = f"line-{word.request}"
                writer.write(encode(Joined(word.conference, word.endpoint, session, word.direction, word.source)))
                writer.write(encode(Answer(word.request, session, "v=0", "1")))
            elif isinstance(word, Close):
                writer.write(encode(Answer(word.request)))

    def said(self) -> list[Desired]:
        """The states of the meeting's conference, in order."""
        return [word for word in self.words if isinstance(word, Desired) and word.conference == MEETING]

    def ended(self) -> list[tuple[str, str]]:
        """Which lines were to end, and how."""
        return [(word.session, word.reason) for word in self.words if isinstance(word, Close)]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


@pytest.fixture
async def media(small: SmallHouse) -> AsyncIterator[Media]:
    found = Media()
    server = await asyncio.start_unix_server(found.serve, small.house.settings.media.control_socket)
    await asyncio.wait_for(small.house.conferences.up.wait(), 60)
    yield found
    server.close()


async def test_the_speakers_microphone_opens_on_the_server_when_the_seconds_are_over(
    small: SmallHouse, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor, "BREATH", 1_000)  # longer than keeping the word takes
    preparing = Preparing(small.house)
    await preparing.does("second", "attendance.arrive", place="site")
    await preparing.does("chair", "floor.invite", person="second")

    def heard() -> list[bool]:
        return [state.grants()[SITE].audio for state in media.said() if state.floor == SITE]

    await until(lambda: True in heard())
    assert heard() == [False, True]
    assert media.said()[-1].number == media.said()[-2].number + 1, "nothing was decided meanwhile"


async def opens_a_line(caller: Caller) -> str:
    """A device of theirs opens a line to media; its name there."""
    headers = {"Cookie": f"{SESSION_COOKIE}={caller.cookie}", "Content-Type": "application/sdp"}
    async with caller.session.post(f"{caller.url}/api/media/{MEETING}/down", data="v=0", headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return answer.headers["Location"].rpartition("/")[2]


async def test_who_signs_out_of_one_device_stays_in_the_conference_with_the_other(
    small: SmallHouse, media: Media
) -> None:
    tablet, laptop = await small.caller("delegate"), await small.caller("delegate")
    lines = [await opens_a_line(tablet), await opens_a_line(laptop)]
    small.house.mediation.observed(Joined(MEETING, "delegate", "from-before", "down", "camera"))
    assert (await tablet.asks("DELETE", "/api/session"))[0] == 200
    await until(lambda: len(media.ended()) == 2)
    assert media.ended() == [(lines[0], "closed"), ("from-before", "lost")], "who is unknown may come again"
    assert (await laptop.asks("POST", "/api/ticket"))[0] == 200


async def closes_and_dies(small: SmallHouse) -> None:
    """The meeting is closed, and nothing that follows from it is done."""
    small.house.streams.listeners.clear()
    small.house.meetings.on_change.clear()
    await Preparing(small.house).does("chair", "meeting.close")


async def test_media_is_told_of_a_closing_that_nobody_told_it(small: SmallHouse, media: Media) -> None:
    await until(lambda: bool(media.said()))
    assert media.said()[-1].endpoints
    await closes_and_dies(small)
    await small.house.mediation.say_all()
    await until(lambda: not media.said()[-1].endpoints)
    assert small.house.conferences.states == {}


async def test_what_follows_a_closing_is_done_by_the_next_process_and_once(small: SmallHouse) -> None:
    await closes_and_dies(small)
    for _ in range(2):
        await small.house.closing.catch_up()
    (kept,) = await small.house.minutes.revisions(MEETING)
    assert (kept.reason, kept.by) == ("close", "chair")


async def test_a_process_that_did_not_close_the_meeting_forgets_its_lines_too(small: SmallHouse) -> None:
    for direction in ("up", "down"):
        small.house.mediation.observed(Joined(MEETING, SITE, direction, direction, "camera"))  # type: ignore[arg-type]
    await small.house.meetings.standing(MEETING)
    await small.house.line_desk.look(MEETING)
    assert small.house.line_desk.standing() and small.house.line_desk.board.sessions(MEETING, SITE)
    small.house.streams.listeners.clear()  # as if another process had committed it
    await Preparing(small.house).does("chair", "meeting.close")
    assert small.house.line_desk.standing() == {}
    assert small.house.line_desk.board.sessions(MEETING, SITE) == []
    site = await small.caller(SITE)
    report = {"level": 30, "camera": "on", "microphone": "on", "limited": "", "rtt_ms": 40, "heard": -1}
    await site.asks("POST", f"/api/meetings/{MEETING}/line", report)
    small.house.line_desk.overheard("line.report", [MEETING, SITE, report])
    assert small.house.line_desk.board._lines == {}
