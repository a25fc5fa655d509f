"""The supervisor with real processes: it restarts what dies, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.supervisor import Supervisor

HOUSE = Path(__file__).parents[2]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys, time, pathlib\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(sys.argv[1]).write_text('deaf')\n"
    "time.sleep(600)",
]
WITH_GRANDCHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time, pathlib\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "pathlib.Path(sys.argv[1] + '.new').write_text(str(child.pid))\n"
    "pathlib.Path(sys.argv[1] + '.new').rename(sys.argv[1])\n"
    "time.sleep(600)",
]


BEATING = [
    sys.executable,
    "-c",
    "import asyncio, sys, time, pathlib\nfrom server.supervisor import beat\n"
    "async def work():\n"
    "    beating = asyncio.ensure_future(beat())\n"
    "    await asyncio.sleep(0.1)\n"
    "    while True:\n"
    "        pathlib.Path(sys.argv[1]).write_text('at work')\n"
    "        if pathlib.Path(sys.argv[1] + '.hang').exists():\n"
    "            pathlib.Path(sys.argv[1] + '.hang').unlink()\n"
    "            time.sleep(600)\n"
    "        await asyncio.sleep(0.05)\n"
    "asyncio.run(work())",
]
"""Beats, says that it is at work, and blocks its loop for good when it finds the file that tells it to."""


@asynccontextmanager
async def supervised(
    *, grace_s: float = 5.0, silence_s: float = 20.0, **commands: list[str]
) -> AsyncIterator[tuple[Supervisor, list[str]]]:
    lines: list[str] = []
    supervisor = Supervisor(commands, lines.append, grace_s, silence_s=silence_s)
    running = asyncio.create_task(supervisor.run())
    try:
        await become(lambda: all(supervisor.pid(name) for name in commands))
        yield supervisor, lines
    finally:
        supervisor.stop()
        await running


async def become(true: Callable[[], object], patience_s: float = 60) -> None:
    """Returns when it has become true; fails when it does not."""
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_a_child_that_is_killed_is_started_again_and_the_other_is_left_alone() -> None:
    async with supervised(web=SLEEPER, media=SLEEPER) as (supervisor, lines):
        web, media = supervisor.pid("web"), supervisor.pid("media")
        assert web and media
        os.kill(web, signal.SIGKILL)
        await become(lambda: supervisor.pid("web") not in (None, web))
        assert supervisor.pid("media") == media
        assert any("web: ended by SIGKILL" in line for line in lines)


async def test_a_child_that_keeps_dying_is_started_with_growing_waits() -> None:
    async with supervised(web=SLEEPER) as (supervisor, lines):
        for _time in range(2):
            pid = supervisor.pid("web")
            assert pid
            os.kill(pid, signal.SIGKILL)
            await become(lambda pid=pid: supervisor.pid("web") not in (None, pid))
    waits = [line.rsplit(" in ", 1)[1] for line in lines if "starting again" in line]
    assert waits == ["0.5 s", "1 s"]


@pytest.mark.parametrize("hangs", ["stopped", "busy"])
async def test_a_child_that_lives_and_does_not_answer_is_killed_and_started_again(tmp_path: Path, hangs: str) -> None:
    mark = tmp_path / "mark"
    async with supervised(web=[*BEATING, str(mark)], media=SLEEPER, silence_s=4) as (supervisor, lines):
        await become(mark.exists)
        web, media = supervisor.pid("web"), supervisor.pid("media")
        assert web and media
        mark.unlink()
        if hangs == "stopped":
            os.kill(web, signal.SIGSTOP)
        else:
            mark.with_suffix(".hang").touch()
        await become(lambda: supervisor.pid("web") not in (None, web))
        await become(mark.exists)
        assert supervisor.pid("media") == media, "who has not begun to beat is given time"
        assert not alive(web)
    assert "web: alive but not answering for 4 s, killed" in lines
    assert any("web: ended by SIGKILL; starting again" in line for line in lines)


async def test_a_child_that_never_begins_to_beat_is_given_longer_and_then_killed() -> None:
    async with supervised(web=SLEEPER, silence_s=0.2) as (supervisor, lines):
        first = supervisor.pid("web")
        await become(lambda: supervisor.pid("web") not in (None, first))
    assert "web: alive but not answering for 0.2 s, killed" in lines


async def test_stopping_ends_every_child() -> None:
    async with supervised(web=SLEEPER, media=SLEEPER) as (supervisor, lines):
        pids = [supervisor.pid("web"), supervisor.pid("media")]
    assert not any(alive(pid) for pid in pids if pid)
    assert sorted(line for line in lines if line.endswith("ended")) == ["media: ended", "web: ended"]


async def test_a_child_that_will_not_listen_is_killed_after_the_grace(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    async with supervised(web=[*STUBBORN, str(mark)], grace_s=0.3) as (supervisor, lines):
        await become(mark.exists)
        pid = supervisor.pid("web")
    assert pid
    assert not alive(pid)
    assert "web: did not end within 0.3 s, killed" in lines


async def test_what_a_dead_child_had_started_goes_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "grandchild"
    async with supervised(web=[*WITH_GRANDCHILD, str(mark)]) as (supervisor, _lines):
        await become(mark.exists)
        grandchild, pid = int(mark.read_text()), supervisor.pid("web")
        assert pid
        mark.unlink()
        os.kill(pid, signal.SIGKILL)
        await become(lambda: not alive(grandchild))


async def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    child = (
        "import os, sys, time, pathlib\nfrom server.supervisor import end_with_parent\n"
        "end_with_parent(os.getppid())\npathlib.Path(sys.argv[1] + '.new').write_text(str(os.getpid()))\n"
        "pathlib.Path(sys.argv[1] + '.new').rename(sys.argv[1])\ntime.sleep(600)"
    )
    parent = (
        "import asyncio, sys\nfrom server.supervisor import Supervisor, until_signalled\n"
        "async def go():\n"
        "    await until_signalled(Supervisor({'web': [sys.executable, '-c', sys.argv[1], sys.argv[2]]}, print))\n"
        "asyncio.run(go())"
    )
    mark = tmp_path / "child"
    arguments = [sys.executable, "-c", parent, child, str(mark)]
    process = await asyncio.create_subprocess_exec(*arguments, cwd=HOUSE, stdout=asyncio.subprocess.DEVNULL)
    await become(mark.exists)
    pid = int(mark.read_text())
    process.kill()
    await process.wait()
    await become(lambda: not alive(pid))


async def test_it_tells_how_often_each_child_has_died() -> None:
    noted: list[dict[str, int]] = []
    supervisor = Supervisor(
        {"web": SLEEPER, "media": SLEEPER}, lambda _line: None, note=lambda now: noted.append(dict(now))
    )
    running = asyncio.create_task(supervisor.run())
    await become(lambda: supervisor.pid("media"))
    os.kill(supervisor.pid("media") or 0, signal.SIGKILL)
    await become(lambda: len(noted) == 2)
    supervisor.stop()
    await running
    assert noted == [{"web": 0, "media": 0}, {"web": 0, "media": 1}]


async def test_a_full_disk_and_a_closed_terminal_end_nobody() -> None:
    told = list[str]()

    def tell(line: str) -> None:
        told.append(line)
        raise BrokenPipeError(32, "Broken pipe")

    def note(_restarts: Mapping[str, int]) -> None:
        raise OSError(28, "No space left on device")

    supervisor = Supervisor({"web": SLEEPER}, tell, note=note)
    running = asyncio.create_task(supervisor.run())
    await become(lambda: supervisor.pid("web") or running.done())
    web = supervisor.pid("web")
    assert web
    os.kill(web, signal.SIGKILL)
    await become(lambda: supervisor.pid("web") not in (None, web) or running.done())
    assert not running.done() and any("starting again" in line for line in told)
    supervisor.stop()
    await running


async def test_a_child_that_cannot_be_started_just_now_is_tried_again_and_the_others_live(tmp_path: Path) -> None:
    late = tmp_path / "late"
    supervisor = Supervisor({"web": SLEEPER, "media": [str(late)]}, list[str]().append)
    running = asyncio.create_task(supervisor.run())
    await become(lambda: supervisor.pid("web") or running.done())
    web = supervisor.pid("web")
    late.write_text("#!/bin/sh\nexec sleep 600\n", "utf-8")
    late.chmod(0o700)
    await become(lambda: supervisor.pid("media") or running.done())
    assert not running.done() and supervisor.pid("web") == web
    supervisor.stop()
    await running
