# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Private message buses."""

import os
import re
import socket
import subprocess
import time

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <listen>unix:path={path}</listen>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""


class Bus:
    """A dbus-daemon of its own, from construction to stop()."""

    def __init__(self, folder, name="session", kind="session", service_folder=None, env=None):
        self.path = os.path.join(folder, name)
        self.address = f"unix:path={self.path}"
        config = f"{self.path}.conf"
        services = f"<servicedir>{service_folder}</servicedir>" if service_folder else ""
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(CONFIG.format(kind=kind, path=self.path, services=services))
        self._command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"]
        self._env = {**(env or os.environ), "DBUS_SESSION_BUS_ADDRESS": self.address}
        self.start()

    def start(self):
        """Begins, once more after stop()."""
        with open(f"{self.path}.log", "ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not self._listens():
            assert self.process.poll() is None and time.monotonic() < deadline, "dbus-daemon did not start"
            time.sleep(0.005)

    def _listens(self):
        # The socket is there before anybody listens on it.
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.path) == 0

    def stop(self):
        """Ends it. What it activated loses its connection."""
        self.process.terminate()
        self.process.wait(10)


class Monitor:
    """Counts every message on a bus, as an eavesdropper sees it."""

    LINE = re.compile(r"^(mc|mr|sig|err)\t")

    def __init__(self, bus):
        self._path = f"{bus.path}.monitor"
        with open(self._path, "wb") as output:
            self._process = subprocess.Popen(
                ["dbus-monitor", "--address", bus.address, "--profile"], stdout=output,
                stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"})
        deadline = time.monotonic() + 10
        # Its own Hello, AddMatch and NameAcquired are over once it has become a monitor.
        while not self.lines() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)

    def lines(self):
        """Messages so far, one line each, tab-separated: kind, time, serial, sender, destination, path, …"""
        with open(self._path, encoding="utf-8") as stream:
            return [line for line in stream.read().splitlines() if self.LINE.match(line)]

    def stop(self):
        """Ends it and returns the last lines()."""
        self._process.terminate()
        self._process.wait(10)
        return self.lines()
