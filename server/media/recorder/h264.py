"""The little of H264 that a file must say beside the pictures: their size, and the avcC record (ISO 14496-15)."""

from __future__ import annotations

KEY = 5
PICTURE = frozenset({1, 2, 3, 4, 5})
"""Kinds of units that carry a part of a picture; 5 those of pictures that stand alone (ITU-T H.264 table 7-1)."""
HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
SIDE_LIMIT = 16_384
LARGEST_COUNT = 255


class _Bits:
    """The bits of a unit without its emulation octets (H.264 §7.4.1)."""

    def __init__(self, unit: bytes) -> None:
        plain = unit.replace(b"\x00\x00\x03", b"\x00\x00")
        self.value = int.from_bytes(plain)
        self.left = 8 * len(plain)

    def take(self, count: int) -> int:
        self.left -= count
        if self.left < 0:
            raise ValueError("the parameters are cut off")
        return self.value >> self.left & ((1 << count) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise ValueError("no number")
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        """A signed one."""
        number = self.ue()
        return (number + 1) // 2 if number & 1 else -(number // 2)


def picture_size(parameters: bytes) -> tuple[int, int]:
    """Width and height out of a sequence parameter set (§7.3.2.1.1). Raises ValueError when it makes no sense."""
    bits = _Bits(parameters[1:])
    profile = bits.take(8)
    bits.take(16)
    bits.ue()
    chroma = _high(bits) if profile in HIGH_PROFILES else 1
    bits.ue()
    _order_counts(bits)
    bits.ue()
    bits.take(1)
    width, height = (bits.ue() + 1) * 16, (bits.ue() + 1) * 16
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
        height *= 2
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.ue() for _ in range(4))
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width, height = width - across * (left + right), height - down * (top + bottom)
    if not 0 < width <= SIDE_LIMIT or not 0 < height <= SIDE_LIMIT:
        raise ValueError("no picture has that size")
    return width, height


def _high(bits: _Bits) -> int:
    chroma = bits.ue()
    if chroma == 3:
        bits.take(1)
    bits.ue()
    bits.ue()
    bits.take(1)
    if bits.take(1):
        for index in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _scaling(bits, 16 if index < 6 else 64)
    return chroma


def _scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) & 0xFF
        last = following or last


def _order_counts(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.take(1)
        bits.se()
        bits.se()
        count = bits.ue()
        if count > LARGEST_COUNT:
            raise ValueError("no such cycle")
        for _ in range(count):
            bits.se()


def configuration(sequence: bytes, picture: bytes) -> bytes:
    """The avcC record of one sequence and one picture parameter set; units carry lengths of four octets."""
    head = bytes((1, *sequence[1:4], 0xFF, 0xE1))
    return head + len(sequence).to_bytes(2) + sequence + b"\x01" + len(picture).to_bytes(2) + picture
