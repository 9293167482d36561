# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of the bus contract that hides nothing."""

import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

NAME = "org.ferry.Transfer1"
ROOT = "/org/ferry/Transfer1"
MANAGER = f"{NAME}.Manager"
DOWNLOADER = f"{NAME}.Downloader"
UPLOADER = f"{NAME}.Uploader"
OPERATION = f"{NAME}.Operation"
DOWNLOAD = f"{NAME}.DownloadOperation"
UPLOAD = f"{NAME}.UploadOperation"
PROPERTIES = "org.freedesktop.DBus.Properties"
ENDED = ("completed", "error", "canceled")

OPTION_TYPES = {
    "method": "s", "headers": "a(ss)", "cost-policy": "s", "priority": "s", "group": "s", "completion-group": "o",
    "server-credential": "(ss)", "proxy-credential": "(ss)", "proxy": "s", "ca-certificates": "s",
    "certificate-fingerprint": "s", "max-speed": "t", "title": "s", "metadata": "a{sv}", "application-id": "s",
    "token": "s", "not-before": "x", "not-after": "x", "recoverable-errors": "as", "idempotent": "b",
    "start": "b", "destination-fd": "h", "destination-dir-fd": "h", "exists": "s", "checksum": "s",
    "expected-size": "t", "mirrors": "as", "connections": "u", "random-access": "b", "states": "as", "all": "b",
    "properties": "as", "limit": "u", "after": "s", "source-fd": "h", "source-offset": "t", "source-length": "t",
    "resumable": "s", "subtype": "s", "boundary": "s", "body": "s", "body-fd": "h",
}


