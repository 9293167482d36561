# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files and folders that are given by descriptor."""

import os
import socket

import pytest
from ferrykit.client import DOWNLOADER, ROOT, GLib, Refused, options
from ferrykit.content import Content, file_sha256

pytestmark = pytest.mark.world(settings={"stall-timeout": 1})
SIZE = 300_000
WANTED = Content(SIZE).sha256()


@pytest.fixture
def given(world):
    """A file with something in it, and a descriptor of it."""
    path = world.path("given")
    with open(path, "wb") as stream:
        stream.write(b"x" * 500_000)
    fd = os.open(path, os.O_RDWR)
    yield path, fd
    os.close(fd)


@pytest.fixture
def folder(world):
    """A descriptor of the folder for downloads."""
    fd = os.open(world.downloads, os.O_PATH | os.O_DIRECTORY)
    yield fd
    os.close(fd)


def held(world, *fds):
    """How many descriptors the service has of what these are of."""
    wanted = {(os.fstat(fd).st_dev, os.fstat(fd).st_ino) for fd in fds}
    count = 0
    for name in os.listdir(f"/proc/{world.daemon.process.pid}/fd"):
        try:
            there = os.stat(f"/proc/{world.daemon.process.pid}/fd/{name}")
        except OSError:
            continue  # closed since
        count += (there.st_dev, there.st_ino) in wanted
    return count


def test_into_that_very_file(world, server, given):
    path, fd = given
    inode = os.fstat(fd).st_ino
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    assert os.path.getsize(path) == 500_000, "nothing before the first start"
    before = world.client.get_all(operation)
    assert before["Destination"] == "" and "destination-fd" not in before["Options"]
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Destination"]) == ("completed", path)
    assert file_sha256(path) == WANTED and os.stat(path).st_ino == inode
    assert os.pread(fd, 10, 0) == Content(SIZE).read(0, 10)
    assert os.listdir(world.downloads) == ["given"]
    with os.fdopen(world.client.open_result(operation), "rb") as stream:
        assert stream.read() == Content(SIZE).read(0, SIZE)
    world.client.verb(operation, "Remove")
    assert file_sha256(path) == WANTED, "what is complete is not the service's any more"


def test_renamed_or_deleted_meanwhile(world, server, given):
    """While the service runs it holds the file, whatever becomes of the name."""
    path, fd = given
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    os.rename(path, world.path("moved"))
    world.client.verb(operation, "Start")
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(world.path("moved")) == WANTED and not os.path.exists(path)
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    os.unlink(world.path("moved"))
    os.truncate(fd, 0)
    world.client.verb(operation, "Start")
    assert world.client.wait(operation)["State"] == "completed"
    assert os.pread(fd, SIZE, 0) == Content(SIZE).read(0, SIZE)
    assert os.listdir(world.downloads) == []


def test_without_a_name(world, server):
    fd = os.memfd_create("nameless")
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Destination"]) == ("completed", "")
    assert os.pread(fd, SIZE + 1, 0) == Content(SIZE).read(0, SIZE)
    os.close(fd)


@pytest.mark.parametrize("start", [False, True])
def test_cancel_empties_and_keeps_it(world, server, given, start):
    path, fd = given
    operation = world.client.create(server.url("hold", at=100_000), "", fds=[fd], destination_fd=0, start=start)
    if start:
        world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 100_000)
        with os.fdopen(world.client.open_result(operation), "rb") as stream:
            assert stream.read() == Content(SIZE).read(0, 100_000)
    world.client.verb(operation, "Cancel")
    assert os.path.getsize(path) == (0 if start else 500_000), "what was never started was never touched"
    assert os.fstat(fd).st_nlink == 1
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("mine")
    world.daemon.restart()
    world.client.verb(operation, "Remove")
    assert os.path.getsize(path) == 4, "canceled is over"


def test_failed_check_empties_it(world, server, given):
    path, fd = given
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0, start=True,
                                    checksum="sha256:" + "0" * 64)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "checksum-mismatch")
    assert os.path.getsize(path) == 0 and os.fstat(fd).st_nlink == 1
    with pytest.raises(Refused) as refused:
        world.client.open_result(operation)
    assert refused.value.short == "NotFound"


@pytest.mark.parametrize("touched", [False, True])
def test_remove_of_what_failed(world, server, given, touched):
    """Partial data goes, unless somebody has written to the file since."""
    path, fd = given
    world.set_setting("max-retries", 0)
    operation = world.client.create(server.url("hold", at=100_000), "", fds=[fd], destination_fd=0, start=True)
    assert world.client.wait(operation)["State"] == "error"
    assert os.path.getsize(path) == 100_000, "data kept"
    if touched:
        with open(path, "ab") as stream:
            stream.write(b"mine")
    world.client.verb(operation, "Remove")
    assert os.path.getsize(path) == (100_004 if touched else 0)


