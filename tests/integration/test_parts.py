# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holes, several connections, mirrors and another URI: with a real server, and through kill -9."""

import os
import time

import pytest
from ferrykit.client import DOWNLOAD, Refused
from ferrykit.content import Content, file_sha256
from ferrykit.kills import wait_killed
from ferrykit.nginx import Nginx
from ferrykit.world import SANITIZED
from gi.repository import GLib

FULL = os.environ.get("FERRY_TEST_FULL") == "1"
MIB = 1 << 20
# The sentence of the requirements to the letter, or a tenth of it.
LARGE, RATE = (100_000_000, 1_000_000) if FULL else (6_000_000, 1_000_000)


@pytest.fixture
def limited(tmp_path):
    """A real server that serves /limited/ at RATE a connection."""
    made = Nginx(str(tmp_path), rate=RATE)
    yield made
    made.stop()


def prioritize(client, path, offset):
    """Prioritize."""
    client.call(path, DOWNLOAD, "Prioritize", "(t)", offset)


def holds(client, path, offset, size):
    """Whether Ranges has these bytes."""
    return any(first <= offset and offset + size <= first + length
               for first, length in client.get(path, "Ranges", DOWNLOAD))


def assert_completed(world, path, name, content, restarts=0, timeout=60):
    """It ends well, with these bytes."""
    ended = world.client.wait(path, timeout=timeout)
    assert (ended["State"], ended["Restarts"]) == ("completed", restarts), ended
    assert file_sha256(world.path(name)) == content.sha256()
    return ended


