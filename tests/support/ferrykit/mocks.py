# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Services of the buses, played by python-dbusmock."""

import json
import subprocess
import time

from ferrykit.client import PROPERTIES, Client, GLib, Refused

MOCK = "org.freedesktop.DBus.Mock"


class Mock:
    """One process that plays one service, by one of dbusmock's templates or as a bare object.

    On the system bus, unless `session`. `parameters` are the template's.
    """

    def __init__(self, world, name, path, interface, template=None, session=False, parameters=None):
        bus = world.bus if session else world.system_bus
        self.name = name
        self.path = path
        self.interface = interface
        what = ["--template", template] if template else ["--session" if session else "--system", name, path, interface]
        if parameters:
            what += ["--parameters", json.dumps(parameters)]
        self._client = Client(bus.address, world.client.scale)
        with open(f"{bus.path}.mocks.log", "ab") as log:
            self._process = subprocess.Popen(
                ["/usr/bin/python3", "-m", "dbusmock", *what], env=world.env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        self.pid = self._process.pid
        world.cleanups.append(self.stop)
        self._client.wait_until(self._is_there, 20, lambda: f"{name} on the bus")

    def _is_there(self):
        assert self._process.poll() is None, f"the mock of {self.name} ended"
        try:
            self.call(self.path, PROPERTIES, "GetAll", "(s)", self.interface)
            return True
        except Refused:
            return False

    def call(self, path, interface, method, signature="()", *arguments):
        """A method of what is played, or of dbusmock itself."""
        return self._client.call(path, interface, method, signature, *arguments, destination=self.name)

    def add(self, **values):
        """Properties that the object does not have yet."""
        self.call(self.path, MOCK, "AddProperties", "(sa{sv})", self.interface, values)

    def set(self, path=None, interface=None, **values):
        """New values, with PropertiesChanged; the time at which they were told."""
        self.call(path or self.path, MOCK, "UpdateProperties", "(sa{sv})", interface or self.interface, values)
        return time.monotonic()

    def calls(self, method):
        """The arguments of each call of a method so far."""
        return [arguments for _, arguments in self.call(self.path, MOCK, "GetMethodCalls", "(s)", method)[0]]

    def emit(self, signal, signature, *arguments):
        """A signal of what is played."""
        values = [GLib.Variant(code, value) for code, value in zip(signature, arguments)]
        self.call(self.path, MOCK, "EmitSignal", "(sssav)", self.interface, signal, signature, values)

    def stop(self):
        """Takes it off the bus."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(10)
        self._client.close()
