# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`meson install`: everything in its place, and it works there."""

import configparser
import os
import subprocess

import pytest
from ferrykit.client import MANAGER, NAME, ROOT
from ferrykit.content import Content, file_sha256
from ferrykit.world import is_alive, program

INTERFACES = ["CompletionGroup", "CompletionHandler", "DownloadOperation", "Downloader", "Manager", "Operation",
              "UploadOperation", "Uploader"]
DEFAULTS = {
    "max-running": "uint32 16", "max-running-per-host": "uint32 6", "max-operations-per-application": "uint32 20000",
    "max-operations-per-sandboxed-application": "uint32 1000", "connect-timeout": "uint32 300",
    "response-timeout": "uint32 120", "stall-timeout": "uint32 120", "max-retries": "uint32 3",
    "retry-delay": "uint32 5000", "retention-days": "uint32 30", "download-speed-limit": "uint64 0",
    "upload-speed-limit": "uint64 0", "idle-exit": "uint32 60", "max-spool-size": "uint64 4294967296",
    "restrict-background-data": "false", "pause-on-battery-saver": "true", "data-plans": "@a{s(tu)} {}",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The build installed below a DESTDIR."""
    destination = str(tmp_path_factory.mktemp("destination"))
    subprocess.run(["meson", "install", "--no-rebuild", "--quiet", "-C", program("FERRY_BUILD_ROOT")],
                   env={**os.environ, "DESTDIR": destination}, check=True, capture_output=True)
    return destination


def prefix():
    """The build's prefix."""
    return program("FERRY_PREFIX")


def at(tree, *parts):
    """A path below the prefix in the tree."""
    return os.path.join(tree + prefix(), *parts)


def keys(path):
    """A key file's sections."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    parser.optionxform = str
    parser.read(path, encoding="utf-8")
    return parser


def test_programs(tree):
    for name in ("libexec/ferryd", "bin/ferry"):
        assert os.access(at(tree, name), os.X_OK), name


def test_activation(tree):
    service = keys(at(tree, f"share/dbus-1/services/{NAME}.service"))["D-BUS Service"]
    assert service["Name"] == NAME
    assert service["Exec"] == os.path.join(prefix(), "libexec/ferryd")
    assert service["SystemdService"] == "ferryd.service"


def test_interfaces(tree):
    assert sorted(os.listdir(at(tree, "share/dbus-1/interfaces"))) == [f"{NAME}.{each}.xml" for each in INTERFACES]


def test_units(tree, tmp_path):
    units = at(tree, "lib/systemd/user")
    service = keys(os.path.join(units, "ferryd.service"))["Service"]
    assert service["Type"] == "dbus" and service["BusName"] == NAME
    # What needs a user namespace would make every caller unreadable; a umask would be the results' too.
    for key in ("PrivateUsers", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateNetwork",
                "ProtectKernelTunables", "ReadWritePaths", "PrivateMounts", "ProtectClock", "UMask"):
        assert key not in service, key
    resume = keys(os.path.join(units, "ferryd-resume.service"))["Service"]
    assert resume["Type"] == "oneshot" and resume["ExecStart"].endswith("libexec/ferryd --resume")
    link = os.path.join(units, "default.target.wants/ferryd-resume.service")
    assert os.path.realpath(link) == os.path.realpath(os.path.join(units, "ferryd-resume.service"))
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    copies = []
    for name in ("ferryd.service", "ferryd-resume.service"):
        with open(os.path.join(units, name), encoding="utf-8") as stream:
            text = stream.read().replace(prefix() + "/libexec", at(tree, "libexec"))
        copies.append(str(tmp_path / name))
        with open(copies[-1], "w", encoding="utf-8") as stream:
            stream.write(text)
    done = subprocess.run(["systemd-analyze", "--user", "verify", "--man=no", *copies], check=False,
                          env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)}, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr


def test_autostart(tree):
    entry = keys(at(tree, f"etc/xdg/autostart/{NAME}.desktop"))["Desktop Entry"]
    assert entry["Exec"].endswith("libexec/ferryd --resume")
    assert entry["NoDisplay"] == "true" and entry["X-systemd-skip"] == "true"


def test_schema(tree, tmp_path):
    schemas = at(tree, "share/glib-2.0/schemas")
    subprocess.run(["glib-compile-schemas", "--strict", "--targetdir", str(tmp_path), schemas], check=True)
    env = {**os.environ, "GSETTINGS_BACKEND": "memory", "GSETTINGS_SCHEMA_DIR": str(tmp_path)}
    done = subprocess.run(["gsettings", "list-recursively", NAME], env=env, check=True, capture_output=True, text=True)
    found = dict(line.split(" ", 2)[1:] for line in done.stdout.splitlines())
    assert found == DEFAULTS


def test_nothing_of_the_tests(tree):
    """Failpoints and the kit stay in the build folder."""
    for folder, _, names in os.walk(tree):
        for name in names:
            assert "test" not in name and "fake" not in name, os.path.join(folder, name)


@pytest.mark.world(start=False)
def test_it_works_in_a_prefix(world, tree, server):
    """Activated by its own service file, with no systemd, on a bus that is given that folder."""
    from ferrykit.buses import Bus
    from ferrykit.client import Client

    services = os.path.join(world.root, "prefix-services")
    os.mkdir(services)
    with open(at(tree, f"share/dbus-1/services/{NAME}.service"), encoding="utf-8") as stream:
        text = stream.read().replace(f"Exec={prefix()}", f"Exec={at(tree)}")
    with open(os.path.join(services, f"{NAME}.service"), "w", encoding="utf-8") as stream:
        stream.write(text)
    subprocess.run(["glib-compile-schemas", at(tree, "share/glib-2.0/schemas")], check=True)
    env = {**world.env, "XDG_DATA_DIRS": at(tree, "share") + ":/usr/share"}
    del env["GSETTINGS_SCHEMA_DIR"]
    bus = Bus(world.root, name="prefix", service_folder=services, env=env)
    client = Client(bus.address, world.client.scale)
    path = client.create(server.url("normal"), world.path("a"), start=True)
    ended = client.wait(path)
    assert client.get(ROOT, "Version", MANAGER)
    pid = client.bus("GetConnectionUnixProcessID", "(s)", NAME)[0]
    assert os.readlink(f"/proc/{pid}/exe") == os.path.realpath(at(tree, "libexec/ferryd"))
    client.close()
    bus.stop()
    world.client.wait_until(lambda: not is_alive(pid), 10, lambda: "the service ends with its bus")
    assert ended["State"] == "completed"
    assert file_sha256(world.path("a")) == Content(300_000).sha256()
