"""A screenshot, made smaller: its 256 most frequent colours in a palette, all others by the nearest of them.

    python script/palette_png.py IN.png OUT.png

Reads what Chromium writes: 8 bits a channel, RGB, not interlaced.
"""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 2
PALETTE = 3
MOST_COLOURS = 256


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each part of the file, in order."""
    place = len(SIGNATURE)
    while place < len(png):
        (size,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        place += size + 12


def pixels(png: bytes) -> Bytes:
    """Rows, columns, channels. Raises `ValueError` for another kind of PNG."""
    parts = list(chunks(png))
    width, height, *form = struct.unpack(">IIBBBBB", parts[0][1])
    if form != [8, RGB, 0, 0, 0]:
        message = f"not the kind of PNG that Chromium writes: {form}"
        raise ValueError(message)
    raw = zlib.decompress(b"".join(content for kind, content in parts if kind == b"IDAT"))
    rows = np.frombuffer(raw, np.uint8).reshape(height, 1 + 3 * width)
    above = np.zeros((width, 3), np.uint8)
    image = np.empty((height, width, 3), np.uint8)
    for number, row in enumerate(rows):
        above = image[number] = unfiltered(row[0], row[1:].reshape(width, 3), above)
    return image


def unfiltered(kind: int, row: Bytes, above: Bytes) -> Bytes:
    """One row's colours: PNG stores differences to the left, upper and upper left neighbours (PNG specification, 9)."""
    if kind == 0:
        return row
    if kind == 1:
        return np.cumsum(row, axis=0, dtype=np.uint8)
    if kind == 2:  # noqa: PLR2004 (the number in the specification)
        return row + above
    return np.array(list(_mixed(kind, row.tolist(), above.tolist())), np.uint8)


def _mixed(kind: int, row: list[list[int]], above: list[list[int]]) -> Iterator[list[int]]:
    left, corner = [0, 0, 0], [0, 0, 0]
    guess = _average if kind == 3 else _paeth  # noqa: PLR2004 (the number in the specification)
    for colour, up in zip(row, above):
        left = [(v + guess(a, b, c)) % 256 for v, a, b, c in zip(colour, left, up, corner)]
        corner = up
        yield left


def _average(left: int, up: int, _corner: int) -> int:
    return (left + up) // 2


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda neighbour: abs(estimate - neighbour))


def with_palette(image: Bytes) -> bytes:
    """The same picture as a PNG with a palette."""
    flat = image.reshape(-1, 3).astype(np.int64)
    colours, place, counts = np.unique(flat @ [65536, 256, 1], return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:MOST_COLOURS]]
    palette, wanted = _channels(kept), _channels(colours)
    nearest = np.array([np.abs(palette - colour).sum(axis=1).argmin() for colour in wanted], np.uint8)
    rows = nearest[place].reshape(image.shape[:2])
    unchanged = np.zeros((len(rows), 1), np.uint8)
    header = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, PALETTE, 0, 0, 0)
    parts = (
        (b"IHDR", header),
        (b"PLTE", palette.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(np.hstack([unchanged, rows]).tobytes(), 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def _channels(
    colours: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(with_palette(pixels(Path(sys.argv[1]).read_bytes())))
