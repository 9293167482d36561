# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bodies that need no disk: any range of any size, the same bytes for the same seed, different at every offset."""

import hashlib
import random
import sys

BLOCK = 1 << 20  # long enough that making the bytes costs nothing per block


class Content:
    """The bytes of one representation."""

    def __init__(self, size, seed=1):
        self.size = size
        self.seed = seed
        self._block = random.Random(seed).randbytes(BLOCK)
        self._last = (None, b"")  # number and bytes of the block made last: the next piece is mostly of it too

    def read(self, offset, length):
        """The bytes from `offset` on, at most `length`, fewer at the end."""
        end = min(offset + length, self.size)
        pieces = []
        while offset < end:
            number, within = divmod(offset, BLOCK)
            piece = self._numbered(number)[within : within + end - offset]
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def _numbered(self, number):
        # Each block starts with its own number, so that a block at the wrong place is seen.
        known, block = self._last
        if known != number:
            block = number.to_bytes(8, "big") + self._block[8:]
            self._last = (number, block)
        return block

    def chunks(self, start, end, size=1 << 16):
        """The bytes from `start` up to `end` (not included) in pieces."""
        while start < end:
            piece = self.read(start, min(size, end - start))
            yield piece
            start += len(piece)

    def sha256(self):
        """Hex digest of all of it."""
        digest = hashlib.sha256()
        for piece in self.chunks(0, self.size, BLOCK):
            digest.update(piece)
        return digest.hexdigest()


def file_sha256(path):
    """Hex digest of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(BLOCK):
            digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    print(Content(int(sys.argv[1])).sha256())
