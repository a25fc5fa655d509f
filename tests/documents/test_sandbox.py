"""What a confined process can no longer do, tried from inside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from server.confine import Policy
from server.documents.sandbox import Limits, Session, policy_for, resident
from server.errors import Problem, Refused, TooLarge
from tests.documents import hostile
from tests.documents.house import pdf
from tests.documents.test_hostile_input import workers_of

INSIDE = """
import json, mmap, os, socket, sys, threading
import msgspec
from server.confine import Policy, confine
policy, outside, paper, port, folder = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
missing = confine(msgspec.json.decode(policy, type=Policy))

def tried(action):
    try:
        action()
    except (OSError, MemoryError, RuntimeError) as error:
        return type(error).__name__
    return "done"

def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.connect(address)

def thread():
    worker = threading.Thread(target=len, args=("",))
    worker.start()
    worker.join()

print(json.dumps({
    "missing": missing,
    "read its paper": tried(lambda: open(paper, "rb").read()),
    "write its paper": tried(lambda: open(paper, "ab")),
    "write in its folder": tried(lambda: open(folder + "/x", "w").write("x")),
    "read beside its folder": tried(lambda: open(outside).read()),
    "write beside its folder": tried(lambda: open(outside, "w")),
    "read /etc/passwd": tried(lambda: open("/etc/passwd").read()),
    "list /proc": tried(lambda: os.listdir("/proc")),
    "read the environment of its parent": tried(lambda: open(f"/proc/{os.getppid()}/environ", "rb").read()),
    "TCP": tried(lambda: connect(socket.AF_INET, ("127.0.0.1", port))),
    "TCP over IPv6": tried(lambda: connect(socket.AF_INET6, ("::1", port))),
    "UDP": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "netlink": tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "Unix sockets": tried(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)),
    "signal its parent": tried(lambda: os.kill(os.getppid(), 0)),
    "start a program": tried(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "become a program": tried(lambda: os.execv("/bin/true", ["true"])),
    "fork": tried(os.fork),
    "a thread": tried(thread),
    "much memory": tried(lambda: mmap.mmap(-1, 2 << 30)),
}))
"""
MAY = {"read its paper", "write in its folder", "a thread"}


def tried_inside(tmp_path: Path, limits: Limits) -> dict[str, str]:
    folder, outside, paper = tmp_path / "folder", tmp_path / "secret", tmp_path / "paper.pdf"
    folder.mkdir()
    outside.write_text("mật")
    paper.write_bytes(pdf())
    policy = msgspec.json.encode(policy_for(folder, str(paper), limits)).decode()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        command = [sys.executable, "-c", INSIDE, policy, str(outside), str(paper), port, str(folder)]
        said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    found: dict[str, str] = json.loads(said)
    return found


def test_a_worker_reads_its_paper_writes_its_folder_and_nothing_else(tmp_path: Path) -> None:
    found = tried_inside(tmp_path, Limits(memory_mb=1024, cpu_s=60))
    assert found.pop("missing") == []
    assert {what for what, became in found.items() if became == "done"} == MAY


def test_an_office_worker_may_map_more_memory_and_nothing_else(tmp_path: Path) -> None:
    found = tried_inside(tmp_path, Limits(memory_mb=1024, cpu_s=60, maps_much=True))
    assert {what for what, became in found.items() if became == "done"} == MAY | {"much memory"}


def test_a_policy_with_unknown_keys_is_not_obeyed_in_part() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"read":[],"write":[],"networks":true}', type=Policy)


async def test_a_request_that_takes_too_long_ends_the_worker_and_removes_its_folder(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(hostile.content_bomb())
    session = await Session.open(tmp_path / "work", paper, Limits(memory_mb=1024, cpu_s=60))
    with pytest.raises(Refused, match=r"paper\.took_too_long"):
        await session.ask("render", 0.5, page=1, widths=[240])
    assert session.ended
    assert list((tmp_path / "work").iterdir()) == []
    assert workers_of(os.getpid()) == []


async def test_a_worker_that_uses_up_its_cpu_time_is_refused_as_taking_too_long(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(hostile.content_bomb())
    session = await Session.open(tmp_path / "work", paper, Limits(memory_mb=1024, cpu_s=1))
    with pytest.raises(Refused, match=r"paper\.took_too_long"):
        await session.ask("render", 60, page=1, widths=[240])
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_worker_that_crashes_is_a_damaged_paper(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(hostile.content_bomb())
    session = await Session.open(tmp_path / "work", paper, Limits(memory_mb=1024, cpu_s=60))
    asked = asyncio.create_task(session.ask("render", 60, page=1, widths=[240]))
    await asyncio.sleep(0)
    os.kill(workers_of(os.getpid())[0], signal.SIGSEGV)
    with pytest.raises(Refused, match=r"paper\.damaged"):
        await asked
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_worker_that_holds_too_much_memory_is_ended(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf(1, 14_400, 14_400))
    limits = Limits(memory_mb=40, cpu_s=60, maps_much=True)
    with pytest.raises(TooLarge, match=r"paper\.too_heavy"):
        await render_until_ended(await Session.open(tmp_path / "work", paper, limits))
    assert list((tmp_path / "work").iterdir()) == []


async def render_until_ended(session: Session) -> None:
    for _ in range(200):
        await session.ask("render", 60, page=1, widths=[2880])


def ticks(process: int) -> int:
    """How much of a processor it has used (fields 14 and 15 of /proc/pid/stat)."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def test_cancelling_a_request_leaves_nothing_behind(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(hostile.content_bomb())
    session = await Session.open(tmp_path / "work", paper, Limits(memory_mb=1024, cpu_s=60))
    (worker,) = workers_of(os.getpid())
    rested = ticks(worker)
    asked = asyncio.create_task(session.ask("render", 60, page=1, widths=[240]))
    async with asyncio.timeout(60):
        while ticks(worker) <= rested + 1:
            await asyncio.sleep(0.01)
    assert not asked.done(), "it is at work"
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await session.close()
    assert workers_of(os.getpid()) == []
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_worker_dies_with_the_server_that_started_it(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(hostile.content_bomb())
    script = f"""
import asyncio
from pathlib import Path
from server.documents.sandbox import Limits, Session
async def main():
    session = await Session.open(Path({str(tmp_path / "work")!r}), Path({str(paper)!r}), Limits(1024, 60))
    print(session._process.pid, flush=True)
    await session.ask("render", 60, page=1, widths=[240])
asyncio.run(main())
"""
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    assert resident(worker) > 0
    server.kill()
    server.wait()
    for _ in range(6_000):
        if resident(worker) == 0:
            break
        await asyncio.sleep(0.01)
    assert resident(worker) == 0


async def test_a_worker_that_is_no_longer_there_answers_with_a_problem(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(pdf())
    session = await Session.open(tmp_path / "work", paper, Limits(memory_mb=1024, cpu_s=60))
    await session.close()
    with pytest.raises(Problem):
        await session.ask("inspect", 5)
