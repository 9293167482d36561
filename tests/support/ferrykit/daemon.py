# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service as a process: started, killed, started again."""

import os
import signal
import subprocess
import time

from ferrykit.client import NAME, Refused


class Daemon:
    """One service at a time, started by the test itself; activation is the world's."""

    def __init__(self, world):
        self.world = world
        self.process = None  # what was started: the service or strace around it
        self.pid = None  # of the service itself

    def start(self, *arguments, failpoint=None, env=None, prefix=(), wait=True, leaks=True):
        """Starts it and waits until it owns its name. `prefix` goes in front (strace, setpriv); `leaks` are looked for.
        """
        assert self.process is None or self.process.poll() is not None
        environment = {**self.world.env, **(env or {})}
        if failpoint:
            environment["FERRYD_FAILPOINT"] = failpoint
        if not leaks or (prefix and "strace" in prefix[0]):
            asan = environment.get("ASAN_OPTIONS", "")
            environment["ASAN_OPTIONS"] = f"{asan}:detect_leaks=0".lstrip(":")
        with open(self.world.log, "ab") as log:
            self.process = subprocess.Popen(
                [*prefix, environment["FERRYD"], "--verbose", *arguments], env=environment, cwd=self.world.root,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = None
        if wait:
            self.wait_for_name()

    def wait_for_name(self, timeout=20):
        """Waits until the service owns its name."""
        client = self.world.client
        deadline = time.monotonic() + timeout * client.scale
        while client.owner() is None:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"ferryd exited with {self.process.returncode}:\n{self.world.read_log()[-2000:]}")
            assert time.monotonic() < deadline, "ferryd does not take its name"
            time.sleep(0.005)
        self.pid = self.bus_pid()

    def bus_pid(self):
        """The process that owns the name, or None."""
        try:
            return self.world.client.bus("GetConnectionUnixProcessID", "(s)", NAME)[0]
        except Refused:
            return None

    def wait_exit(self, timeout=20):
        """Waits until the process started is gone; its return code."""
        return self.process.wait(timeout * self.world.client.scale)

    def kill(self):
        """SIGKILL, and nobody owns the name any more."""
        pid = self.bus_pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.wait_exit()
        self.wait_gone()

    def wait_gone(self, timeout=20):
        """Waits until nobody owns the name."""
        self.world.client.wait_until(lambda: self.world.client.owner() is None, timeout, lambda: "gone")

    def restart(self, **more):
        """kill(), then start()."""
        self.kill()
        self.start(**more)

    def end(self):
        """Asks it to end as a session would; complaints where it does not do so cleanly."""
        if self.process is None or self.process.poll() is not None:
            return []
        os.kill(self.pid or self.process.pid, signal.SIGTERM)
        try:
            code = self.wait_exit(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return ["ferryd did not end within its time after SIGTERM"]
        return [] if code == 0 else [f"ferryd ended with {code} after SIGTERM"]


def resident(pid):
    """Resident memory of a process, in bytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
        for line in stream:
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no Rss in smaps_rollup")
