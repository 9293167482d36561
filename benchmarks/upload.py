#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upload.py FERRYD SCHEMA_DIR [ROUNDS]: what an upload of 1 GiB costs, beside curl in the same run.

CPU seconds of the client process alone, from a file on /dev/shm to nginx on loopback, by PUT; medians over interleaved
rounds after one to warm up. Ratios are what counts: absolute figures are this machine's, at this hour.
"""

import os
import sys

from besidecurl import SIZE, measure


def prepare(server, folder, world):
    """A file with bytes in it (holes would be cheaper than any real file), into the server's folder."""
    source = os.path.join(folder, "source")
    stored = os.path.join(server.www, "dav", "big.bin")
    url = f"{server.origin}/dav/big.bin"
    with open(source, "wb") as stream:
        for _ in range(SIZE >> 20):
            stream.write(b"\xa5" * (1 << 20))

    def check():
        assert os.path.getsize(stored) == SIZE
        os.unlink(stored)

    return ["-T", source, url], lambda: world.client.upload(url, source, start=True), check


if __name__ == "__main__":
    measure(sys.argv[1:], prepare)
