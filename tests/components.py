"""The real components that some tests need, and throw-away servers of them on loopback."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "chromium": "chromium",
    "firefox-esr": "firefox-esr",
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    "redis-server": "redis-server",
    "postgres": "postgresql",
    "janus": "janus",
    "sipp": "sip-tester",
    "certutil": "libnss3-tools",
    "turnserver": "coturn",
    "nft": "nftables",
}
"""Component -> the Debian packages that bring it; `make deps` installs them."""


def find(component: str) -> Path | None:
    """Where the program is, or None. PostgreSQL's server programs lie outside PATH on Debian."""
    if component == "postgres":
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        if found:
            return found[-1]
    program = shutil.which(component)
    return Path(program) if program else None


FIRST_PORT, PORTS, SHARES = 12_000, 20_000, 8
"""Below the ports the kernel gives to outgoing connections: between the choice and the server's start none of them
takes ours, and nobody who knocks while the server is down is connected to himself."""


def _own_ports() -> Iterator[int]:
    """Each worker of the tests has a share of its own, and nobody else's choice is in the way of its servers."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    size = PORTS // SHARES
    first = FIRST_PORT + int(worker) % SHARES * size
    own = list(range(first, first + size))
    begin = os.getpid() * 37 % size
    return itertools.cycle(own[begin:] + own[:begin])


_ports = _own_ports()


def free_port() -> int:
    """A port on loopback that nobody listens on, neither TCP nor UDP, and that this process has not given out yet."""
    for port in _ports:
        if _is_free(port):
            return port
    raise AssertionError("unreachable: the ports go round")


def hold_port() -> socket.socket:
    """A port that is nobody else's, in no process, until this is closed; asyncio's servers may come and go there.

    They ask for it with SO_REUSEADDR, and who looks for a free one does not. Processes that were forked from each other
    look in the same order: only what is held is one's own.
    """
    while True:
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", free_port()))
        except OSError:
            held.close()
        else:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return held


def _is_free(port: int) -> bool:
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        try:
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def redis_server(program: Path) -> Iterator[str]:
    """A Redis that keeps nothing, and its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hopso-redis-") as folder:
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            await_port(port, server)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


@contextmanager
def postgres_server(program: Path) -> Iterator[str]:
    """A PostgreSQL cluster that lives as long as the block, and the URL of its database `postgres`."""
    binaries, port = program.parent, free_port()
    folder = Path(tempfile.mkdtemp(prefix="hopso-postgres-"))
    folder.chmod(0o755)
    data = folder / "data"
    _become_owner(folder)
    try:
        _as_postgres(
            binaries / "initdb", "-D", data, "-U", "hopso", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        _as_postgres(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql+psycopg://hopso@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            _as_postgres(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def await_port(port: int, server: subprocess.Popen[bytes], deadline_s: float = 60) -> None:
    """Returns when somebody listens there; raises when the server ended or the time is over."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args!r} did not open port {port}")


def _become_owner(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _as_postgres(*command: object) -> None:
    """PostgreSQL refuses to run as root: root hands it to Debian's user `postgres`."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    words = [str(word) for word in command]
    # pg_ctl's server inherits our pipes and would keep them open: its output goes nowhere, its log to a file.
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False, **user)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} failed with {done.returncode}")
