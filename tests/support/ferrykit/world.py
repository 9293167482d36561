# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All that one test sees: sealed homes, a session bus of its own, the built service, clients.

Closing a world ends only what was started in it, and fails the test on what must not be left behind.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from ferrykit.buses import Bus
from ferrykit.client import NAME, Client, Refused
from ferrykit.daemon import Daemon

SANITIZED = os.environ.get("FERRY_SANITIZED") == "1"
SCALE = 5 if SANITIZED else 1  # of every time limit: sanitizers make everything slower, and machines are shared

# What a service must never say. A test that provokes one of these names it by World.expect_log().
BAD_LOG = re.compile(
    r"-(CRITICAL|WARNING|ERROR) \*\*|ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer|assertion .* failed")

ACTIVATE = """#!/bin/sh
echo $$ >>'{root}/pids'
. '{root}/activation'
exec "$FERRYD" --verbose 2>>'{root}/ferryd.log'
"""

FAST = {"retry-delay": 20, "idle-exit": 0}


def program(variable):
    """A program or folder of the build, which the test runner names in the environment."""
    value = os.environ.get(variable)
    assert value, f"{variable} is not set: run by `meson test`"
    return value


class World:
    """See above. `settings` are GSettings keys and values as text or numbers."""

    def __init__(self, settings=None, system_bus=False):
        for variable in ("FERRYD", "FERRY_SCHEMA_DIR"):
            program(variable)  # fails before there is anything to tidy up
        self.root = tempfile.mkdtemp(prefix="ferry-", dir="/tmp")
        self.home = self._folder("home")
        self.downloads = self._folder("home/Downloads")
        self.state = os.path.join(self.root, "home/.local/state/ferry")
        self.log = os.path.join(self.root, "ferryd.log")
        self.expected_log = []
        self.clients = []
        self.cleanups = []  # called in reverse order when the world ends
        self.env = self._environment()
        self.settings_file = os.path.join(self._folder("home/.config/glib-2.0/settings"), "keyfile")
        self.write_settings({**FAST, **(settings or {})})
        self._install_activation()
        self.bus = Bus(self.root, service_folder=os.path.join(self.root, "services"), env=self.env)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.bus.address
        self.system_bus = None
        if system_bus:
            self.system_bus = Bus(self.root, name="system", kind="system", env=self.env)
        self.daemon = Daemon(self)
        try:
            self.client = self.new_client()
        except Exception:
            self.bus.stop()
            raise

    def _folder(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(path, exist_ok=True)
        return path

    def _environment(self):
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": self.home,
            "XDG_STATE_HOME": os.path.join(self.root, "home/.local/state"),
            "XDG_CONFIG_HOME": os.path.join(self.root, "home/.config"),
            "XDG_CACHE_HOME": os.path.join(self.root, "home/.cache"),
            "XDG_DATA_HOME": os.path.join(self.root, "home/.local/share"),
            "XDG_RUNTIME_DIR": self._folder("runtime"),
            "XDG_DATA_DIRS": "/usr/share",
            "GSETTINGS_BACKEND": "keyfile",
            "GSETTINGS_SCHEMA_DIR": program("FERRY_SCHEMA_DIR"),
            "GIO_USE_VFS": "local",
            "G_DEBUG": "fatal-criticals",
            "LC_ALL": "C.UTF-8",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.root}/system",
            "FERRYD": program("FERRYD"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        os.chmod(env["XDG_RUNTIME_DIR"], 0o700)
        return env

    def _install_activation(self):
        script = os.path.join(self.root, "activate")
        with open(script, "w", encoding="utf-8") as stream:
            stream.write(ACTIVATE.format(root=self.root))
        os.chmod(script, 0o755)
        self.set_activation_env({})
        service = os.path.join(self._folder("services"), f"{NAME}.service")
        with open(service, "w", encoding="utf-8") as stream:
            stream.write(f"[D-BUS Service]\nName={NAME}\nExec={script}\nSystemdService=ferryd.service\n")

    def set_activation_env(self, variables):
        """What a service started by activation finds in its environment in addition."""
        with open(os.path.join(self.root, "activation"), "w", encoding="utf-8") as stream:
            stream.writelines(f"export {name}='{value}'\n" for name, value in variables.items())

    def write_settings(self, values):
        """Replaces all settings, before the service starts."""
        with open(self.settings_file, "w", encoding="utf-8") as stream:
            stream.write("[org/ferry/Transfer1]\n")
            stream.writelines(f"{key}={value}\n" for key, value in values.items())

    def set_setting(self, key, value):
        """Writes one setting, as a person would while the service runs."""
        subprocess.run(["gsettings", "set", NAME, key, str(value)], env=self.env, check=True, timeout=20 * SCALE)

    def new_client(self):
        """Another connection."""
        client = Client(self.bus.address, SCALE)
        self.clients.append(client)
        return client

    def path(self, name):
        """A path in the folder for downloads."""
        return os.path.join(self.downloads, name)

    def expect_log(self, pattern):
        """Log lines of this kind are what the test is about."""
        self.expected_log.append(re.compile(pattern))

    def read_log(self):
        """What the service has said so far."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as stream:
                return stream.read()
        except FileNotFoundError:
            return ""

    def parts(self):
        """Partial files that are there."""
        return sorted(glob.glob(os.path.join(self.home, "**", ".ferry-*.part"), recursive=True, include_hidden=True))

    def bad_log_lines(self):
        """Lines of the log that nobody expected."""
        return [line for line in self.read_log().splitlines()
                if BAD_LOG.search(line) and not any(each.search(line) for each in self.expected_log)]

    def _orphans(self):
        """Partial files that belong to no operation which may still want them, as complaints."""
        if self.client.owner() is None:
            return []
        try:
            listed = self.client.list(all=True, properties=["Id", "State"])
        except Refused as error:
            return [f"List failed: {error}"]
        wanted = {f".ferry-{each['Id']}.part" for each in listed.values()
                  if each["State"] not in ("completed", "canceled")}
        return [f"orphan: {part}" for part in self.parts() if os.path.basename(part) not in wanted]

    def close(self):
        """Ends everything; what must not be left as a list of complaints."""
        try:
            complaints = self._orphans()
        except Exception as failure:  # whatever it is, what was started has to end
            complaints = [f"looking for orphans: {failure}"]
        for cleanup in reversed(self.cleanups):
            cleanup()
        for client in self.clients:
            client.iterate()
            if client.signals and not client.watches:
                complaints.append(f"signals to a client that never asked: {client.signals[:5]}")
            client.close()
        complaints += self.daemon.end()
        self.bus.stop()
        if self.system_bus:
            self.system_bus.stop()
        complaints += self._end_activated()
        complaints += self.bad_log_lines()
        complaints += [f"core file {core}" for core in glob.glob(os.path.join(self.root, "**/core*"), recursive=True)]
        if complaints and os.environ.get("FERRY_KEEP_WORLDS"):
            complaints.append(f"kept: {self.root}")
        else:
            shutil.rmtree(self.root, ignore_errors=True)
        return complaints

    def _end_activated(self):
        """Services that the bus started end with the bus; nobody else's processes are looked at."""
        deadline = time.monotonic() + 10 * SCALE
        alive = [pid for pid in self.activated() if is_alive(pid)]
        while alive and time.monotonic() < deadline:
            time.sleep(0.02)
            alive = [pid for pid in alive if is_alive(pid)]
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        return [f"service {pid} outlived its bus" for pid in alive]

    def activated(self):
        """Pids of services started by activation, in order."""
        try:
            with open(os.path.join(self.root, "pids"), encoding="ascii") as stream:
                return [int(line) for line in stream]
        except FileNotFoundError:
            return []


def is_alive(pid):
    """Whether the process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stream:
            return stream.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
