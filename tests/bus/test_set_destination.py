# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A download gets another destination: whatever state it is in, what it holds goes along."""

import os

import pytest
from ferrykit.client import DOWNLOAD, Refused
from ferrykit.content import Content, file_sha256

pytestmark = pytest.mark.world(settings={"stall-timeout": 1})
SIZE = 300_000
HALF = 150_000
WANTED = Content(SIZE).sha256()


@pytest.fixture
def there(world):
    """Another folder on the same file system."""
    folder = os.path.join(world.home, "there")
    os.mkdir(folder)
    return folder


def parts(folder):
    """Partial files in it."""
    return [name for name in os.listdir(folder) if name.endswith(".part")]


def begin(world, server, case="stall-once", name="a", **given):
    """A download that has half of it and gets no more for now."""
    path = world.client.create(server.url(case), world.path(name), start=True, **given)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") == HALF)
    return path


def is_done(world, path, destination, restarts=0):
    """It ends there, whole, and nothing is left where it was."""
    ended = world.client.wait(path)
    assert (ended["State"], ended["Destination"], ended["Restarts"]) == ("completed", destination, restarts)
    assert file_sha256(destination) == WANTED
    assert world.parts() == [] and parts(os.path.dirname(destination)) == []
    assert not os.path.exists(world.path("a"))


def test_before_the_start(world, server, there):
    path = world.client.create(server.url("normal"), world.path("a"))
    world.client.set_destination(path, os.path.join(there, "b"))
    assert world.client.get(path, "Destination", DOWNLOAD) == os.path.join(there, "b")
    assert world.client.get(path, "State") == "idle"
    other = world.client.create(server.url("normal"), world.path("a"))
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), os.path.join(there, "b"))
    assert refused.value.short == "DestinationExists"
    world.client.verb(other, "Cancel")
    world.daemon.restart()
    world.client.verb(path, "Start")
    is_done(world, path, os.path.join(there, "b"))


def test_same_folder(world, server):
    path = begin(world, server)
    world.client.set_destination(path, world.path("b"))
    is_done(world, path, world.path("b"))
    assert [request.status for request in server.requests] == [200, 206]


def test_while_it_runs(world, server, there):
    path = begin(world, server)
    world.client.set_destination(path, os.path.join(there, "b"))
    is_done(world, path, os.path.join(there, "b"))
    assert [request.status for request in server.requests] == [200, 206]
    assert server.requests[1].first == HALF, "nothing is fetched twice"


def test_into_another_file_system(world, server, elsewhere):
    path = begin(world, server)
    world.client.set_destination(path, os.path.join(elsewhere, "b"))
    is_done(world, path, os.path.join(elsewhere, "b"))
    assert server.requests[1].first == HALF, "nothing is fetched twice"


def test_while_it_runs_and_cannot_be_resumed(world, server, elsewhere):
    """Its bytes are kept, so it goes on and is moved when all is there."""
    path = world.client.create(server.url("slow-without-ranges", rate=300_000), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 10_000)
    world.client.set_destination(path, os.path.join(elsewhere, "b"))
    is_done(world, path, os.path.join(elsewhere, "b"))
    assert len(server.requests) == 1


@pytest.mark.parametrize("restart", [False, True])
def test_while_paused(world, server, there, restart):
    path = begin(world, server)
    world.client.verb(path, "Pause")
    world.client.set_destination(path, os.path.join(there, "b"))
    if restart:
        world.daemon.restart()
    assert world.client.get(path, "State") == "paused-by-application"
    with os.fdopen(world.client.open_result(path), "rb") as stream:
        assert stream.read() == Content(SIZE).read(0, HALF)
    world.client.verb(path, "Resume")
    is_done(world, path, os.path.join(there, "b"))


def test_again_and_again(world, server, there, elsewhere):
    """Several times before anything is moved, there and back."""
    path = begin(world, server)
    world.client.verb(path, "Pause")
    for folder in (there, elsewhere, world.downloads, elsewhere, there):
        world.client.set_destination(path, os.path.join(folder, "b"))
    world.client.verb(path, "Resume")
    is_done(world, path, os.path.join(there, "b"))
    assert server.requests[1].first == HALF and os.listdir(elsewhere) == []


