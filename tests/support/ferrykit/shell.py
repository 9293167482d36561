# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The `ferry` command, as a person and as a script would use it."""

import json
import os
import select
import signal
import subprocess
import time

from ferrykit.world import SCALE, program


class Shell:
    """Runs `ferry` in a world."""

    def __init__(self, world):
        self.world = world
        self.env = {**world.env, "TERM": "xterm", "COLUMNS": "80"}

    def __call__(self, *arguments, code=0, timeout=30, text=None):
        """`text` is what comes from standard input, where that is not the caller's own."""
        done = subprocess.run([program("FERRY"), *arguments], env=self.env, cwd=self.world.downloads,
                              capture_output=True, input=text, text=True, timeout=timeout * SCALE, check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *arguments, **more):
        """Without waiting."""
        return subprocess.Popen([program("FERRY"), *arguments], env=self.env, cwd=self.world.downloads,
                                stdin=subprocess.DEVNULL, **more)

    def json(self, *arguments):
        """What it prints with --json."""
        return json.loads(self(*arguments, "--json").stdout)


def read_terminal(master, process, timeout=30):
    """All that a program writes to its terminal."""
    data = b""
    deadline = time.monotonic() + timeout * SCALE
    while time.monotonic() < deadline:
        readable, _, _ = select.select([master], [], [], 0.1)
        if readable:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            data += piece
        elif process.poll() is not None:
            break
    return data.decode("utf-8", "replace")


def catches_interrupts(process):
    """Whether the process has a handler for SIGINT."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as stream:
        caught = next(line for line in stream if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1))
