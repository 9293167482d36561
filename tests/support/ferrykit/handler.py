#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An application that Ferry calls back, started by the bus; what it does is written in a file.

As a module: Handler installs one in a world. As a program: the application itself. It notes each call as a line of
JSON in `calls`, and does what the next line of `script` says: answer, slow (to answer), error, crash, hang, exit
(after answering), release (its name), create (a new group from inside the call).
"""

import json
import os
import sys
import time

NAME = "org.example.Handler"
INTERFACES = """<node>
  <interface name="org.ferry.Transfer1.CompletionHandler">
    <method name="OperationsEnded">
      <arg type="o" direction="in"/><arg type="ao" direction="in"/><arg type="ao" direction="in"/>
    </method>
  </interface>
  <interface name="org.freedesktop.Application">
    <method name="Activate"><arg type="a{sv}" direction="in"/></method>
    <method name="ActivateAction">
      <arg type="s" direction="in"/><arg type="av" direction="in"/><arg type="a{sv}" direction="in"/>
    </method>
  </interface>
</node>"""

SERVICE = """[D-BUS Service]
Name={name}
Exec=/usr/bin/python3 {program} {name} {folder}
"""


class Handler:
    """The application as its test sees it."""

    def __init__(self, world, name=NAME, script=()):
        self.world = world
        self.name = name
        self.folder = os.path.join(world.root, name)
        os.makedirs(self.folder)
        self.set_script(script)
        with open(os.path.join(world.root, "services", f"{name}.service"), "w", encoding="utf-8") as stream:
            stream.write(SERVICE.format(name=name, program=os.path.abspath(__file__), folder=self.folder))
        world.client.bus("ReloadConfig")
        world.cleanups.append(self.stop)

    def set_script(self, script):
        """What it does in its next calls, a line each; then it answers."""
        with open(os.path.join(self.folder, "script.new"), "w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in script)
        os.rename(os.path.join(self.folder, "script.new"), os.path.join(self.folder, "script"))

    def _read(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding="utf-8") as stream:
                return [json.loads(line) for line in stream if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def calls(self):
        """Calls so far: what, group, downloads, uploads, pid, time."""
        return self._read("calls")

    def starts(self):
        """Processes so far: pid, time."""
        return self._read("starts")

    def answers(self):
        """Calls that it has answered without error: time."""
        return self._read("answers")

    def wait_calls(self, number, timeout=20):
        """Waits until it has been called so often; the calls."""
        self.world.client.wait_until(lambda: len(self.calls()) >= number, timeout,
                                     lambda: f"{number} calls: {self.calls()}")
        return self.calls()

    def pid(self):
        """The process that has its name, or None."""
        from ferrykit.client import Refused
        try:
            return self.world.client.bus("GetConnectionUnixProcessID", "(s)", self.name)[0]
        except Refused:
            return None

    def stop(self):
        """Ends what still runs."""
        import signal
        for start in self.starts():
            try:
                os.kill(start["pid"], signal.SIGKILL)
            except ProcessLookupError:
                pass


class Application:
    """The application itself."""

    def __init__(self, name, folder):
        from gi.repository import Gio, GLib
        self.gio, self.glib = Gio, GLib
        self.folder = folder
        self.name = name
        self.path = "/" + name.replace(".", "/").replace("-", "_")
        self.loop = GLib.MainLoop()
        self.connection = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
            self.connection.register_object(self.path, interface, self.called, None, None)

    def run(self):
        self.note("starts", {"pid": os.getpid(), "time": time.monotonic()})
        self.gio.bus_own_name_on_connection(self.connection, self.name, self.gio.BusNameOwnerFlags.NONE, None,
                                            lambda *_: self.loop.quit())
        self.loop.run()

    def note(self, name, value):
        with open(os.path.join(self.folder, name), "a", encoding="utf-8") as stream:
            stream.write(json.dumps(value) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def next_step(self):
        path = os.path.join(self.folder, "script")
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        with open(path + ".new", "w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines[1:])
        os.rename(path + ".new", path)
        return lines[0] if lines else "answer"

    def called(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        what = method
        given = [parameters.unpack()]
        if method == "Activate":
            given = []
        elif method == "ActivateAction":
            what, given, _platform = parameters.unpack()
        arguments = given[0] if given else ("", [], [])  # nothing: the user has clicked somewhere
        step = self.next_step()
        self.note("calls", {"what": what, "group": arguments[0], "downloads": arguments[1], "uploads": arguments[2],
                            "pid": os.getpid(), "time": time.monotonic(), "step": step})
        self.do(step, invocation)

    def do(self, step, invocation):
        word, *rest = step.split(" ", 1)
        if word == "crash":
            os.abort()
        elif word == "error":
            invocation.return_dbus_error("org.example.Error.Busy", "not now")
        elif word == "hang":
            self.kept = invocation
        elif word == "release":
            self.kept = invocation
            self.gio.bus_unown_name  # stays on the bus without its name
            self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                      "ReleaseName", self.glib.Variant("(s)", (self.name,)), None, 0, -1, None)
        else:
            if word == "create":
                self.create(*rest[0].split(" "))
            if word == "slow":
                time.sleep(0.1)
            self.note("answers", {"time": time.monotonic()})
            invocation.return_value(None)
            self.connection.flush_sync(None)
            if word == "exit":
                self.loop.quit()

    def create(self, url, destination):
        """A new group from inside the call, by calls that wait."""
        variant = self.glib.Variant

        def call(path, interface, method, arguments):
            return self.connection.call_sync("org.ferry.Transfer1", path, f"org.ferry.Transfer1.{interface}", method,
                                             arguments, None, 0, 20000, None)

        root = "/org/ferry/Transfer1"
        group, = call(root, "Manager", "CreateCompletionGroup",
                      variant("(a{sv})", ({"handler-name": variant("s", self.name)},))).unpack()
        call(f"{root}/Downloader", "Downloader", "Create",
             variant("(ssa{sv})", (url, destination, {"completion-group": variant("o", group),
                                                      "start": variant("b", True)})))
        call(group, "CompletionGroup", "Enable", None)


if __name__ == "__main__":
    import gi

    gi.require_version("Gio", "2.0")
    Application(*sys.argv[1:]).run()
