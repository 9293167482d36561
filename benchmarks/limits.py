#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""limits.py FERRYD SCHEMA_DIR [SECONDS]: how exactly speeds are limited, and what that costs.

From nginx on loopback to files on /dev/shm. Each line: the limit, the speed over so many seconds from the first byte on
and its deviation, for a limit of all also each operation's part, wake-ups and CPU time a second of the service.
"""

import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))

SIZE = 4 << 30
OWN = (1_000, 50_000, 1_000_000, 20_000_000, 100_000_000)  # max-speed of one operation, bytes/s
ALL = (50_000, 1_000_000, 50_000_000)  # download-speed-limit for OPERATIONS operations
OPERATIONS = 4


def cost_of(pid):
    """CPU seconds, and voluntary context switches, of a process, all its threads."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    switches = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as stream:
            switches += sum(int(line.split()[1]) for line in stream if line.startswith("voluntary"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), switches


def main():
    ferryd, schemas = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 10
    os.environ.setdefault("FERRYD", ferryd)
    os.environ.setdefault("FERRY_SCHEMA_DIR", schemas)
    os.environ.setdefault("FERRY", "/bin/false")
    from ferrykit.nginx import Nginx  # the kit reads the environment when it is imported
    from ferrykit.world import World

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        server = Nginx(os.path.join(folder, "nginx"))
        with open(os.path.join(server.www, "big.bin"), "wb") as stream:
            stream.truncate(SIZE)
        world = World(settings={"idle-exit": 0})
        world.daemon.start()
        client, pid = world.client, world.daemon.pid

        def measure(limit, n_operations, **options):
            paths = [client.create(f"{server.origin}/big.bin", os.path.join(folder, f"result-{n}"), **options)
                     for n in range(n_operations)]
            for path in paths:
                client.verb(path, "Start")
            client.wait_until(lambda: all(client.get(path, "BytesReceived") for path in paths))
            before, began, held = cost_of(pid), time.monotonic(), [client.get(path, "BytesReceived") for path in paths]
            time.sleep(seconds)
            span, got = time.monotonic() - began, [client.get(path, "BytesReceived") for path in paths]
            cost = [after - earlier for after, earlier in zip(cost_of(pid), before)]
            speeds = [(now - then) / span for now, then in zip(got, held)]
            print(f"{limit:>11} B/s, {n_operations} operation(s): {sum(speeds):>12.0f} B/s"
                  f" ({100 * (sum(speeds) / limit - 1):+.2f} %), at once {sum(held)} B,"
                  f" each {100 * min(speeds) * n_operations / limit:.0f} to {100 * max(speeds) * n_operations / limit:.0f} %"
                  f" of its part; {cost[1] / span:.0f} wake-ups/s, {100 * cost[0] / span:.1f} % CPU", flush=True)
            for path in paths:
                client.verb(path, "Cancel")
                client.verb(path, "Remove")

        for limit in OWN:
            measure(limit, 1, max_speed=limit)
        for limit in ALL:
            world.set_setting("download-speed-limit", f"uint64 {limit}")
            time.sleep(0.5)
            measure(limit, OPERATIONS)
        world.daemon.end()
        world.close()
        server.stop()


main()
