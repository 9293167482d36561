# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disks that are full, read-only, gone or broken, and people who lay hands on partial files.

Small file systems are mounted in a mount namespace of this file's own, which everything it starts shares; other faults
are injected by strace into the system calls that concern one file. Numbers like F01 are the rows of the study of
local faults.
"""

import ctypes
import os
import subprocess

import pytest
from ferrykit.client import GLib, Refused
from ferrykit.content import Content, file_sha256

MIB = 1 << 20
CLONE_NEWNS = 0x00020000
# A full disk is looked at again after six first steps of the backoff.
SETTINGS = {"retry-delay": 50}
pytestmark = pytest.mark.world(settings=SETTINGS)


def mount(*arguments):
    """mount(8)."""
    subprocess.run(["mount", *arguments], check=True)


@pytest.fixture(scope="module", autouse=True)
def namespace():
    """Mounts of this file are nobody else's."""
    assert ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
    mount("--make-rprivate", "/")


@pytest.fixture
def disk(world):
    """A file system of 4 MiB."""
    path = os.path.join(world.home, "disk")
    os.mkdir(path)
    mount("-t", "tmpfs", "-o", "size=4m", "small", path)
    yield path
    subprocess.run(["umount", "--lazy", path], check=False)


def resize(disk, size):
    """Another size."""
    mount("-o", f"remount,size={size}", disk)


def wait_full(world, operation):
    """Waits for a full disk; all properties then."""
    found = world.client.wait(operation, "paused-system-policy")
    assert found["BlockedBy"][0] == "disk.full" and found["ErrorStatus"] == "disk-full", found
    return found


def is_done(world, operation, destination, size, restarts=0):
    """It ended whole, with nothing left beside it."""
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", restarts), ended
    assert file_sha256(destination) == Content(size).sha256()
    assert not [name for name in os.listdir(os.path.dirname(destination)) if name.endswith(".part")]


def test_full_in_the_middle(world, server, disk):
    """F01: nobody knew how much it would be. What fits is kept, and it goes on by itself when there is room."""
    path = os.path.join(disk, "a")
    operation = world.client.create(server.url("chunked", size=6 * MIB), path, start=True)
    full = wait_full(world, operation)
    assert full["BytesReceived"] == 4 * MIB, "the part of a write that fitted is kept too"
    assert full["RetryAt"] == 0 and full["Attempt"] <= 1, "no retry is spent"
    part, = os.listdir(disk)
    assert os.path.getsize(os.path.join(disk, part)) == 4 * MIB
    resize(disk, "16m")
    is_done(world, operation, path, 6 * MIB)
    assert all(request.first is None or request.first == 4 * MIB for request in server.requests)
    assert [request.first for request in server.requests].count(None) == 1


def test_full_in_the_middle_and_killed(world, server, disk):
    """F01: the same with a new process in between."""
    path = os.path.join(disk, "a")
    operation = world.client.create(server.url("chunked", size=6 * MIB), path, start=True)
    wait_full(world, operation)
    world.daemon.restart()
    wait_full(world, operation)
    resize(disk, "16m")
    is_done(world, operation, path, 6 * MIB)


def test_full_before(world, server, disk):
    """F02: what the server says does not fit is not begun, and what is expected is not even asked for."""
    path = os.path.join(disk, "a")
    operation = world.client.create(server.url("normal", "1", size=6 * MIB), path, start=True)
    full = wait_full(world, operation)
    assert full["BytesReceived"] == 0 and os.listdir(disk) == []
    expected = world.client.create(server.url("normal", "2", size=6 * MIB), path + "2", expected_size=6 * MIB, start=True)
    wait_full(world, expected)
    assert server.requests_of("normal", "2") == []
    resize(disk, "16m")
    world.client.wait(operation)
    is_done(world, expected, path + "2", 6 * MIB)
    is_done(world, operation, path, 6 * MIB)


