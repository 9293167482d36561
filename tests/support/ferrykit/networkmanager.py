# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A NetworkManager that says what a test tells it to."""

import os
import signal
import subprocess

import gi

gi.require_version("Gio", "2.0")
from gi.repository import GLib  # noqa: E402

from ferrykit.client import Client, Refused  # noqa: E402
from ferrykit.world import SCALE  # noqa: E402

NAME = "org.freedesktop.NetworkManager"
PATH = "/org/freedesktop/NetworkManager"
MAIN = "/org/freedesktop"
MOCK = "org.freedesktop.DBus.Mock"

CONNECTIVITY = {"unknown": 0, "none": 1, "portal": 2, "limited": 3, "full": 4}
METERED = {"unknown": 0, "yes": 1, "no": 2, "guess-yes": 3, "guess-no": 4}
STATE = {"unknown": 0, "asleep": 10, "disconnected": 20, "connecting": 40, "local": 50, "global": 70}
UNMANAGED, DISCONNECTED = 10, 30  # of a device


def default_route_interfaces():
    """Interfaces of this very machine that a default route goes by: the mock has to own them, or not."""
    with open("/proc/net/route", encoding="ascii") as stream:
        found = {words[0] for words in map(str.split, stream) if words[1] == words[7] == "00000000"}
    with open("/proc/net/ipv6_route", encoding="ascii") as stream:
        found |= {words[9] for words in map(str.split, stream) if words[0] == "0" * 32 and words[1] == "00"}
    return sorted(found - {"lo"})


class NetworkManager:
    """On the world's system bus, as a process, from start() to stop(). `manages`: the machine's interfaces are its."""

    def __init__(self, world, manages=True, **properties):
        self.world = world
        self.manages = manages
        self.properties = {"connectivity": "full", "metered": "no", "state": "global", **properties}
        self.process = None
        self.client = Client(world.system_bus.address, SCALE)
        world.cleanups.append(self.close)

    def start(self):
        """Takes its name with all its properties there."""
        with open(os.path.join(self.world.root, "networkmanager.log"), "ab") as log:
            # The template comes after the name, and what libnm asks for between is nothing that NetworkManager ever
            # shows: under another name first.
            self.process = subprocess.Popen(
                ["/usr/bin/python3", "-m", "dbusmock", "--system", "--is-object-manager", "org.ferry.Mock", MAIN, MOCK],
                env=self.world.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.client.wait_until(lambda: self._owned("org.ferry.Mock"), what=lambda: "a mock")
        self._mock(MAIN, "AddTemplate", "(sa{sv})", "networkmanager", {})
        self._mock(PATH, "AddProperty", "(ssv)", NAME, "Metered", GLib.Variant("u", 0))
        for number, interface in enumerate(default_route_interfaces() if self.manages else []):
            self._mock(MAIN, "AddEthernetDevice", "(ssi)", f"mock{number}", interface, DISCONNECTED)
        self.set(**self.properties)
        self._mock(MAIN, "AddMethod", "(sssss)", "", "TakeName", "", "",
                   f"self.taken = dbus.service.BusName({NAME!r}, self.connection)")
        self.client.call(MAIN, MOCK, "TakeName", destination="org.ferry.Mock")
        return self

    def _owned(self, name):
        try:
            return self.client.bus("GetNameOwner", "(s)", name)[0]
        except Refused:
            return None

    def _mock(self, path, method, signature, *arguments):
        return self.client.call(path, MOCK, method, signature, *arguments, destination="org.ferry.Mock")

    def set(self, **properties):
        """Changes what it says: connectivity, metered, state."""
        tables = {"connectivity": CONNECTIVITY, "metered": METERED, "state": STATE}
        self.properties.update(properties)
        self._mock(PATH, "UpdateProperties", "(sa{sv})", NAME,
                   {name.capitalize(): GLib.Variant("u", tables[name][value]) for name, value in properties.items()})

    def freeze(self):
        """It hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """It goes on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """It leaves the bus."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)
        self.process = None

    def close(self):
        """Ends what there is."""
        if self.process is not None:
            self.stop()
        self.client.close()