def test_read_far_ahead(world, limited):
    """64 KiB at four fifths within two seconds of asking for them, and nothing is sent twice."""
    client, content = world.client, Content(LARGE, seed=3)
    limited.add("big.bin", content)
    path = client.create(f"{limited.origin}/limited/big.bin", world.path("f"), random_access=True, start=True)
    client.wait_until(lambda: client.get(path, "BytesReceived") > RATE // 4)
    offset = LARGE * 8 // 10
    fd = client.open_result(path)
    begun = time.monotonic()
    prioritize(client, path, offset)
    client.wait_until(lambda: holds(client, path, offset, 65536), timeout=5)
    assert time.monotonic() - begun < 2 * client.scale
    assert os.pread(fd, 65536, offset) == content.read(offset, 65536)
    os.close(fd)
    assert_completed(world, path, "f", content, timeout=200 if FULL else 30)
    log = limited.log()
    # What was in the sockets when the first connection was closed.
    assert sum(row[1] for row in log) < LARGE + MIB, log


def test_four_connections(world, limited):
    content = Content(LARGE * 4 // 5, seed=4)
    limited.add("big.bin", content)
    path = world.client.create(f"{limited.origin}/limited/big.bin", world.path("f"), connections=4, start=True)
    begun = time.monotonic()
    ended = assert_completed(world, path, "f", content)
    # Far less than the one connection would take; the exact figure is the benchmark's.
    assert time.monotonic() - begun < content.size / RATE * 0.7 * world.client.scale
    assert ended["BytesReceived"] == content.size
    assert len([row for row in limited.log() if row[0] == 206]) >= 3


def test_replaced_meanwhile(world, limited):
    """The file on the server becomes another one while parts are fetched: none of the old is in the new."""
    old, new = Content(8 * MIB, seed=5), Content(8 * MIB, seed=6)
    limited.add("new", new)
    os.utime(os.path.join(limited.www, "new"), (1, 1))
    limited.add("big.bin", old)
    path = world.client.create(f"{limited.origin}/limited/big.bin", world.path("f"), connections=2, start=True)
    # The first of it comes in a burst, before the first record.
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 3 * MIB)
    os.rename(os.path.join(limited.www, "new"), os.path.join(limited.www, "big.bin"))
    world.daemon.restart()  # so that everything is asked for anew
    assert_completed(world, path, "f", new, restarts=1)


# Killed


def kill_often(world, path, rng, seconds, prioritized=None):
    """Kills the service several times on the way; what was held before is held afterwards."""
    client = world.client
    for _ in range(3 if SANITIZED else 5):
        time.sleep(rng.uniform(*seconds))
        if prioritized:
            prioritize(client, path, prioritized())
            time.sleep(rng.uniform(*seconds))
        before = client.get(path, "BytesReceived")
        world.daemon.restart()
        client.wait_until(lambda: client.get(path, "State") in ("running", "completed"))
        # The page of the journal is a mebibyte behind at most.
        client.wait_until(lambda least=before - MIB - 65536: client.get(path, "BytesReceived") >= least)


@pytest.mark.world(settings={"idle-exit": 0})
def test_killed_with_holes(world, server, rng):
    content = Content(10 * MIB)
    path = world.client.create(server.url("normal", size=content.size, rate=4_000_000), world.path("f"),
                               random_access=True, start=True)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    kill_often(world, path, rng, (0.1, 0.4), lambda: rng.randrange(content.size))
    assert_completed(world, path, "f", content)
    assert sum(request.sent for request in server.requests) < content.size + 12 * MIB


@pytest.mark.world(settings={"idle-exit": 0})
def test_killed_behind_what_was_asked_for(world, server):
    """What was asked for first is there at once after a kill, is not fetched again, and more can be asked for."""
    client, content = world.client, Content(6_000_000)
    path = client.create(server.url("normal", size=content.size, rate=RATE), world.path("f"), random_access=True,
                         start=True)
    client.wait_until(lambda: client.get(path, "BytesReceived") > RATE // 4)
    offset = content.size * 8 // 10
    prioritize(client, path, offset)
    # The page of the journal is a mebibyte behind at most.
    client.wait_until(lambda: holds(client, path, offset, 65536 + MIB))
    world.daemon.kill()
    before = len(server.requests)
    world.daemon.start()
    # Before the first record, only the attempt finds it in the journal.
    client.wait_until(lambda: holds(client, path, offset, 65536))
    with os.fdopen(client.open_result(path), "rb") as result:
        assert os.pread(result.fileno(), 65536, offset) == content.read(offset, 65536)
    begun = time.monotonic()
    prioritize(client, path, content.size // 2)
    client.wait_until(lambda: holds(client, path, content.size // 2, 65536), timeout=5)
    assert time.monotonic() - begun < 2 * client.scale
    assert_completed(world, path, "f", content)
    assert all(request.first > offset or request.last < offset for request in server.requests[before:])


@pytest.mark.world(settings={"idle-exit": 0})
def test_killed_with_four_connections(world, server, rng):
    content = Content(16 * MIB)
    path = world.client.create(server.url("normal", size=content.size, rate=1_500_000), world.path("f"),
                               connections=4, start=True)
    kill_often(world, path, rng, (0.2, 0.5))
    assert_completed(world, path, "f", content)
    assert [request.status for request in server.requests].count(200) == 1


@pytest.mark.world(settings={"idle-exit": 0})
def test_killed_with_mirrors(world, server, rng):
    content = Content(10 * MIB)
    mirrors = [server.url("normal", f"m{n}", size=content.size, rate=1_000_000).replace(
        server.origin, server.other_origin) for n in range(2)]
    path = world.client.create(server.url("normal", size=content.size, rate=1_000_000), world.path("f"),
                               connections=3, mirrors=mirrors, start=True)
    kill_often(world, path, rng, (0.2, 0.5))
    assert_completed(world, path, "f", content)
    assert server.requests_of("normal", "m0")


@pytest.mark.world(settings={"retry-delay": 50, "idle-exit": 0})
def test_killed_with_another_uri(world, server, rng):
    """Killed before anything of the new one is compared, in the middle of that, and behind it."""
    client, size = world.client, 3 * MIB
    path = client.create(server.url("expires", size=size), world.path("f"), recoverable_errors=["forbidden"], start=True)
    client.wait(path, "paused-recoverable-error")
    world.daemon.restart()
    assert client.get(path, "ErrorStatus") == "forbidden"
    client.set(path, "Uri", GLib.Variant("s", server.url("tagged", "new", size=size, tag="new", rate=700_000)))
    world.daemon.restart()
    client.verb(path, "Resume")
    for _ in range(3):
        time.sleep(rng.uniform(0.05, 0.4))
        world.daemon.restart()
    assert_completed(world, path, "f", Content(size))
    asked = server.requests_of("tagged", "new")
    assert all(request.first >= size * 6 // 10 - 65536 for request in asked)


@pytest.mark.world(start=False)
def test_killed_while_the_file_is_made(world, server):
    """OpenResult before Start: cut short, it is done anew."""
    content = Content(300_000)
    world.daemon.start(failpoint="queue-part-made")
    path = world.client.create(server.url("normal"), world.path("f"), random_access=True)
    with pytest.raises(Refused):
        world.client.open_result(path)
    wait_killed(world)
    world.daemon.start()
    fd = world.client.open_result(path)
    world.client.verb(path, "Start")
    assert_completed(world, path, "f", content)
    assert os.pread(fd, content.size, 0) == content.read(0, content.size)
    os.close(fd)
