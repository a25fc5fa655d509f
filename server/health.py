"""How the house is, for whoever watches over it: `GET /health`, and systemd (sd_notify(3))."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

PROCESSES = Path("var/processes.json")
LEAST_FREE = 64 * 1024 * 1024
"""Octets; with less than this a disk is called full, a little before the database refuses."""


class Health(msgspec.Struct, frozen=True):
    """`ok`: decisions can be made. Without media a meeting goes on, without sound and pictures."""

    ok: bool
    media: bool
    media_processes: dict[str, bool]
    """Each media process, and whether it answers: `media` is whether any of them does."""
    storage: str
    """Whether there is room for what is decided and what is brought: ready, or full."""
    recorder: str
    """Whether a meeting could be recorded: ready, absent (no recorder), full (its disk has too little room)."""
    restarts: dict[str, int]
    """How often each process has died since the supervisor was started; empty without a supervisor."""


class Kept(msgspec.Struct, frozen=True):
    """What a supervisor leaves for its children to read."""

    supervisor: int
    restarts: dict[str, int]


def storage(folder: Path) -> str:
    """`Health.storage` of the disk that holds this folder, or would."""
    lies = next((each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()), Path("/"))
    return "full" if shutil.disk_usage(lies).free < LEAST_FREE else "ready"


def keep_restarts(restarts: Mapping[str, int], file: Path = PROCESSES) -> None:
    """The supervisor writes down how often its children have died."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_name(f".{file.name}.writing")
    written.write_bytes(msgspec.json.encode(Kept(os.getpid(), dict(restarts))))
    written.replace(file)


def restarts(supervisor: int, file: Path = PROCESSES) -> dict[str, int]:
    """What this supervisor (its process id) wrote; empty when another one did, or none."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return {}
    return kept.restarts if kept.supervisor == supervisor else {}


def tell_systemd(*words: str) -> None:
    """Say "READY=1" or "STATUS=…" where systemd listens; elsewhere nothing is said."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto("\n".join(words).encode(), name)
