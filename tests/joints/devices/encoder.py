"""FFmpeg (as PyAV brings it along) as an encoder: `encoder.py ADDRESS TOKEN CERTIFICATE KEY`, until a line comes in.

A process of its own: FFmpeg holds the interpreter while it waits for answers. Its last word is "closed", or what was
wrong.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from array import array
from fractions import Fraction

import av

PICTURES_A_SECOND = 15
BRIGHTNESS = 170
TONE = array("h", [int(9_000 * math.sin(sample / 2 * 2 * math.pi / 100)) for sample in range(1_920)]).tobytes()


def main(address: str, token: str, certificate: str, key: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    options = {"authorization": token, "cert_file": certificate, "key_file": key}
    with av.open(address, "w", format="whip", options=options) as out:
        coding = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "15"}
        picture = out.add_stream("libx264", rate=PICTURES_A_SECOND, options=coding)
        picture.width, picture.height, picture.pix_fmt = 320, 180, "yuv420p"
        sound = out.add_stream("libopus", rate=48_000, layout="stereo")
        out.start_encoding()
        began, number, heard = time.monotonic(), 0, 0
        while not stop.is_set():
            out.mux(picture.encode(_picture(number)))
            while heard * PICTURES_A_SECOND <= number * 50:
                out.mux(sound.encode(_sound(heard)))
                heard += 1
            number += 1
            stop.wait(max(0.0, began + number / PICTURES_A_SECOND - time.monotonic()))


def _picture(number: int) -> av.VideoFrame:
    frame = av.VideoFrame(320, 180, "yuv420p")
    for plane, value in zip(frame.planes, (BRIGHTNESS, 128, 128), strict=True):
        plane.update(bytes((value,)) * plane.buffer_size)
    frame.pts, frame.time_base = number, Fraction(1, PICTURES_A_SECOND)
    return frame


def _sound(number: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
    frame.planes[0].update(TONE)
    frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
    return frame


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        sys.stdout.write("closed\n")
    except av.error.FFmpegError as error:
        sys.stdout.write(f"{type(error).__name__}: {error.strerror}\n")