def test_resumes_in_it_after_a_restart(world, server, given):
    path, fd = given
    operation = world.client.create(server.url("stall-once"), "", fds=[fd], destination_fd=0, start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 150_000)
    world.client.verb(operation, "Pause")
    world.daemon.restart()
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"], ended["Destination"]) == ("completed", 0, path)
    assert file_sha256(path) == WANTED


def test_written_to_by_somebody_while_paused(world, server, given):
    path, fd = given
    operation = world.client.create(server.url("stall-once"), "", fds=[fd], destination_fd=0, start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 150_000)
    world.client.verb(operation, "Pause")
    world.client.wait_until(lambda: held(world, fd) == 1, what=lambda: "closed by the attempt")
    os.pwrite(fd, b"mine", 1000)
    world.client.verb(operation, "Resume")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"]) == ("completed", 1)
    assert file_sha256(path) == WANTED


@pytest.mark.parametrize("what", ["deleted", "replaced", "moved", "symlink", "fifo"])
def test_lost_after_a_restart(world, server, given, what):
    """It is written to only if it is provably the same file."""
    path, fd = given
    operation = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    world.daemon.kill()
    os.rename(path, world.path("moved"))
    if what == "deleted":
        os.unlink(world.path("moved"))
    elif what == "replaced":
        with open(path, "w", encoding="utf-8") as stream:
            stream.write("mine")
    elif what == "symlink":
        os.symlink(world.path("moved"), path)
    elif what == "fifo":
        os.mkfifo(path)
    world.daemon.start()
    world.client.verb(operation, "Start")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "destination-lost")
    if what == "replaced":
        assert os.path.getsize(path) == 4
    if what != "deleted":
        assert os.path.getsize(world.path("moved")) == 500_000
    world.client.verb(operation, "Remove")


def test_two_for_one_file(world, server, given):
    path, fd = given
    os.link(path, world.path("link"))
    first = world.client.create(server.url("hold"), "", fds=[fd], destination_fd=0)
    again = os.open(world.path("link"), os.O_RDWR)
    for arguments in (("", [again], {"destination_fd": 0}), (path, [], {"exists": "replace"}),
                      (world.path("link"), [], {"exists": "replace"})):
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("hold", "2"), arguments[0], fds=arguments[1], **arguments[2])
        assert refused.value.short == "DestinationExists", arguments
    world.client.verb(first, "Cancel")
    second = world.client.create(server.url("hold"), path, exists="replace")
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("hold", "2"), "", fds=[fd], destination_fd=0)
    assert refused.value.short == "DestinationExists"
    world.client.verb(second, "Cancel")
    os.close(again)


def test_many_in_one_call(world, server):
    fds = [os.open(world.path(f"f{n}"), os.O_RDWR | os.O_CREAT) for n in range(16)]
    operations = [(server.url("normal", f"{n}", seed=n), "", options(destination_fd=n, start=True)) for n in range(16)]
    paths = world.client.call(f"{ROOT}/Downloader", DOWNLOADER, "CreateMany", "(a(ssa{sv}))", operations, fds=fds)[0]
    for n, path in enumerate(paths):
        assert world.client.wait(path)["State"] == "completed"
        assert file_sha256(world.path(f"f{n}")) == Content(SIZE, n).sha256()
    world.client.wait_until(lambda: held(world, *fds) == 0, what=lambda: "closed")
    for fd in fds:
        os.close(fd)


def test_many_with_one_twice(world, server, given):
    """All or none, and nothing stays open."""
    _, fd = given
    operations = [(server.url("normal", f"{n}"), "", options(destination_fd=0)) for n in range(2)]
    with pytest.raises(Refused) as refused:
        world.client.call(f"{ROOT}/Downloader", DOWNLOADER, "CreateMany", "(a(ssa{sv}))", operations, fds=[fd])
    assert refused.value.short == "DestinationExists" and "operation 1" in refused.value.message
    assert world.client.list() == {}
    world.client.wait_until(lambda: held(world, fd) == 0, what=lambda: "closed")


@pytest.mark.parametrize("what", ["read-only", "write-only", "append", "path", "pipe", "socket", "folder", "device",
                                  "missing", "no-such", "negative"])
