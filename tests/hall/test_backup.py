"""Backup and restore with real SQLite files, also while a writer writes."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import stat
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from server import backup
from server.blobs import LocalBlobs, Sha256
from server.errors import Problem

NOW = 1_760_486_400_000


class House:
    """A database in WAL mode and a few papers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.database, self.blobs = folder / "hopso.db", folder / "blobs"
        with self.connect() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE decisions (number INTEGER PRIMARY KEY, twin INTEGER, words TEXT)")

    @contextlib.contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.database, timeout=10, isolation_level=None)) as connection:
            yield connection

    def decide(self, words: str) -> None:
        with self.connect() as connection:
            connection.execute("INSERT INTO decisions (words) VALUES (?)", [words])

    def decisions(self) -> list[str]:
        with self.connect() as connection:
            return [words for (words,) in connection.execute("SELECT words FROM decisions ORDER BY number")]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "house")


async def kept(folder: Path, content: bytes) -> Sha256:
    """A blob in this folder."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return await LocalBlobs(folder).put_file(Path(file.name))


def code_of(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.code


async def test_what_was_saved_comes_back(house: House, tmp_path: Path) -> None:
    house.decide("Thống nhất thông qua")
    paper = await kept(house.blobs, "Tờ trình số 12".encode())
    manifest = backup.save(tmp_path / "a.tar.gz", house.database, house.blobs, NOW)
    assert manifest.made_at == NOW
    other = tmp_path / "other"
    backup.restore(tmp_path / "a.tar.gz", other / "hopso.db", other / "blobs")
    restored = House.__new__(House)
    restored.database, restored.blobs = other / "hopso.db", other / "blobs"
    assert restored.decisions() == ["Thống nhất thông qua"]
    assert LocalBlobs(other / "blobs").path(paper).read_bytes() == "Tờ trình số 12".encode()


def test_the_archive_is_for_its_owner_only_and_leaves_nothing_half_done(house: House, tmp_path: Path) -> None:
    target = tmp_path / "a.tar.gz"
    backup.save(target, house.database, house.blobs, NOW)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "house"]


@pytest.mark.parametrize("target", ["missing/a.tar.gz", "house", "/"])
def test_where_nothing_can_be_written_a_sentence_says_so(house: House, tmp_path: Path, target: str) -> None:
    with pytest.raises(Problem) as refused:
        backup.save(tmp_path / target, house.database, house.blobs, NOW)
    assert code_of(refused) == "backup.not_written"
    assert [path.name for path in tmp_path.iterdir()] == ["house"]


def test_a_database_that_cannot_be_read_is_no_empty_archive(house: House, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        backup.save(tmp_path / "a.tar.gz", tmp_path / "nowhere.db", house.blobs, NOW)
    assert code_of(refused) == "backup.not_written"
    assert not (tmp_path / "a.tar.gz").exists()


def test_a_copy_taken_while_somebody_writes_is_whole(house: House, tmp_path: Path) -> None:
    """The writer adds pairs, each pair in one transaction: a copy never holds half a pair, and misses nothing acked."""
    written, enough = [0], threading.Event()

    def write() -> None:
        with house.connect() as connection:
            while not enough.is_set():
                pair = written[0]
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO decisions (twin, words) VALUES (?, ?)", [pair, "x" * 2000])
                connection.execute("INSERT INTO decisions (twin, words) VALUES (?, ?)", [pair, "y" * 2000])
                connection.execute("COMMIT")
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            acked = written[0]
            backup.save(tmp_path / f"{number}.tar.gz", house.database, house.blobs, NOW)
            pairs = pairs_in(tmp_path / f"{number}.tar.gz", tmp_path / f"r{number}")
            assert set(pairs.values()) <= {2}
            assert len(pairs) >= acked
    finally:
        enough.set()
        writer.join()
    assert written[0] > 0


def pairs_in(archive: Path, folder: Path) -> dict[int, int]:
    backup.restore(archive, folder / "hopso.db", folder / "blobs")
    with contextlib.closing(sqlite3.connect(folder / "hopso.db")) as connection:
        return dict(connection.execute("SELECT twin, count(*) FROM decisions GROUP BY twin"))


def test_a_database_that_is_there_is_not_replaced(house: House, tmp_path: Path) -> None:
    backup.save(tmp_path / "a.tar.gz", house.database, house.blobs, NOW)
    house.decide("sau khi sao lưu")
    with pytest.raises(Problem) as error:
        backup.restore(tmp_path / "a.tar.gz", house.database, house.blobs)
    assert code_of(error) == "restore.would_overwrite"
    assert house.decisions() == ["sau khi sao lưu"]


def test_with_force_it_is_replaced_and_the_old_one_kept(house: House, tmp_path: Path) -> None:
    house.decide("trước")
    backup.save(tmp_path / "a.tar.gz", house.database, house.blobs, NOW)
    with house.connect() as crashed:  # its write-ahead log is still there when we restore
        crashed.execute("INSERT INTO decisions (words) VALUES ('sau')")
        backup.restore(tmp_path / "a.tar.gz", house.database, house.blobs, force=True)
    assert house.decisions() == ["trước"]
    house.database = house.database.with_name("hopso.db.before-restore")
    assert house.decisions() == ["trước", "sau"]


async def test_a_changed_byte_changes_nothing_in_the_house(house: House, tmp_path: Path) -> None:
    await kept(house.blobs, b"paper")
    backup.save(tmp_path / "a.tar.gz", house.database, house.blobs, NOW)
    rewrite(tmp_path / "a.tar.gz", {"blobs/": b"PAPER"})
    with pytest.raises(Problem) as error:
        backup.restore(tmp_path / "a.tar.gz", tmp_path / "new" / "hopso.db", tmp_path / "new" / "blobs")
    assert code_of(error) == "restore.broken_archive"
    assert list((tmp_path / "new").rglob("*")) == [tmp_path / "new" / "blobs"]


def test_an_archive_cut_short_is_refused(house: House, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    backup.save(archive, house.database, house.blobs, NOW)
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(Problem) as error:
        backup.restore(archive, tmp_path / "new" / "hopso.db", tmp_path / "new" / "blobs")
    assert code_of(error) == "restore.broken_archive"


@pytest.mark.parametrize("name", ["../escape", "/etc/escape", "blobs/../../escape", "blobs/ab/short"])
def test_a_member_with_a_foreign_name_is_refused(tmp_path: Path, name: str) -> None:
    entry = backup.Entry(3, "00" * 32)
    manifest = backup.Manifest(backup.FORMAT, NOW, "postgresql", {name: entry})
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        backup._add_bytes(tar, name, b"bad")
        backup._add_bytes(tar, backup.MANIFEST, msgspec.json.encode(manifest))
    with pytest.raises(Problem) as error:
        backup.restore(tmp_path / "a.tar.gz", None, tmp_path / "new" / "blobs")
    assert code_of(error) == "restore.broken_archive"
    assert not list(tmp_path.rglob("escape"))


def test_a_symbolic_link_in_the_archive_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo(backup.DATABASE)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(Problem) as error:
        backup.restore(tmp_path / "a.tar.gz", tmp_path / "new" / "hopso.db", tmp_path / "new" / "blobs")
    assert code_of(error) == "restore.broken_archive"


async def test_beside_postgresql_the_archive_holds_the_papers_alone(tmp_path: Path) -> None:
    paper = await kept(tmp_path / "blobs", b"paper")
    manifest = backup.save(tmp_path / "a.tar.gz", None, tmp_path / "blobs", NOW)
    assert list(manifest.files) == [f"blobs/{paper[:2]}/{paper}"]
    backup.restore(tmp_path / "a.tar.gz", None, tmp_path / "new")
    assert LocalBlobs(tmp_path / "new").path(paper).read_bytes() == b"paper"
    with pytest.raises(Problem) as error:
        backup.restore(tmp_path / "a.tar.gz", tmp_path / "hopso.db", tmp_path / "new")
    assert code_of(error) == "restore.other_database"


@pytest.mark.parametrize("said", ["sqlite", "postgresql"])
def test_an_archive_that_says_another_database_than_it_holds_is_refused(
    house: House, tmp_path: Path, said: str
) -> None:
    archive, database = tmp_path / "a.tar.gz", tmp_path / "new" / "hopso.db"
    backup.save(archive, house.database if said == "postgresql" else None, house.blobs, NOW)
    with tarfile.open(archive) as tar:
        written = tar.extractfile(backup.MANIFEST)
        assert written is not None
        manifest = msgspec.json.decode(written.read(), type=backup.Manifest)
    rewrite(archive, {backup.MANIFEST: msgspec.json.encode(msgspec.structs.replace(manifest, database=said))})
    with pytest.raises(Problem) as error:
        backup.restore(archive, database if said == "sqlite" else None, tmp_path / "new" / "blobs")
    assert code_of(error) == "restore.broken_archive"
    assert not database.exists()


def rewrite(archive: Path, changes: dict[str, bytes]) -> None:
    """The same archive with other content for members whose name begins like this."""
    with tarfile.open(archive) as old:
        members = [(member, (old.extractfile(member) or io.BytesIO()).read()) for member in old]
    with tarfile.open(archive, "w:gz") as new:
        for member, content in members:
            replaced = next((other for start, other in changes.items() if member.name.startswith(start)), content)
            backup._add_bytes(new, member.name, replaced)
