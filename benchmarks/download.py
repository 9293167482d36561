#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""download.py FERRYD SCHEMA_DIR [ROUNDS]: what a download of 1 GiB costs, beside curl in the same run.

CPU seconds of the client process alone, from nginx on loopback to a file on /dev/shm; medians over interleaved rounds
after one to warm up. Ratios are what counts: absolute figures are this machine's, at this hour.
"""

import os
import sys

from besidecurl import SIZE, measure


def prepare(server, folder, world):
    """A file of nothing, from the server's folder into ours."""
    target = os.path.join(folder, "result")
    url = f"{server.origin}/big.bin"
    with open(os.path.join(server.www, "big.bin"), "wb") as stream:
        stream.truncate(SIZE)

    def check():
        assert os.path.getsize(target) == SIZE
        os.unlink(target)

    return ["-o", target, url], lambda: world.client.create(url, target, start=True), check


if __name__ == "__main__":
    measure(sys.argv[1:], prepare)