@pytest.mark.world(settings={"retry-delay": 100_000})
def test_full_and_recoverable(world, server, disk):
    """It waits for the application at once, and Resume goes on with what is held."""
    path = os.path.join(disk, "a")
    operation = world.client.create(server.url("chunked", size=6 * MIB), path, start=True, recoverable_errors=["disk-full"])
    paused = world.client.wait(operation, "paused-recoverable-error")
    assert paused["ErrorStatus"] == "disk-full" and paused["BlockedBy"] == ["recoverable-error"]
    resize(disk, "16m")
    world.client.verb(operation, "Resume")
    is_done(world, operation, path, 6 * MIB)
    assert [request.first for request in server.requests] == [None, 4 * MIB]


@pytest.mark.world(settings={"retry-delay": 100_000})
def test_full_and_moved(world, server, disk):
    """Another destination is tried at once, with what is held."""
    operation = world.client.create(server.url("chunked", size=6 * MIB), os.path.join(disk, "a"), start=True)
    wait_full(world, operation)
    world.client.set_destination(operation, world.path("b"))
    is_done(world, operation, world.path("b"), 6 * MIB)
    assert os.listdir(disk) == []
    assert [request.first for request in server.requests] == [None, 4 * MIB]


def test_moved_to_where_there_is_no_room(world, server, disk):
    """The copy does not fit: it waits, and the bytes stay where they are until it does."""
    operation = world.client.create(server.url("hold", size=8 * MIB, at=6 * MIB), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 6 * MIB)
    world.client.verb(operation, "Pause")
    world.client.set_destination(operation, os.path.join(disk, "b"))
    world.client.set(operation, "Uri", GLib.Variant("s", server.url("normal", size=8 * MIB)))
    world.client.verb(operation, "Resume")
    wait_full(world, operation)
    assert len(world.parts()) == 2 and os.path.getsize(os.path.join(world.downloads, os.listdir(world.downloads)[0])) == 6 * MIB
    resize(disk, "16m")
    is_done(world, operation, os.path.join(disk, "b"), 8 * MIB)
    assert os.listdir(world.downloads) == []


@pytest.mark.world(start=False, settings=SETTINGS)
@pytest.mark.parametrize("case", ["chunked", "normal"])
def test_too_large(world, server, case):
    """F03: a limit on the size of files is final, whether it is known before or not, and kills nobody."""
    world.daemon.start(prefix=["prlimit", f"--fsize={4 * MIB}"])
    operation = world.client.create(server.url(case, size=6 * MIB), world.path("a"), start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "file-too-large")
    assert len(server.requests) == 1 and not os.path.exists(world.path("a"))
    world.client.verb(operation, "Remove")


def inject(world, path, *rules):
    """A prefix that spoils system calls, on one file or with None on all."""
    words = ["strace", "-f", "-qq", "-o", os.path.join(world.root, "strace"), *(["-P", path] if path else [])]
    for rule in rules:
        words += ["-e", f"trace={rule.split(':')[0]}", "-e", f"inject={rule}"]
    return words


def check_injected(world):
    """The fault has come."""
    with open(os.path.join(world.root, "strace"), encoding="utf-8", errors="replace") as stream:
        assert "INJECTED" in stream.read()


