# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same transfer by the service and by curl, in turn: what either costs."""

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


def measure(arguments, prepare):
    """FERRYD SCHEMA_DIR [ROUNDS]; prepare(nginx, folder, world) gives what curl is told, a function that creates the
    same operation, and one that checks what came of it and clears away."""
    ferryd, schemas = arguments[:2]
    rounds = int(arguments[2]) if len(arguments) > 2 else 7
    os.environ.setdefault("FERRYD", ferryd)
    os.environ.setdefault("FERRY_SCHEMA_DIR", schemas)
    os.environ.setdefault("FERRY", "/bin/false")
    from ferrykit.nginx import Nginx  # the kit reads the environment when it is imported
    from ferrykit.world import World

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        server = Nginx(os.path.join(folder, "nginx"))
        world = World(settings={"idle-exit": 0})
        world.daemon.start()
        told, create, check = prepare(server, folder, world)
        pid = world.daemon.pid
        figures = {"curl": [], "ferryd": []}
        for number in range(rounds + 1):
            began = time.monotonic()
            process = subprocess.Popen(["curl", "-s", *told])
            _, _, usage = os.wait4(process.pid, 0)
            curl = (usage.ru_utime + usage.ru_stime, time.monotonic() - began)
            check()
            before, began = cpu_of(pid), time.monotonic()
            ended = world.client.wait(create(), timeout=60)
            assert ended["State"] == "completed", ended
            ferry = (cpu_of(pid) - before, time.monotonic() - began)
            check()
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
