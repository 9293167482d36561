# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9 while a download goes into a file that was given, or to another place than at first."""

import os
import time

import pytest
from ferrykit.client import GLib, Refused
from ferrykit.content import Content, file_sha256
from ferrykit.kills import begin, wait_killed

MIB = 1 << 20
GIVEN_STEPS = ["sink-given-emptied", "sink-written", "transfer-body-complete", "sink-verified", "transfer-verified",
               "queue-finalizing-committed", "sink-folder-synced", "queue-completed-committed"]


@pytest.fixture
def given(world):
    """A file with something in it, and a descriptor of it."""
    path = world.path("given")
    with open(path, "wb") as stream:
        stream.write(b"x" * 4 * MIB)
    fd = os.open(path, os.O_RDWR)
    yield path, fd
    os.close(fd)


@pytest.mark.world(start=False)
@pytest.mark.parametrize("step", GIVEN_STEPS)
def test_given_file(world, server, given, step):
    """Killed at that step, then started again: the same file, whole."""
    path, fd = given
    content = Content(2 * MIB)
    operation = begin(world, server.url("slow", size=content.size, rate=8 * MIB), step, "", fds=[fd], destination_fd=0)
    wait_killed(world)
    world.daemon.start()
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"], ended["Destination"]) == ("completed", 0, path)
    assert file_sha256(path) == content.sha256() and os.path.samestat(os.stat(path), os.fstat(fd))
    assert os.listdir(world.downloads) == ["given"]
    if step not in GIVEN_STEPS[:3]:
        assert len(server.requests) == 1, "nothing was fetched twice"


@pytest.mark.world(start=False)
def test_given_file_is_emptied_by_a_cancel_cut_short(world, server, given):
    path, fd = given
    world.daemon.start()
    operation = world.client.create(server.url("hold", size=4 * MIB, at=3 * MIB), "", fds=[fd], destination_fd=0,
                                    start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 3 * MIB)
    time.sleep(0.5)  # until it is recorded which file that is
    world.daemon.kill()
    world.daemon.start(failpoint="queue-verb-committed")
    with pytest.raises(Refused):
        world.client.verb(operation, "Cancel")
    wait_killed(world)
    assert os.path.getsize(path) > 0
    world.daemon.start()
    assert world.client.get(operation, "State") == "canceled"
    world.client.wait_until(lambda: os.path.getsize(path) == 0)
    assert os.fstat(fd).st_nlink == 1


@pytest.mark.world(start=False)
@pytest.mark.parametrize("step", ["queue-create-before-commit", "queue-create-committed"])
def test_creation_with_a_descriptor(world, server, given, step):
    """Wholly or not at all; what is there knows its file again."""
    path, fd = given
    world.daemon.start(failpoint=step)
    url = server.url("normal")
    with pytest.raises(Refused):
        world.client.create(url, "", fds=[fd], destination_fd=0, token="t")
    wait_killed(world)
    world.daemon.start()
    assert len(world.client.list()) == (1 if step == "queue-create-committed" else 0)
    operation = world.client.create(url, "", fds=[fd], destination_fd=0, token="t", start=True)
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(path) == Content(300_000).sha256()


# Each step of a move, and whether the new destination holds after it.
MOVE_STEPS = {"queue-destination-before-commit": False, "queue-destination-committed": True}
BRING_STEPS = {"there": ["sink-moved"], "elsewhere": ["sink-copying", "sink-copied", "sink-copy-recorded",
                                                       "sink-former-deleted"]}


@pytest.fixture
def places(world, elsewhere):
    """Where it may go: the same file system and another one."""
    there = os.path.join(world.home, "there")
    os.mkdir(there)
    return {"there": there, "elsewhere": elsewhere}


def pause_half(world, server):
    """A download that has 3 MiB of 6 and is paused, in a fresh service."""
    world.daemon.start()
    operation = world.client.create(server.url("hold", size=6 * MIB, at=3 * MIB), world.path("a"), start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 3 * MIB)
    world.client.verb(operation, "Pause")
    world.client.set(operation, "Uri", GLib.Variant("s", server.url("normal", size=6 * MIB)))
    return operation


def is_whole(world, operation, places, place):
    """It ends there without having begun again, and leaves nothing anywhere else."""
    destination = os.path.join(places[place], "b") if place else world.path("a")
    ended = world.client.wait(operation)
    assert (ended["State"], ended["Restarts"], ended["Destination"]) == ("completed", 0, destination)
    assert file_sha256(destination) == Content(6 * MIB).sha256()
    left = [name for folder in (world.downloads, *places.values()) for name in os.listdir(folder)]
    assert left == [os.path.basename(destination)]


@pytest.mark.world(start=False, settings={"stall-timeout": 1})
@pytest.mark.parametrize("place", ["there", "elsewhere"])
@pytest.mark.parametrize("step", MOVE_STEPS)
def test_set_destination(world, server, places, step, place):
    """The call is cut short: the old destination or the new one, and no byte is lost."""
    operation = pause_half(world, server)
    world.daemon.restart(failpoint=step)
    with pytest.raises(Refused):
        world.client.set_destination(operation, os.path.join(places[place], "b"))
    wait_killed(world)
    world.daemon.start()
    world.client.verb(operation, "Resume")
    is_whole(world, operation, places, place if MOVE_STEPS[step] else None)


@pytest.mark.world(start=False, settings={"stall-timeout": 1})
@pytest.mark.parametrize("place, step", [(place, step) for place, steps in BRING_STEPS.items() for step in steps])
def test_bringing_the_partial_file(world, server, places, place, step):
    """Killed while it is moved or copied: the next start goes on with what there is."""
    operation = pause_half(world, server)
    world.client.set_destination(operation, os.path.join(places[place], "b"))
    world.daemon.restart(failpoint=step)
    try:
        world.client.verb(operation, "Resume")
    except Refused as error:
        assert error.short == "NoReply", error
    wait_killed(world)
    world.daemon.start()
    is_whole(world, operation, places, place)


@pytest.mark.world(start=False, settings={"stall-timeout": 1})
def test_cancel_while_it_is_copied(world, server, places):
    """Killed in the copy, then canceled: neither place keeps anything."""
    operation = pause_half(world, server)
    world.client.set_destination(operation, os.path.join(places["elsewhere"], "b"))
    world.daemon.restart(failpoint="sink-copied")
    world.client.verb(operation, "Resume")
    wait_killed(world)
    world.daemon.kill()
    world.daemon.start(failpoint="queue-verb-committed")
    with pytest.raises(Refused):
        world.client.verb(operation, "Cancel")
    wait_killed(world)
    world.daemon.start()
    assert world.client.get(operation, "State") == "canceled"
    folders = [world.downloads, *places.values()]
    world.client.wait_until(lambda: not any(os.listdir(folder) for folder in folders))
