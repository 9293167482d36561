#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""connections.py FERRYD SCHEMA_DIR: how much faster four connections are than one.

From an nginx on loopback that gives each connection 2 MB/s, to a file on /dev/shm. At least 3.5 times is claimed.
"""

import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))

SIZE = 60_000_000
RATE = 2_000_000  # bytes/s of one connection
CLAIMED = 3.5


def main():
    os.environ.setdefault("FERRYD", sys.argv[1])
    os.environ.setdefault("FERRY_SCHEMA_DIR", sys.argv[2])
    os.environ.setdefault("FERRY", "/bin/false")
    from ferrykit.content import Content, file_sha256  # the kit reads the environment when it is imported
    from ferrykit.nginx import Nginx
    from ferrykit.world import World

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        server = Nginx(os.path.join(folder, "nginx"), rate=RATE)
        content = Content(SIZE)
        server.add("big.bin", content)
        world = World(settings={"idle-exit": 0})
        world.daemon.start()
        seconds = {}
        for connections in (1, 4):
            target = os.path.join(folder, f"{connections}")
            began = time.monotonic()
            path = world.client.create(f"{server.origin}/limited/big.bin", target, connections=connections, start=True)
            ended = world.client.wait(path, timeout=120)
            seconds[connections] = time.monotonic() - began
            assert ended["State"] == "completed" and file_sha256(target) == content.sha256(), ended
            print(f"{connections}: {seconds[connections]:.2f} s, {SIZE / seconds[connections] / 1e6:.2f} MB/s")
        ratio = seconds[1] / seconds[4]
        print(f"{ratio:.2f} times as fast; {CLAIMED} are claimed")
        complaints = world.close()
        server.stop()
        assert not complaints, complaints
    return 0 if ratio >= CLAIMED else 1


if __name__ == "__main__":
    sys.exit(main())
