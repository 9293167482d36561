#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""download.py FERRYD SCHEMA_DIR [ROUNDS]: what a download of 1 GiB costs, beside curl in the same run.

CPU seconds of the client process alone, from nginx on loopback to a file on /dev/shm; medians over interleaved rounds
after one to warm up. Ratios are what counts: absolute figures are this machine's, at this hour.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))

SIZE = 1 << 30


def cpu_of(pid):
    """User and system seconds of a process, all its threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    ferryd, schemas = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    os.environ.setdefault("FERRYD", ferryd)
    os.environ.setdefault("FERRY_SCHEMA_DIR", schemas)
    os.environ.setdefault("FERRY", "/bin/false")
    from ferrykit.client import options  # the kit reads the environment when it is imported
    from ferrykit.nginx import Nginx
    from ferrykit.world import World

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        server = Nginx(os.path.join(folder, "nginx"))
        with open(os.path.join(server.www, "big.bin"), "wb") as stream:
            stream.truncate(SIZE)
        url = f"{server.origin}/big.bin"
        target = os.path.join(folder, "result")
        world = World(settings={"idle-exit": 0})
        world.daemon.start()
        pid = world.daemon.pid
        figures = {"curl": [], "ferryd": []}
        for number in range(rounds + 1):
            began = time.monotonic()
            process = subprocess.Popen(["curl", "-s", "-o", target, url])
            _, _, usage = os.wait4(process.pid, 0)
            curl = (usage.ru_utime + usage.ru_stime, time.monotonic() - began)
            os.unlink(target)
            before, began = cpu_of(pid), time.monotonic()
            path = world.client.create(url, target, **{"start": True})
            ended = world.client.wait(path, timeout=60)
            assert ended["State"] == "completed" and os.path.getsize(target) == SIZE, ended
            ferry = (cpu_of(pid) - before, time.monotonic() - began)
            os.unlink(target)
            if number > 0:
                figures["curl"].append(curl)
                figures["ferryd"].append(ferry)
        for name, rows in figures.items():
            print(f"{name:7} CPU {statistics.median(row[0] for row in rows):.2f} s, "
                  f"wall {statistics.median(row[1] for row in rows):.2f} s")
        ratios = [mine[0] / theirs[0] for mine, theirs in zip(figures["ferryd"], figures["curl"])]
        print(f"ferryd/curl, CPU: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        print(*world.close(), sep="\n")
        server.stop()


if __name__ == "__main__":
    main()
