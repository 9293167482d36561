# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uploads to a real server."""

import os

import pytest
from ferrykit.content import Content, file_sha256

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20
pytestmark = pytest.mark.world(settings={"retry-delay": 50})


@pytest.fixture
def stored(nginx):
    """Path of what the server has under a name."""
    return lambda name: os.path.join(nginx.www, "dav", name)


@pytest.fixture
def source(world):
    """Makes a file to upload: (path, content)."""

    def make(size):
        content = Content(size)
        with open(world.path("source"), "wb") as stream:
            for piece in content.chunks(0, size, MIB):
                stream.write(piece)
        return world.path("source"), content

    return make


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 20 * MIB])
def test_put(world, nginx, stored, source, size):
    path, content = source(size)
    ended = world.client.wait(world.client.upload(f"{nginx.origin}/dav/deep/er", path, start=True))
    assert (ended["State"], ended["BytesSent"], ended["Response"]["status"]) == ("completed", size, 201)
    assert ended["Response"]["resumable"] is False
    assert file_sha256(stored("deep/er")) == content.sha256()
    ended = world.client.wait(world.client.upload(f"{nginx.origin}/dav/deep/er", path, start=True))
    assert (ended["State"], ended["Response"]["status"]) == ("completed", 204), "there is one already"


def test_part_of_a_file(world, nginx, stored, source):
    path, content = source(5 * MIB)
    given = {"source_offset": MIB + 1, "source_length": 2 * MIB}
    ended = world.client.wait(world.client.upload(f"{nginx.origin}/dav/part", path, start=True, **given))
    assert (ended["State"], ended["BytesSent"]) == ("completed", 2 * MIB)
    with open(stored("part"), "rb") as stream:
        assert stream.read() == content.read(MIB + 1, 2 * MIB)


def test_what_the_server_refuses(world, nginx, source):
    """It says so before it has read anything, or closes the connection with that."""
    path, _ = source(20 * MIB)
    operation = world.client.upload(f"{nginx.origin}/small/a", path, start=True)
    ended = world.client.wait(operation)
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "request-entity-too-large")
    assert b"413" in os.read(world.client.open_result(operation), 4096)
    path, _ = source(1)
    ended = world.client.wait(world.client.upload(f"{nginx.origin}/nowhere", path, start=True))
    assert (ended["State"], ended["ErrorStatus"]) == ("error", "method-not-allowed")


def test_five_gigabytes(world, nginx, stored):
    """More than 32 bits; of a file that is all holes but its end."""
    size = (5 << 30 if FULL else 1 << 20) + 7
    path = world.path("sparse")
    with open(path, "wb") as stream:
        stream.truncate(size - 3)
        stream.seek(size - 3)
        stream.write(b"end")
    ended = world.client.wait(world.client.upload(f"{nginx.origin}/dav/sparse", path, start=True), timeout=300)
    assert (ended["State"], ended["BytesSent"], ended["TotalBytesToSend"]) == ("completed", size, size)
    assert os.path.getsize(stored("sparse")) == size
    with open(stored("sparse"), "rb") as stream:
        stream.seek(size - 3)
        assert stream.read() == b"end"


def test_ten_kills(world, nginx, stored, source, rng):
    """With the service killed at random it arrives, from its beginning each time."""
    size = (1024 if FULL else 48) * MIB
    path, content = source(size)
    operation = world.client.upload(f"{nginx.origin}/dav/a", path, max_speed=size, start=True)
    for _ in range(10):
        world.client.iterate(rng.uniform(0.05, 0.4))
        world.daemon.kill()
        world.daemon.start()
    ended = world.client.wait(operation, timeout=120)
    assert (ended["State"], ended["BytesSent"]) == ("completed", size)
    assert file_sha256(stored("a")) == content.sha256()