def test_again_and_again_while_it_runs(world, server, there, elsewhere):
    path = world.client.create(server.url("slow", rate=150_000), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    for folder in (there, elsewhere, there, elsewhere):
        world.client.set_destination(path, os.path.join(folder, "b"))
    is_done(world, path, os.path.join(elsewhere, "b"))
    assert os.listdir(there) == []


def test_after_an_error(world, server, there):
    path = world.client.create(server.url("slow", rate=600_000), world.path("a"), start=True)
    world.client.wait(path, "running")
    with open(world.path("a"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    assert world.client.wait(path)["ErrorStatus"] == "destination-exists"
    world.client.set_destination(path, os.path.join(there, "b"))
    assert world.client.get(path, "State") == "error"
    # What has failed claims nothing.
    other = world.client.create(server.url("hold"), os.path.join(there, "b"))
    with pytest.raises(Refused) as refused:
        world.client.verb(path, "Resume")
    assert refused.value.short == "DestinationExists"
    world.client.verb(other, "Cancel")
    world.client.verb(path, "Resume")
    os.unlink(world.path("a"))
    is_done(world, path, os.path.join(there, "b"))
    assert len(server.requests_of("slow")) == 1, "it was all there"


def test_cancel_and_remove_delete_what_was_not_moved_yet(world, server, there, elsewhere):
    for folder in (there, elsewhere):
        path = world.client.create(server.url("hold", os.path.basename(folder), at=HALF), world.path("a"), start=True)
        world.client.wait_until(lambda path=path: world.client.get(path, "BytesReceived") == HALF)
        world.client.verb(path, "Pause")
        world.client.set_destination(path, os.path.join(folder, "b"))
        world.client.verb(path, "Cancel")
        assert world.parts() == [] and os.listdir(folder) == []


def test_folder_and_rename(world, server, there):
    with open(os.path.join(there, "b"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    path = begin(world, server)
    with pytest.raises(Refused) as refused:
        world.client.set_destination(path, os.path.join(there, "b"))
    assert refused.value.short == "DestinationExists"
    world.client.set_destination(path, os.path.join(there, "b"), exists="rename")
    is_done(world, path, os.path.join(there, "b (2)"))
    folder = world.client.create(server.url("name-plain"), world.path("a"))
    world.client.set_destination(folder, there + "/")
    world.client.verb(folder, "Start")
    is_done(world, folder, os.path.join(there, "report.pdf"))


def test_replace(world, server, there):
    with open(os.path.join(there, "b"), "w", encoding="utf-8") as stream:
        stream.write("mine")
    path = begin(world, server)
    world.client.set_destination(path, os.path.join(there, "b"), exists="replace")
    is_done(world, path, os.path.join(there, "b"))


def test_folder_that_is_given(world, server, there):
    path = begin(world, server)
    fd = os.open(there, os.O_PATH)
    for leaf in ("x/y", ".."):
        with pytest.raises(Refused) as refused:
            world.client.set_destination(path, leaf, fds=[fd], destination_dir_fd=0)
        assert refused.value.short == "InvalidArgument"
    with pytest.raises(Refused) as refused:
        world.client.set_destination(path, "b", destination_dir_fd=0)
    assert refused.value.short == "InvalidArgument" and "destination-dir-fd" in refused.value.message
    world.client.set_destination(path, "b", fds=[fd], destination_dir_fd=0)
    os.close(fd)
    is_done(world, path, os.path.join(there, "b"))


def test_refused(world, server, there):
    """Nothing is changed by what is refused."""
    path = world.client.create(server.url("normal"), world.path("a"))
    other = world.client.create(server.url("normal"), os.path.join(there, "taken"))
    for destination, short in (("", "InvalidArgument"), ("relative", "InvalidArgument"), (there, "DestinationUnavailable"),
                               (os.path.join(there, "no/b"), "DestinationUnavailable"),
                               (os.path.join(there, "taken"), "DestinationExists"),
                               (os.path.join(world.state, "b"), "DestinationUnavailable")):
        with pytest.raises(Refused) as refused:
            world.client.set_destination(path, destination)
        assert refused.value.short == short, destination
    with pytest.raises(Refused) as refused:
        world.client.set_destination(path, os.path.join(there, "b"), title="x")
    assert refused.value.short == "InvalidArgument"
    assert world.client.get(path, "Destination", DOWNLOAD) == world.path("a")
    with pytest.raises(Refused) as refused:
        world.client.create(server.url("normal"), world.path("a"))
    assert refused.value.short == "DestinationExists", "it still has its own"
    world.client.set_destination(path, world.path("a"))
    world.client.verb(other, "Cancel")
    with pytest.raises(Refused) as refused:
        world.client.set_destination(other, os.path.join(there, "b"))
    assert refused.value.short == "InvalidState"
    world.client.verb(path, "Start")
    assert world.client.wait(path)["State"] == "completed"
    with pytest.raises(Refused) as refused:
        world.client.set_destination(path, os.path.join(there, "b"))
    assert refused.value.short == "InvalidState"


def test_file_that_was_given(world, server, there):
    fd = os.memfd_create("given")
    path = world.client.create(server.url("normal"), "", fds=[fd], destination_fd=0)
    os.close(fd)
    with pytest.raises(Refused) as refused:
        world.client.set_destination(path, os.path.join(there, "b"))
    assert refused.value.short == "InvalidState" and "destination-fd" in refused.value.message