class Refused(Exception):
    """A call that was answered with an error."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.short = name.rsplit(".", 1)[-1]
        self.message = message


def options(**given):
    """An a{sv} from keyword arguments (`_` stands for `-`); a GLib.Variant goes in as it is."""
    result = {}
    for key, value in given.items():
        key = key.replace("_", "-")
        result[key] = value if isinstance(value, GLib.Variant) else GLib.Variant(OPTION_TYPES[key], value)
    return result


class Signal:
    """One signal received."""

    def __init__(self, path, interface, member, arguments):
        self.path = path
        self.interface = interface
        self.member = member
        self.arguments = arguments
        self.time = time.monotonic()

    def __repr__(self):
        return f"<{self.member} {self.path} {self.arguments}>"


class Client:
    """One connection to the bus."""

    def __init__(self, address, scale=1):
        flags = Gio.DBusConnectionFlags
        self.scale = scale  # of every time limit
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)
        self.name = self.connection.get_unique_name()
        self.signals = []  # unicast ones of the service, in order
        self.watches = False  # whether it ever attached or watched
        self.connection.signal_subscribe(
            None, None, None, None, None, Gio.DBusSignalFlags.NO_MATCH_RULE, self._received)

    def _received(self, _connection, _sender, path, interface, member, parameters):
        if path.startswith(ROOT):
            self.signals.append(Signal(path, interface, member, parameters.unpack()))

    def close(self):
        """Leaves the bus."""
        if not self.connection.is_closed():
            self.connection.close_sync(None)

    def iterate(self, seconds=0.0):
        """Lets signals in, for at least so long."""
        context = GLib.MainContext.default()
        deadline = time.monotonic() + seconds
        while True:
            while context.iteration(False):
                pass
            if time.monotonic() >= deadline:
                return
            time.sleep(0.005)

    def call(self, path, interface, method, signature="()", *arguments, timeout=25, fds=(), destination=NAME):
        """Calls and returns the unpacked reply; Refused where it is an error."""
        if method in ("Attach", "Start", "Watch", "ForEach", "CreateMany"):
            self.watches = True
        fd_list = Gio.UnixFDList.new() if fds else None
        for fd in fds:
            fd_list.append(fd)  # a duplicate; new_from_array() would close the caller's
        try:
            reply, _ = self.connection.call_with_unix_fd_list_sync(
                destination, path, interface, method, GLib.Variant(signature, arguments), None,
                Gio.DBusCallFlags.NONE, int(timeout * self.scale * 1000), fd_list, None)
        except GLib.Error as error:
            raise refused(error) from None
        return reply.unpack()

    def call_async(self, path, interface, method, signature="()", *arguments, timeout=25):
        """Calls without waiting; the returned dict gets `reply` or `error`, and `time`."""
        answer = {}

        def done(connection, result):
            answer["time"] = time.monotonic()
            try:
                answer["reply"] = connection.call_finish(result).unpack()
            except GLib.Error as error:
                answer["error"] = refused(error)

        self.connection.call(NAME, path, interface, method, GLib.Variant(signature, arguments), None,
                             Gio.DBusCallFlags.NONE, int(timeout * self.scale * 1000), None, done)
        return answer

    def create(self, uri, destination, fds=(), **given):
        """Downloader.Create; the operation's path."""
        if given.get("start"):
            self.watches = True
        return self.call(f"{ROOT}/Downloader", DOWNLOADER, "Create", "(ssa{sv})", uri, destination,
                         options(**given), fds=fds)[0]

    def upload(self, uri, source, fds=(), **given):
        """Uploader.Create; the operation's path."""
        if given.get("start"):
            self.watches = True
        return self.call(f"{ROOT}/Uploader", UPLOADER, "Create", "(ssa{sv})", uri, str(source), options(**given),
                         fds=fds, timeout=60)[0]

    def multipart(self, uri, parts, fds=(), **given):
        """Uploader.CreateMultipart of dicts; the operation's path."""
        if given.get("start"):
            self.watches = True
        types = {"file": "s", "file_fd": "h", "text": "s", "name": "s", "filename": "s", "content_type": "s",
                 "headers": "a(ss)"}
        made = [{key.replace("_", "-"): GLib.Variant(types[key], value) for key, value in part.items()}
                for part in parts]
        return self.call(f"{ROOT}/Uploader", UPLOADER, "CreateMultipart", "(saa{sv}a{sv})", uri, made,
                         options(**given), fds=fds, timeout=60)[0]

    def create_many(self, operations, timeout=60):
        """Downloader.CreateMany of (uri, destination, options); the paths."""
        return self.call(f"{ROOT}/Downloader", DOWNLOADER, "CreateMany", "(a(ssa{sv}))", operations,
                         timeout=timeout)[0]

    def list(self, **given):
        """Downloader.List; path to properties."""
        return self.call(f"{ROOT}/Downloader", DOWNLOADER, "List", "(a{sv})", options(**given), timeout=60)[0]

    def verb(self, path, name):
        """Start, Pause, Resume, Cancel, Remove, Attach or Detach."""
        self.call(path, OPERATION, name)

    def get_all(self, path):
        """Every property of an operation, of both its interfaces."""
        result = self.call(path, PROPERTIES, "GetAll", "(s)", OPERATION)[0]
        other = DOWNLOAD if result["Kind"] == "download" else UPLOAD
        result.update(self.call(path, PROPERTIES, "GetAll", "(s)", other)[0])
        return result

    def get(self, path, name, interface=OPERATION):
        """One property."""
        return self.call(path, PROPERTIES, "Get", "(ss)", interface, name)[0]

    def set(self, path, name, value, interface=OPERATION):
        """Writes one property with a GLib.Variant."""
        self.call(path, PROPERTIES, "Set", "(ssv)", interface, name, value)

    def set_destination(self, path, destination, fds=(), **given):
        """Operation.SetDestination."""
        self.call(path, OPERATION, "SetDestination", "(sa{sv})", destination, options(**given), fds=fds)

    def manager(self, method, signature="()", *arguments):
        """A method of the Manager."""
        return self.call(ROOT, MANAGER, method, signature, *arguments)

    def open_result(self, path):
        """A descriptor of OpenResult."""
        try:
            reply, fds = self.connection.call_with_unix_fd_list_sync(
                NAME, path, OPERATION, "OpenResult", None, None, Gio.DBusCallFlags.NONE, 25000 * self.scale, None,
                None)
        except GLib.Error as error:
            raise refused(error) from None
        return fds.get(reply.unpack()[0])

    def wait(self, path, states=ENDED, timeout=20):
        """Waits until State is one of these; all properties then."""
        return self.wait_until(lambda: self._when_in(path, states), timeout, lambda: f"{states}: {self.get_all(path)}")

    def _when_in(self, path, states):
        # State alone first: GetAll ten times a second would be a load of its own.
        if self.get(path, "State") in ((states,) if isinstance(states, str) else states):
            return self.get_all(path)
        return None

    def wait_until(self, condition, timeout=20, what=lambda: "the condition"):
        """Waits until condition () is true; its value."""
        deadline = time.monotonic() + timeout * self.scale
        while True:
            self.iterate()
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"after {timeout * self.scale} s not {what()}"
            time.sleep(0.01)

    def owner(self):
        """Who owns the service's name, or None."""
        try:
            return self.bus("GetNameOwner", "(s)", NAME)[0]
        except Refused:
            return None

    def bus(self, method, signature="()", *arguments):
        """A method of the bus itself."""
        return self.call("/org/freedesktop/DBus", "org.freedesktop.DBus", method, signature, *arguments,
                         destination="org.freedesktop.DBus")


def refused(error):
    """What a GLib.Error of a call says."""
    name = Gio.DBusError.get_remote_error(error)
    if name is None:
        return Refused(f"local.{error.domain}.{error.code}", error.message)
    return Refused(name, error.message.removeprefix(f"GDBus.Error:{name}: "))