@pytest.mark.world(start=False, settings=SETTINGS)
@pytest.mark.parametrize("rule, requests, restarts", [
    ("pwrite64:error=EDQUOT:when=3", 2, 0),  # F03: a quota is a full disk
    ("pwrite64:error=ENOSPC:when=3", 2, 0),  # F01
    ("pwrite64:error=EINTR:when=2+3", 1, 0),  # F06
    ("pwrite64:error=EAGAIN:when=2+3", 1, 0),  # F06
    ("pwrite64:error=EIO:when=3", 2, 0),  # F04
    ("pwrite64:error=ESTALE:when=3", 2, 0),  # F16: opened anew, it is the same file
    ("fdatasync:error=EIO:when=1", 2, 0),  # F04: the last sync; what was written is never believed again
])
def test_injected(world, server, rule, requests, restarts):
    """The disk says no once: it ends whole all the same."""
    path = world.path("given")
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    world.daemon.start(prefix=inject(world, path, rule))
    operation = world.client.create(server.url("slow", size=MIB, rate=4 * MIB), "", fds=[fd], destination_fd=0, start=True)
    os.close(fd)
    is_done(world, operation, path, MIB, restarts)
    assert len(server.requests) == requests, [request.first for request in server.requests]
    check_injected(world)
    if rule.startswith("fdatasync"):
        assert server.requests[1].first is None, "pages that were not written back are called clean by then"


@pytest.mark.world(start=False, settings={**SETTINGS, "max-retries": 1})
def test_broken_for_good(world, server):
    """F04: a disk that cannot write back ends in an error, not in a loop."""
    path = world.path("given")
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    world.daemon.start(prefix=inject(world, path, "fdatasync:error=EIO"))
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0, start=True)
    os.close(fd)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "io-error")
    assert len(server.requests) == 2


def test_read_only(world, server, disk):
    """F05: refused at creation; between two attempts an error that keeps the data."""
    path = os.path.join(disk, "a")
    operation = world.client.create(server.url("hold", size=MIB, at=MIB // 2), path, start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == MIB // 2)
    world.client.verb(operation, "Pause")
    world.client.set(operation, "Uri", GLib.Variant("s", server.url("normal", size=MIB)))
    world.client.wait_until(lambda: subprocess.run(["mount", "-o", "remount,ro", disk], stderr=subprocess.DEVNULL,
                                                   check=False).returncode == 0)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), os.path.join(disk, "b"))
    assert refused.value.short == "DestinationUnavailable"
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-unavailable")
    mount("-o", "remount,rw", disk)
    world.client.verb(operation, "Resume")
    is_done(world, operation, path, MIB)
    assert server.requests[-1].first >= MIB // 2 - 65536, "but for what is compared, as its address is new"


