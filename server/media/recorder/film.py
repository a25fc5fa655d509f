"""One MP4 of stage and page out of a recording: `python -m server.media.recorder.film FOLDER`.

A process of its own, locked in: it decodes what people sent. It writes the percentage done to its standard output, a
line each, and ends with status 0 when `film.mp4` is whole.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec
from PIL import Image, ImageDraw, ImageFont

from server.clock import Millis
from server.confine import PROGRAM_FILES, Policy, confine
from server.media.recorder.folder import recorded_in
from server.media.recorder.index import Recorded, Track
from server.media.recorder.layout import Box, Layout, fitted, layout
from server.media.recorder.pictures import Pictures
from server.media.recorder.plan import FILM, PART, PLAN, CaptionFrom, Plan, caption_at, page_at, parts_of
from server.media.recorder.voices import PIECE, PIECE_MS, RATE, Voice, mixed

PICTURES_A_SECOND = 12
DARK, PAPER, INK = (20, 24, 33), (236, 233, 226), (240, 240, 244)
FONTS = Path(__file__).resolve().parents[2] / "fonts"
LINES = 8
LONGEST_CPU_S, LARGEST_FILM_MB = 7 * 86_400, 200_000
"""Far more than the longest session takes."""


class Film:
    """The film as it grows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
        self.recorded: Recorded = recorded_in(folder)
        self.parts = parts_of(self.recorded)
        self.length = sum(one.ended_at - one.began_at for one in self.parts)
        self.stage, self.screen = self._pictures("picture"), self._pictures("screen")
        voices: tuple[Track, ...] = ("voice0", "voice1", "voice2")
        self.voices = [Voice(folder, self._segments(name)) for name in voices]
        self.base: tuple[object, Image.Image] | None = None
        size = self.plan.height // 36
        self.small, self.large = (
            ImageFont.truetype(str(FONTS / f"LiberationSerif-{name}.ttf"), size * scale // 4)
            for name, scale in (("Regular", 4), ("Bold", 5))
        )

    def _segments(self, track: Track) -> list[Any]:
        return [one for one in self.recorded.segments if one.track == track and one.ended_at]

    def _pictures(self, track: Track) -> Pictures:
        return Pictures(self.folder, self._segments(track))

    def make(self) -> Iterator[int]:
        """Write the film; yields the percentage whenever it grows. Raises ValueError when nothing was recorded."""
        if not self.length:
            raise ValueError("nothing was recorded")
        with av.open(str(self.folder / PART), "w", format="mp4", options={"movflags": "faststart"}) as out:
            picture = out.add_stream("libx264", rate=PICTURES_A_SECOND, options={"preset": "veryfast", "crf": "25"})
            picture.width, picture.height = self.plan.height * 16 // 9, self.plan.height
            picture.pix_fmt = "yuv420p"
            sound = out.add_stream("aac", rate=RATE, layout="mono")
            yield from self._fill(out, picture, sound)
            out.mux(picture.encode(None))
            out.mux(sound.encode(None))
        (self.folder / PART).replace(self.folder / FILM)

    def _fill(self, out: Any, picture: Any, sound: Any) -> Iterator[int]:
        heard = shown = percent = 0
        for part in self.parts:
            end = part.offset + part.ended_at - part.began_at
            while (at := shown * 1000 // PICTURES_A_SECOND) < end:
                moment = part.began_at + at - part.offset
                out.mux(picture.encode(self._frame(moment, shown)))
                shown += 1
                while heard * PIECE_MS <= at:
                    out.mux(sound.encode(self._sound(part.began_at + heard * PIECE_MS - part.offset, heard)))
                    heard += 1
                if at * 100 // self.length > percent:
                    percent = at * 100 // self.length
                    yield percent

    def _sound(self, moment: Millis, number: int) -> Any:
        frame = av.AudioFrame(format="s16", layout="mono", samples=PIECE)
        frame.planes[0].update(mixed([voice.take(moment) for voice in self.voices]).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * PIECE, Fraction(1, RATE)
        return frame

    def _frame(self, moment: Millis, number: int) -> Any:
        stage, screen = self.stage.at(moment), self.screen.at(moment)
        page = "" if screen is not None else page_at(self.plan, moment)
        places = layout(self.plan.height, bool(page) or screen is not None)
        image = self._base(places, page, caption_at(self.plan, moment)).copy()
        if screen is not None and places.paper is not None:
            _paste(image, screen, places.paper)
        if stage is not None:
            _paste(image, stage, places.stage)
        frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
        frame.pts, frame.time_base = number, Fraction(1, PICTURES_A_SECOND)
        return frame

    def _base(self, places: Layout, page: str, caption: CaptionFrom) -> Image.Image:
        """What stays for a while: the page and the words."""
        key = (places, page, caption.item, caption.speaker)
        if self.base is None or self.base[0] != key:
            image = Image.new("RGB", (self.plan.height * 16 // 9, self.plan.height), DARK)
            if places.paper is not None and page:
                _paste_page(image, self.folder / page, places.paper)
            self._write(image, places.words, caption)
            self.base = (key, image)
        return self.base[1]

    def _write(self, image: Image.Image, box: Box, caption: CaptionFrom) -> None:
        draw, y = ImageDraw.Draw(image), box.y
        for text, font in ((caption.speaker, self.large), (caption.item, self.small), (self.plan.title, self.small)):
            for line in _lines(text, font, box.width):
                if y + font.size * 1.3 > box.y + box.height:
                    return
                draw.text((box.x, y), line, INK, font)
                y += int(font.size * 1.3)
            y += int(font.size * 0.4) if text else 0


def _paste(image: Image.Image, frame: Any, box: Box) -> None:
    place = fitted((frame.width, frame.height), box)
    image.paste(frame.to_image(width=place.width, height=place.height), (place.x, place.y))


def _paste_page(image: Image.Image, file: Path, box: Box) -> None:
    image.paste(PAPER, (box.x, box.y, box.x + box.width, box.y + box.height))
    if file.is_file():
        with Image.open(file) as page:
            place = fitted(page.size, box)
            scaled = page.convert("RGB").resize((place.width, place.height), Image.Resampling.LANCZOS)
        image.paste(scaled, (place.x, place.y))


def _lines(text: str, font: Any, width: int) -> list[str]:
    """The text in lines that fit; the last one says when something is left out."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[LINES - 1] + " …"]


def lock_in(folder: Path) -> list[str]:
    """From here on this process writes into its folder and does little else; the layers this kernel cannot give."""
    return confine(Policy(PROGRAM_FILES, [str(folder)], cpu_s=LONGEST_CPU_S, file_mb=LARGEST_FILM_MB))


def main(folder: Path) -> None:
    """Make the film of a folder."""
    missing = lock_in(folder)
    if missing:
        sys.stderr.write(f"a film is made without {', '.join(missing)}\n")
    for percent in Film(folder).make():
        sys.stdout.write(f"{percent}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
