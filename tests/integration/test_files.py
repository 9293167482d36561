# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9 while a download goes into a file that was given, or to another place than at first."""

import os

import pytest
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
    operation = world.client.create(server.url("hold", at=100_000), "", fds=[fd], destination_fd=0, start=True)
    world.client.wait_until(lambda: world.client.get(operation, "BytesReceived") == 100_000)
    world.daemon.kill()
    world.daemon.start(failpoint="queue-verb-committed")
    with pytest.raises(Exception):
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
    with pytest.raises(Exception):
        world.client.create(url, "", fds=[fd], destination_fd=0, token="t")
    wait_killed(world)
    world.daemon.start()
    assert len(world.client.list()) == (1 if step == "queue-create-committed" else 0)
    operation = world.client.create(url, "", fds=[fd], destination_fd=0, token="t", start=True)
    assert world.client.wait(operation)["State"] == "completed"
    assert file_sha256(path) == Content(300_000).sha256()