def test_no_destination(world, server, what):
    path = world.path("a")
    with open(path, "w", encoding="utf-8"):
        pass
    flags = {"read-only": os.O_RDONLY, "write-only": os.O_WRONLY, "append": os.O_RDWR | os.O_APPEND, "path": os.O_PATH}
    fds = []
    if what in flags:
        fds = [os.open(path, flags[what])]
    elif what == "pipe":
        fds = list(os.pipe())
    elif what == "socket":
        fds = [each.detach() for each in socket.socketpair()]
    elif what == "folder":
        fds = [os.open(world.downloads, os.O_RDONLY)]
    elif what == "device":
        fds = [os.open("/dev/null", os.O_RDWR)]
    elif what != "missing":
        fds = [os.open(path, os.O_RDWR)]
    for _ in range(3):
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), "", fds=fds,
                                destination_fd={"no-such": 1, "negative": -1, "missing": 3}.get(what, 0))
        assert refused.value.short == "InvalidArgument" and "destination-fd" in refused.value.message
    world.client.wait_until(lambda: what == "device" or held(world, *fds) == 0, what=lambda: "closed")
    for fd in fds:
        os.close(fd)
    assert os.listdir(world.downloads) == ["a"] and world.client.list() == {}


def test_named_in_two_ways(world, server, given, folder):
    _, fd = given
    for destination, fds, keys in ((world.path("a"), [fd], {"destination_fd": 0}), ("a", [fd, folder],
                                   {"destination_fd": 0, "destination_dir_fd": 1}),
                                   (world.path("a"), [folder], {"destination_dir_fd": 0}),
                                   ("", [folder], {"destination_dir_fd": 0})):
        with pytest.raises(Refused) as refused:
            world.client.create(server.url("normal"), destination, fds=fds, **keys)
        assert refused.value.short == "InvalidArgument", (destination, keys)
        assert "destination" in refused.value.message


def test_seventeen_descriptors(world, server, given):
    """The bus hangs up on who sends so many; nobody else is any the worse for it."""
    _, fd = given
    other = world.new_client()
    with pytest.raises(Refused):
        other.create(server.url("normal"), "", fds=[fd] * 17, destination_fd=0)
    assert world.client.list() == {}
    world.client.create(server.url("normal"), "", fds=[fd] * 16, destination_fd=15)


def test_state_folder_has_no_destination(world, server):
    world.client.list()  # answered once the store is open
    name, = (name for name in os.listdir(world.state) if name.endswith(".db"))
    fd = os.open(os.path.join(world.state, name), os.O_RDWR)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    assert refused.value.short == "DestinationUnavailable"
    os.close(fd)


@pytest.mark.parametrize("flags", [os.O_PATH, os.O_RDONLY])
def test_in_a_folder_that_is_given(world, server, flags):
    fd = os.open(world.downloads, flags | os.O_DIRECTORY)
    operation = world.client.create(server.url("stall-once"), "a", fds=[fd], destination_dir_fd=0, start=True)
    os.close(fd)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 150_000)
    assert world.client.get_all(operation)["Destination"] == "a" and len(world.parts()) == 1
    world.daemon.restart()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Destination"]) == ("completed", world.path("a"))
    assert file_sha256(world.path("a")) == WANTED and os.listdir(world.downloads) == ["a"]


@pytest.mark.parametrize("leaf", ["x/y", "/x", ".", "..", "../x", "n" * 256, "x/"])
def test_no_leaf(world, server, folder, leaf):
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), leaf, fds=[folder], destination_dir_fd=0)
    assert refused.value.short == "InvalidArgument"


def test_no_folder(world, server, given):
    _, fd = given
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "a", fds=[fd], destination_dir_fd=0)
    assert refused.value.short == "InvalidArgument" and "destination-dir-fd" in refused.value.message
    os.mkdir(world.path("gone"))
    gone = os.open(world.path("gone"), os.O_PATH)
    os.rmdir(world.path("gone"))
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "a", fds=[gone], destination_dir_fd=0)
    assert refused.value.short == "DestinationUnavailable"
    os.close(gone)


def test_leaf_that_is_occupied_or_claimed(world, server, folder):
    with open(world.path("a"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "a", fds=[folder], destination_dir_fd=0)
    assert refused.value.short == "DestinationExists"
    first = world.client.create(server.url("hold"), "b", fds=[folder], destination_dir_fd=0)
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("hold"), world.path("b"))
    assert refused.value.short == "DestinationExists"
    renamed = world.client.create(server.url("normal"), "b", fds=[folder], destination_dir_fd=0, exists="rename",
                                  start=True)
    assert world.client.wait(renamed)["Destination"] == world.path("b (2)")
    world.client.verb(first, "Cancel")


def test_token_with_a_descriptor(world, server, given):
    _, fd = given
    url = server.url("hold")
    first = world.client.create(url, "", fds=[fd], destination_fd=0, token="t")
    assert world.client.create(url, "", fds=[fd], destination_fd=0, token="t") == first
    with pytest.raises(Refused) as refused:
        world.client.create(url, world.path("b"), token="t")
    assert refused.value.short == "InvalidArgument"


def test_descriptor_of_another_kind(world, server):
    """A number in a handle's place."""
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), "", destination_fd=GLib.Variant("i", 0))
    assert refused.value.short == "InvalidArgument" and "destination-fd" in refused.value.message
