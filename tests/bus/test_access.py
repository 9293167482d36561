# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Callers that are not plainly of this session are refused: closed, never open."""

import os
import subprocess
import sys

import pytest
from ferrykit.client import NAME, OPERATION, ROOT

CALL = """
import gi, sys
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib
address, path, interface, method = sys.argv[1:5]
flags = Gio.DBusConnectionFlags
connection = Gio.DBusConnection.new_for_address_sync(
    address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
arguments = {
    "Create": GLib.Variant("(ssa{sv})", ("http://127.0.0.1:1/", "/tmp/ferry-never", {})),
    "List": GLib.Variant("(a{sv})", ({},)),
    "GetAll": GLib.Variant("(s)", (sys.argv[-1],)),
    "Introspect": None, "Cancel": None, "Attach": None, "Watch": GLib.Variant("(a{sv})", ({},)),
}[method]
try:
    print("answered", connection.call_sync("org.ferry.Transfer1", path, interface, method, arguments, None,
                                           Gio.DBusCallFlags.NONE, 20000, None).unpack())
except GLib.Error as error:
    print(Gio.DBusError.get_remote_error(error), error.message)
"""
CALLS = {
    "create": (f"{ROOT}/Downloader", f"{NAME}.Downloader", "Create"),
    "list": (f"{ROOT}/Downloader", f"{NAME}.Downloader", "List"),
    "watch": (ROOT, f"{NAME}.Manager", "Watch"),
    "version": (ROOT, "org.freedesktop.DBus.Properties", "GetAll", f"{NAME}.Manager"),
    "properties": ("OPERATION", "org.freedesktop.DBus.Properties", "GetAll", OPERATION),
    "cancel": ("OPERATION", OPERATION, "Cancel"),
    "attach": ("OPERATION", OPERATION, "Attach"),
}
BWRAP = ["bwrap", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
         "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev"]
FLATPAK_INFO = """[Application]
name=org.example.App

[Instance]
instance-id=123

[Context]
shared=network;
"""


def command(*call, address):
    """The program above."""
    return ["/usr/bin/python3", "-c", CALL, address, *call]


def in_mount_namespace(world, call):
    return ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-m", *command(*call, address=world.bus.address)]


def in_network_namespace(world, call):
    return ["unshare", *([] if os.geteuid() == 0 else ["-r"]), "-n", *command(*call, address=world.bus.address)]


def in_user_namespace(world, call):
    return ["unshare", "-r", "-U", "-m", *command(*call, address=world.bus.address)]


def in_flatpak(world, call):
    info = os.path.join(world.root, "flatpak-info")
    with open(info, "w", encoding="ascii") as stream:
        stream.write(FLATPAK_INFO)
    return [*BWRAP, "--bind", world.root, world.root, "--ro-bind", info, "/.flatpak-info",
            *command(*call, address=world.bus.address)]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", [in_mount_namespace, in_network_namespace, in_user_namespace, in_flatpak])
def test_refused(world, server, place, call):
    path = world.client.create(server.url("hold"), world.path("a"))
    what = [path if word == "OPERATION" else word for word in CALLS[call]]
    done = subprocess.run(place(world, what), capture_output=True, text=True, timeout=60, check=True)
    name = done.stdout.split(" ")[0]
    if CALLS[call][0] == "OPERATION":
        # Another's operation answers as one that is not there, or is refused: never with anything of it.
        assert name in (f"{NAME}.Error.AccessDenied", "org.freedesktop.DBus.Error.UnknownMethod",
                        "org.freedesktop.DBus.Error.UnknownObject"), done.stdout
    else:
        assert name == f"{NAME}.Error.AccessDenied", done.stdout
    assert world.client.get(path, "State") == "idle"
    assert len(world.client.list(all=True)) == 1


JAILED = """
import os, sys
os.chroot(sys.argv[1])
os.chdir("/")
del sys.argv[1]
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")
@pytest.mark.parametrize("call", CALLS)
def test_marker_alone_is_enough(world, server, call):
    """A Flatpak's marker in the caller's root, in namespaces that are all ours."""
    with open(os.path.join(world.root, ".flatpak-info"), "w", encoding="ascii") as stream:
        stream.write(FLATPAK_INFO)
    path = world.client.create(server.url("hold"), world.path("a"))
    what = [path if word == "OPERATION" else word for word in CALLS[call]]
    imports, rest = CALL.split("address, path", 1)
    program = imports + JAILED + "address, path" + rest
    done = subprocess.run([sys.executable, "-c", program, world.root, "unix:path=/session", *what],
                          capture_output=True, text=True, timeout=60, check=True)
    assert "answered" not in done.stdout, done.stdout
    assert done.stdout.split(" ")[0] in (
        f"{NAME}.Error.AccessDenied", "org.freedesktop.DBus.Error.UnknownMethod",
        "org.freedesktop.DBus.Error.UnknownObject"), done.stdout


def test_refusals_tell_nothing(world, server):
    """Refused or not there, what is answered says nothing of the operation."""
    path = world.client.create(server.url("hold", "secret-name"), world.path("secret-file"), title="secret title")
    done = subprocess.run(in_mount_namespace(world, [path, OPERATION, "Cancel"]), capture_output=True, text=True,
                          timeout=60, check=True)
    nobody = f"{ROOT}/Operation/{'1' * 32}"
    other = subprocess.run(in_mount_namespace(world, [nobody, OPERATION, "Cancel"]), capture_output=True, text=True,
                           timeout=60, check=True)
    assert "secret" not in done.stdout
    assert done.stdout.replace(path, "") == other.stdout.replace(nobody, ""), "the same, to the letter"
