"""One file with everything a meeting has left: the database and the papers, with their sums.

The archive is a gzip tar: `database.sqlite3` (a consistent copy, made by SQLite's backup interface while people
write), `blobs/ab/abcd…`, and last `manifest.json` with the SHA-256 of each. Blobs are copied after the database: they
are only ever added, so every paper the copy of the database speaks of is there. PostgreSQL is backed up by `pg_dump`;
the archive then holds the papers alone. Keys and certificates are never in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from server.clock import Millis
from server.errors import Conflict, Invalid, Unavailable

FORMAT = 1
DATABASE, MANIFEST = "database.sqlite3", "manifest.json"
BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")
CHUNK = 1 << 20


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the archive: its length in bytes and the SHA-256 of its content."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the archive holds; its last member."""

    format: int
    made_at: Millis
    database: str
    """"sqlite": in the archive. "postgresql": dumped apart."""
    files: dict[str, Entry]


def save(target: Path, database: Path | None, blobs: Path, now: Millis) -> Manifest:
    """Writes the archive to `target`, readable by its owner only; appears there only when it is complete.

    `database` is the SQLite file, or None when PostgreSQL holds the rows. Raises `Unavailable("backup.not_written")`
    when the folder is missing, the disk is full, or the database cannot be read.
    """
    try:
        return _save(target, database, blobs, now)
    except (OSError, ValueError, sqlite3.Error) as error:  # ValueError: a path without a name, such as "."
        raise Unavailable("backup.not_written", file=str(target), reason=str(error)) from error


def _save(target: Path, database: Path | None, blobs: Path, now: Millis) -> Manifest:
    partial = target.with_name(f".{target.name}.partial")
    try:
        with contextlib.ExitStack() as stack:
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            raw = stack.enter_context(os.fdopen(handle, "wb"))
            tar = stack.enter_context(tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1))
            files = dict(_add_all(tar, database, blobs, target.parent))
            manifest = Manifest(FORMAT, now, "sqlite" if database else "postgresql", files)
            _add_bytes(tar, MANIFEST, msgspec.json.encode(manifest))
        _flush(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def restore(source: Path, database: Path | None, blobs: Path, force: bool = False) -> Manifest:
    """Brings the archive's content back; nothing changes before all sums are right.

    Refuses to replace a database unless `force`; the old one then stays beside it as `….before-restore`. Papers are
    only added. The server must not run.
    Raises `Conflict("restore.would_overwrite")`, `Invalid("restore.broken_archive")` and
    `Invalid("restore.other_database")`.
    """
    if database is not None and database.exists() and not force:
        raise Conflict("restore.would_overwrite", file=str(database))
    blobs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=blobs) as scratch:
        unpacked = Path(scratch)
        manifest = _unpack(source, unpacked)
        if (manifest.database == "sqlite") != (database is not None):
            raise Invalid("restore.other_database", holds=manifest.database)
        _adopt_blobs(unpacked, blobs, manifest)
        if database is not None:
            _adopt_database(unpacked / DATABASE, database)
    return manifest


@contextlib.contextmanager
def _copied(database: Path, folder: Path) -> Iterator[Path]:
    """A consistent copy, taken while others read and write."""
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=folder) as scratch:
        copy = Path(scratch) / DATABASE
        source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        target = sqlite3.connect(copy)
        try:
            # All pages in one step: a copy in small steps starts over whenever somebody writes in between.
            source.backup(target, pages=-1)
        finally:
            target.close()
            source.close()
        yield copy


def _add_all(tar: tarfile.TarFile, database: Path | None, blobs: Path, scratch: Path) -> Iterator[tuple[str, Entry]]:
    if database is not None:
        with _copied(database, scratch) as copy:
            yield DATABASE, _add(tar, DATABASE, copy)
    for path in sorted(blobs.glob("??/*")):
        name = f"blobs/{path.parent.name}/{path.name}"
        if BLOB.fullmatch(name):
            yield name, _add(tar, name, path)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Entry:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        counted = _Summing(file)
        tar.addfile(_member(name, size), counted)
    return Entry(size, counted.sum.hexdigest())


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    tar.addfile(_member(name, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


class _Summing:
    """A file that is summed up while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.sum.update(chunk)
        return chunk


def _unpack(source: Path, folder: Path) -> Manifest:
    """All files of the archive in `folder`, each with the sum that the manifest tells."""
    try:
        with tarfile.open(source, "r|gz") as tar:
            seen = {member.name: _write(tar.extractfile(member), folder, member) for member in tar}
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, EOFError, tarfile.TarError, msgspec.DecodeError) as error:
        raise Invalid("restore.broken_archive", reason=str(error)) from error
    del seen[MANIFEST]
    return _checked(manifest, seen)


def _write(content: IO[bytes] | None, folder: Path, member: tarfile.TarInfo) -> Entry:
    if content is None or not (member.name in (DATABASE, MANIFEST) or BLOB.fullmatch(member.name)):
        raise Invalid("restore.broken_archive", reason=f"{member.name}: not a file of ours")
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    counted = _Summing(content)
    with target.open("wb") as file:
        shutil.copyfileobj(counted, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    return Entry(member.size, counted.sum.hexdigest())


def _checked(manifest: Manifest, seen: dict[str, Entry]) -> Manifest:
    if manifest.format != FORMAT:
        raise Invalid("restore.broken_archive", reason=f"{MANIFEST}: of another version")
    wrong = sorted(name for name in {*manifest.files, *seen} if manifest.files.get(name) != seen.get(name))
    wrong += [name for name, entry in seen.items() if name != DATABASE and not name.endswith(entry.sha256)]
    if (manifest.database == "sqlite") != (DATABASE in seen):
        wrong.append(DATABASE)
    if wrong:
        raise Invalid("restore.broken_archive", reason=", ".join(wrong[:3]))
    return manifest


def _adopt_blobs(unpacked: Path, blobs: Path, manifest: Manifest) -> None:
    for name in manifest.files:
        found = BLOB.fullmatch(name)
        if found:
            target = blobs / found[1] / found[2]
            target.parent.mkdir(exist_ok=True)
            (unpacked / name).replace(target)


def _adopt_database(copy: Path, database: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise Invalid("restore.broken_archive", reason=f"{DATABASE}: {verdict}")
    database.parent.mkdir(parents=True, exist_ok=True)
    beside = database.with_name(f".{database.name}.restored")
    shutil.copyfile(copy, beside)
    _flush(beside)
    _set_aside(database)
    beside.replace(database)
    _flush(database.parent)


def _set_aside(database: Path) -> None:
    """Keeps the old database under another name. Its own name stays taken until the new one replaces it."""
    if not database.exists():
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = database.with_name(f"{database.name}.before-restore")
    kept.unlink(missing_ok=True)
    os.link(database, kept)
    # A write-ahead log belongs to its database; beside another one it would be replayed into it.
    for suffix in ("-wal", "-shm"):
        log = database.with_name(database.name + suffix)
        if log.exists():
            log.replace(kept.with_name(kept.name + suffix))


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sqlite_file(url: str) -> Path | None:
    """The file of a database URL like `sqlite+aiosqlite:///var/hopso.db`; None for another database."""
    scheme, found, path = url.partition(":///")
    return Path(path.split("?")[0]) if found and scheme.split("+")[0] == "sqlite" else None
