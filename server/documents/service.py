"""The papers room: receive files, show their pages, keep every version."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from pathlib import Path

import msgspec

from server.blobs import LocalBlobs, Sha256
from server.clock import Clock
from server.config import DocumentSettings
from server.db import Database
from server.documents.drawing import Drawing
from server.documents.jobs import Jobs
from server.documents.kinds import MEDIA_TYPES, Kind
from server.documents.limits import WIDTHS
from server.documents.names import display_name, with_extension
from server.documents.office import Office
from server.documents.page_folder import PageFolder
from server.documents.papers import Form, Paper, PaperId, State, Version, VersionId
from server.documents.preparing import Order, Preparation
from server.documents.renderers import READER, Renderers
from server.documents.sandbox import Folder
from server.documents.stamping import stamped
from server.documents.store import PaperStore
from server.documents.worker_files import ANNOTATED_FILE, MARKS_FILE
from server.errors import Invalid, NotFound, Problem, Refused, TooLarge, is_full
from server.leases import Leases

log = logging.getLogger("hopso.documents")

OnChange = Callable[[Paper], None]


class Download(msgspec.Struct, frozen=True):
    """A file to save: where it lies, what to call it, what it is."""

    path: Path
    name: str
    media_type: str


class Papers:
    """All papers of the house. `start` takes up what a restart interrupted; `close` ends every worker."""

    def __init__(
        self,
        db: Database,
        blobs: LocalBlobs,
        clock: Clock,
        settings: DocumentSettings,
        on_change: OnChange | None = None,
    ) -> None:
        self.clock = clock
        self.blobs = blobs
        self.settings = settings
        self.store = PaperStore(db)
        self.pages = PageFolder(settings.pages_folder)
        self.on_change: OnChange = on_change or (lambda _paper: None)
        self.renderers = Renderers(settings, clock)
        work, memory = settings.work_folder, settings.worker_memory_mb
        self.office = Office(settings.soffice, work, memory, settings.convert_timeout_s, settings.workers)
        self.preparation = Preparation(blobs, self.pages, self.renderers, self.office, settings)
        self.drawing = Drawing(self.pages, self.renderers, blobs, self.version)
        self.jobs = Jobs(Leases(db, clock, clock.fresh_id()), self._work, self.store.waiting)
        self._originals = asyncio.Lock()
        """Held from keeping a file until it is written who needs it, and while one that nobody needs is deleted."""
        self._stamping = asyncio.Semaphore(settings.workers)
        self._rendered: dict[VersionId, int] = {}

    async def start(self) -> None:
        """Remove what a crash left in the work folder, and take up interrupted preparations."""
        Folder.forget_abandoned(self.settings.work_folder)
        for paper in await self.store.unfinished():
            self.jobs.begin(paper.id)
        self.jobs.start()

    async def close(self) -> None:
        """Stop all jobs (they are taken up at the next start) and end all workers."""
        await self.jobs.close()
        await self.drawing.close()
        await self.renderers.close()

    async def settled(self) -> None:
        """Wait until nothing is being prepared or rendered ahead."""
        await self.jobs.settled()

    async def receive(self, by: str, shelf: str, name: str, chunks: AsyncIterable[bytes]) -> Paper:
        """A new paper; its preparation goes on in the background. Raises `TooLarge("paper.too_large")`."""
        paper = Paper(PaperId(self.clock.fresh_id()), shelf, display_name(name), by, self.clock.now(), State.RECEIVED)
        await self._keep(chunks, lambda original: self.store.add(paper, original))
        self.jobs.begin(paper.id)
        return paper

    async def replace(self, by: str, paper: PaperId, name: str, chunks: AsyncIterable[bytes]) -> Paper:
        """A newer file for a paper. The version shown now stays until the new one is ready."""
        await self.paper(paper)
        changes = {"name": display_name(name), "state": State.RECEIVED, "code": "", "details": "{}", "incoming_by": by}
        overtaken: list[Sha256] = []

        async def add(original: Sha256) -> None:
            before = await self.store.paper(paper)
            await self.store.change(paper, incoming=original, **changes)
            overtaken.extend([before[1][0]] if before and before[1][0] else [])

        await self._keep(chunks, add)
        self.jobs.begin(paper)
        for file in overtaken:
            await self._forget_unused(file)
        return await self.paper(paper)

    async def redraw(self, paper: PaperId) -> None:
        """Try again to draw the pages that could not be drawn; only a person asks for it."""
        if version := (await self.paper(paper)).version:
            self.drawing.broken.forget(version.id)
        await self._tell(paper)
        self.jobs.begin(paper)

    async def discard(self, versions: Iterable[VersionId], originals: Iterable[Sha256] = ()) -> None:
        """Delete what a removed paper leaves on the disk and in workers; originals unless another paper needs them."""
        for version in versions:
            await self.blobs.delete(Sha256(version))
            await self.renderers.end(version)
            self.pages.forget(version)
            self._rendered.pop(version, None)
        for file in originals:
            await self._forget_unused(file)

    async def paper(self, paper: PaperId) -> Paper:
        """The paper, with the progress of this moment; `NotFound("paper.unknown")`."""
        found = await self.store.paper(paper)
        if found is None:
            raise NotFound("paper.unknown")
        return self._with_progress(found[0])

    async def on_shelf(self, shelf: str) -> list[Paper]:
        """The papers of a shelf, oldest first."""
        return [self._with_progress(paper) for paper in await self.store.on_shelf(shelf)]

    async def version(self, version: VersionId) -> tuple[PaperId, Version]:
        """A version and the paper it belongs to; `NotFound("paper.unknown")`."""
        found = await self.store.version(version)
        if found is None:
            raise NotFound("paper.unknown")
        return found[0], found[1]

    async def page_image(self, version: VersionId, page: int, width: int) -> Path:
        """The WebP file of a page, drawn now if nobody asked for it before."""
        if width not in WIDTHS:
            raise Invalid("page.width_unknown", widths=[str(each) for each in WIDTHS])
        return await self.drawing.image(version, page, width)

    async def stamped_page(self, version: VersionId, page: int, width: int, text: str) -> bytes:
        """The WebP of a page with this text burned in: made for one viewer, kept nowhere."""
        path = await self.page_image(version, page, width)
        async with self._stamping:
            return await asyncio.to_thread(stamped, path, text)

    async def page_text(self, version: VersionId, page: int) -> Path:
        """The JSON file of a page's words."""
        return await self.drawing.words(version, page)

    async def outline(self, version: VersionId) -> Path:
        """The JSON file of the version's own table of contents: `{"entries": [{"level", "title", "page"}…]}`."""
        return await self.drawing.outline(version)

    async def annotated(self, version: VersionId, marks: bytes, form: Form, name: str) -> bytes:
        """The version with these marks (JSON, as `inking.Inking` wants them), in that form; `name` is the PDF's."""
        async with self.renderers.using(version, self.blobs.path(Sha256(version)), READER) as session:
            (session.folder / MARKS_FILE).write_bytes(marks)
            await session.ask("annotate", self.settings.convert_timeout_s, form=form, name=name)
            made = session.folder / ANNOTATED_FILE
            content = await asyncio.to_thread(made.read_bytes)
            made.unlink()
            return content

    async def original(self, paper: PaperId) -> Download:
        """The file as it was sent, of the version people read; to be saved, never opened."""
        version = (await self.paper(paper)).version
        found = await self.store.version(version.id) if version else None
        if found is None:
            raise NotFound("paper.not_ready")
        kind = Kind(found[1].kind)
        name = with_extension((await self.paper(paper)).name, kind)
        return Download(self.blobs.path(found[2]), name, MEDIA_TYPES[kind])

    async def _keep(self, chunks: AsyncIterable[bytes], add: Callable[[Sha256], Awaitable[None]]) -> None:
        """Keep what arrives, whole or not at all; `add` says which paper needs it."""
        with Folder(self.settings.work_folder) as folder:
            received = folder / "received"
            await self._write(received, chunks)
            async with self._originals:
                original = await self.blobs.put_file(received)
                try:
                    await add(original)
                except BaseException:
                    await asyncio.shield(self._delete_unused(original))
                    raise

    async def _write(self, received: Path, chunks: AsyncIterable[bytes]) -> None:
        limit_mb, size = self.settings.max_file_mb, 0
        with received.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit_mb << 20:
                    raise TooLarge("paper.too_large", limit_mb=limit_mb)
                file.write(chunk)

    async def _forget_unused(self, original: Sha256) -> None:
        async with self._originals:
            await self._delete_unused(original)

    async def _delete_unused(self, original: Sha256) -> None:
        if not await self.store.uses_file(original):
            await self.blobs.delete(original)

    async def _work(self, paper: PaperId) -> None:
        while await self._prepare(paper):
            pass  # a newer file may have come meanwhile, at another process
        await self._render_ahead(paper)

    async def _prepare(self, paper: PaperId) -> bool:
        """Prepare the newest file; False when none is waiting."""
        found = await self.store.paper(paper)
        if found is None or not found[1][0]:
            return False
        original, by = found[1]

        async def announce(state: State) -> None:
            await self.store.change(paper, state=state)
            await self._tell(paper)

        try:
            version = await self.preparation.version(Order(paper, original, by, self.clock.now()), announce)
            await self._publish(paper, version, original)
        except Problem as problem:
            await self._refused(paper, original, problem)
        except Exception as error:
            if await self.store.paper(paper) is None:
                return False  # removed meanwhile, and its file with it
            if is_full(error):
                await self._refused(paper, original, Refused("storage.full"))
                await self._tell(paper)
                return True
            incident = self.clock.fresh_id()
            log.exception("incident %s: paper %s", incident, paper)
            await self._refused(paper, original, Refused("paper.failed", incident=incident))
        await self._tell(paper)
        return True

    async def _publish(self, paper: PaperId, version: Version, original: Sha256) -> None:
        try:
            await self.store.publish(paper, version, original)
        except NotFound:  # removed meanwhile: nothing of it stays
            await self.discard([version.id])
            raise

    async def _refused(self, paper: PaperId, original: Sha256, problem: Problem) -> None:
        await self.store.refuse(paper, original, problem)
        await self._forget_unused(original)

    async def _render_ahead(self, paper: PaperId) -> None:
        found = await self.store.paper(paper)
        if found is None or (version := found[0].version) is None:
            return
        try:
            async for done in self.drawing.images_ahead(version):
                self._rendered[version.id] = done
                await self._tell(paper)
            await self.store.count_rendered(version.id, self._rendered.pop(version.id, version.pages))
            await self.drawing.words_ahead(version)
        finally:
            if await self.store.paper(paper) is None:
                await self.discard([version.id])

    def _with_progress(self, paper: Paper) -> Paper:
        if (version := paper.version) is None:
            return paper
        drawn, broken = self._rendered.get(version.id, version.rendered), self.drawing.broken.count(version.id)
        return msgspec.structs.replace(paper, version=msgspec.structs.replace(version, rendered=drawn, broken=broken))

    async def _tell(self, paper: PaperId) -> None:
        if found := await self.store.paper(paper):
            self.on_change(self._with_progress(found[0]))
