"""Full disks, cut uploads and files that two papers share: nothing is lost, and nothing stays behind."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pymupdf
import pytest

from server.blobs import Sha256
from server.documents.page_folder import PageFolder
from server.documents.papers import State, VersionId
from tests.documents.house import Room, in_pieces, pdf, room, saved, slips

MACRO = b"PK\x03\x04 no package at all"


def blobs_in(folder: Path) -> set[str]:
    """The names of all kept files, half-written ones included."""
    return {path.name for path in (folder / "blobs").glob("*/*")}


async def cut_short(content: bytes) -> AsyncIterator[bytes]:
    """An upload whose line breaks in the middle."""
    yield content[: len(content) // 2]
    raise ConnectionResetError("the line broke")


async def test_an_upload_cut_in_the_middle_leaves_no_paper_no_blob_and_no_folder(papers_room: Room) -> None:
    with pytest.raises(ConnectionResetError):
        await papers_room.papers.receive("bình", "họp-1", "a.pdf", cut_short(pdf()))
    assert await papers_room.papers.on_shelf("họp-1") == []
    assert blobs_in(papers_room.folder) == set() and papers_room.left_over == []


async def test_a_paper_that_cannot_be_written_down_leaves_no_blob(
    papers_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_: object) -> None:
        raise OSError("database is locked")

    monkeypatch.setattr(papers_room.papers.store, "add", locked)
    with pytest.raises(OSError, match="locked"):
        await papers_room.papers.receive("bình", "họp-1", "a.pdf", in_pieces(pdf()))
    assert blobs_in(papers_room.folder) == set() and papers_room.left_over == []


async def test_a_file_that_was_overtaken_by_a_newer_one_does_not_stay(papers_room: Room) -> None:
    first = await papers_room.published(slips(1))
    for pages in (30, 3):
        await papers_room.papers.replace("lan", first.id, "b.pdf", in_pieces(slips(pages)))
    await papers_room.papers.settled()
    # Two originals and their two cleaned copies; of the thirty pages nothing.
    assert len(blobs_in(papers_room.folder)) == 4


async def test_two_papers_of_one_content_sent_at_once_are_both_whole(papers_room: Room) -> None:
    content = slips(2)
    sent = [papers_room.papers.receive("bình", "họp-1", f"{n}.pdf", in_pieces(content)) for n in range(8)]
    papers = await asyncio.gather(*sent)
    await papers_room.papers.settled()
    now = [await papers_room.papers.paper(paper.id) for paper in papers]
    assert {paper.state for paper in now} == {State.READY}
    assert len({paper.version.id for paper in now if paper.version}) == 8, "equal files are papers of their own"


async def test_refusing_one_of_two_equal_files_does_not_take_the_other_ones_away(papers_room: Room) -> None:
    """The second is received while the first is being refused: it must be judged by itself."""
    for _ in range(5):
        one, other = await asyncio.gather(
            *[papers_room.papers.receive("bình", "họp-1", "a.docx", in_pieces(MACRO)) for _ in range(2)]
        )
        await papers_room.papers.settled()
        codes = {(await papers_room.papers.paper(paper.id)).code for paper in (one, other)}
        assert len(codes) == 1
    assert blobs_in(papers_room.folder) == set()


async def test_what_people_read_is_never_deleted_with_an_upload_of_the_same_bytes(room_with_paper: Room) -> None:
    [paper] = await room_with_paper.papers.on_shelf("họp-1")
    assert paper.version is not None
    served = Sha256(paper.version.id)
    assert await room_with_paper.papers.store.uses_file(served)
    await room_with_paper.papers._forget_unused(served)
    assert room_with_paper.papers.blobs.path(served).exists()


async def test_a_full_disk_while_a_file_arrives_is_said_and_leaves_nothing(
    papers_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _source: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.blobs.LocalBlobs.put_file", full)
    with pytest.raises(OSError, match="No space left"):
        await papers_room.papers.receive("bình", "họp-1", "a.pdf", in_pieces(pdf()))
    assert await papers_room.papers.on_shelf("họp-1") == [] and papers_room.left_over == []


def test_a_page_that_does_not_fit_on_the_disk_of_pages_is_not_served_in_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, version, worker = PageFolder(tmp_path / "pages"), VersionId("a" * 64), tmp_path / "run-x"
    worker.mkdir()
    (worker / "1-960.webp").write_bytes(b"whole page")

    def half(source: Path, target: Path) -> None:
        Path(target).write_bytes(Path(source).read_bytes()[:4])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("server.documents.page_folder.shutil.move", half)
    with pytest.raises(OSError, match="No space left"):
        pages.take(version, worker, "1-960.webp")
    assert not pages.image(version, 1, 960).exists()
    assert list((tmp_path / "pages").glob("*/*/*")) == [] and list((tmp_path / "pages").glob("*/*/.*")) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("missing component: root, to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def heavy(octets: int) -> bytes:
    """A PDF of two pages that cannot be packed smaller, and is quickly drawn: a stamp-sized picture of noise."""
    document = pymupdf.open(stream=pdf(pages=2))
    noise = random.Random(7).randbytes(octets // 300 * 300)
    picture = pymupdf.Pixmap(pymupdf.csRGB, 100, len(noise) // 300, noise, False)
    document[0].insert_image(pymupdf.Rect(72, 100, 92, 120), pixmap=picture)
    return saved(document)


def fill(disk: Path, leaving: int) -> Path:
    """A file that takes all the room but this many octets."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(found.f_bavail * found.f_frsize - leaving))
    return ballast


@pytest.mark.slow
async def test_a_paper_is_not_called_damaged_because_the_disk_is_full(tmp_path: Path, small_disk: Path) -> None:
    content = heavy(octets=120_000)
    async with room(tmp_path, work_folder=small_disk / "work") as opened:
        ballast = fill(small_disk, leaving=len(content) // 4096 * 4096 + 8192)
        paper = await opened.published(content)
        assert (paper.state, paper.code) == (State.REFUSED, "storage.full")
        ballast.unlink()
        again = await opened.published(content)
        assert again.state is State.READY
    assert list((small_disk / "work").glob("*")) == []