@pytest.mark.parametrize("given", [False, True])
def test_unmounted(world, server, disk, given):
    """F07, F08: nothing is written into what is there instead; mounted again, it goes on."""
    path = os.path.join(disk, "a")
    fds = [os.open(path, os.O_RDWR | os.O_CREAT)] if given else []
    keys = {"destination_fd": 0} if given else {}
    operation = world.client.create(server.url("hold", size=MIB, at=MIB // 2), "" if given else path, fds=fds, start=True,
                                    **keys)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == MIB // 2)
    world.client.verb(operation, "Pause")
    world.client.set(operation, "Uri", GLib.Variant("s", server.url("normal", size=MIB)))
    for fd in fds:
        os.close(fd)
    world.daemon.restart()
    mount("--move", disk, world.downloads)
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-lost")
    assert os.listdir(disk) == []
    mount("--move", world.downloads, disk)
    world.client.verb(operation, "Resume")
    is_done(world, operation, path, MIB)


@pytest.mark.parametrize("what", ["shortened", "emptied", "deleted", "replaced", "linked"])
def test_tampered_with_while_it_runs(world, server, what):
    """F09: what somebody took away or may write to is not published."""
    operation = world.client.create(server.url("slow", size=MIB, rate=1_000_000), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") > 300_000)
    part, = world.parts()
    if what == "shortened":
        os.truncate(part, 100_000)
    elif what == "emptied":
        os.truncate(part, 0)
    elif what == "linked":
        os.link(part, world.path("other"))
    else:
        os.unlink(part)
    if what == "replaced":
        with open(part, "wb") as stream:
            stream.write(b"z" * 400_000)
    ended = world.client.wait(operation)
    assert ended["State"] == "completed"
    assert file_sha256(world.path("a")) == Content(MIB).sha256()
    assert os.stat(world.path("a")).st_nlink == 1
    assert sorted(os.listdir(world.downloads)) == (["a", "other"] if what == "linked" else ["a"])
    assert 2 <= len(server.requests) <= 4


@pytest.mark.parametrize("what", ["fifo", "device", "folder"])
def test_something_else_has_the_name_by_then(world, server, what):
    """F11: what is no file is neither opened nor replaced."""
    path = world.path("a")
    operation = world.client.create(server.url("slow", rate=1_000_000), path, exists="replace", start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") > 0)
    if what == "folder":
        os.mkdir(path)
    elif what == "fifo":
        os.mkfifo(path)
    else:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-unavailable")
    assert len(world.parts()) == 1, "data kept"
    world.client.verb(operation, "Remove")
    os.rmdir(path) if what == "folder" else os.unlink(path)


@pytest.mark.world(start=False, settings=SETTINGS)
@pytest.mark.parametrize("occupied", [False, True])
def test_cannot_rename_without_replacing(world, server, occupied):
    """F12, F16: a file system that knows only links replaces nothing either."""
    world.daemon.start(prefix=inject(world, None, "renameat2:error=EINVAL"))
    operation = world.client.create(server.url("slow", size=MIB, rate=2 * MIB), world.path("a"), start=True)
    if occupied:
        world.client.wait(operation, "running")
        with open(world.path("a"), "xb") as stream:
            stream.write(b"mine")
        ended = world.client.wait(operation)
        assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-exists")
        assert os.path.getsize(world.path("a")) == 4 and len(world.parts()) == 1
        os.unlink(world.path("a"))
        world.client.verb(operation, "Resume")
    is_done(world, operation, world.path("a"), MIB)
    assert os.stat(world.path("a")).st_nlink == 1 and len(server.requests) == 1
    check_injected(world)


@pytest.mark.parametrize("killed", [False, True])
def test_name_is_taken_and_it_waits(world, server, killed):
    """F13: what appeared meanwhile stays; another name is all that it takes."""
    operation = world.client.create(server.url("slow", size=MIB, rate=2 * MIB), world.path("a"), start=True,
                                    recoverable_errors=["destination-exists"])
    world.client.wait(operation, "running")
    with open(world.path("a"), "xb") as stream:
        stream.write(b"mine")
    paused = world.client.wait(operation, "paused-recoverable-error")
    assert (paused["ErrorStatus"], paused["BytesReceived"]) == ("destination-exists", MIB)
    world.client.set_destination(operation, world.path("b"))
    if killed:
        world.daemon.restart()
    world.client.verb(operation, "Resume")
    is_done(world, operation, world.path("b"), MIB)
    assert os.path.getsize(world.path("a")) == 4 and len(server.requests) == 1


@pytest.mark.parametrize("when", ["while it runs", "while it is paused", "while there is no service"])
def test_folder_becomes_a_link(world, server, when):
    """F08: it goes where it was sent to, or nowhere; never to where somebody else points."""
    folder, moved, trap = (world.path(name) for name in ("folder", "moved", "trap"))
    os.mkdir(folder)
    os.mkdir(trap)
    operation = world.client.create(server.url("slow", size=MIB, rate=MIB), os.path.join(folder, "a"), start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") > 100_000)
    if when != "while it runs":
        world.client.verb(operation, "Pause")
    if when == "while there is no service":
        world.daemon.kill()
    os.rename(folder, moved)
    os.symlink(trap, folder)
    if when == "while there is no service":
        world.daemon.start()
    if when != "while it runs":
        world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert os.listdir(trap) == []
    if ended["State"] == "error":
        assert ended["ErrorStatus"] == "destination-lost"
        os.unlink(folder)
        os.rename(moved, folder)
        world.client.verb(operation, "Resume")
        is_done(world, operation, os.path.join(folder, "a"), MIB)
    else:
        assert when == "while it runs" and os.listdir(moved) == ["a"]
