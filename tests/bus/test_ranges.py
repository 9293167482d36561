# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A download is the set of ranges it misses: random access, several connections, mirrors, another URI."""

import os
import time

import pytest
from ferrykit.client import DOWNLOAD, Refused
from ferrykit.content import Content, file_sha256
from gi.repository import GLib

SIZE = 2_000_000
RATE = 1_000_000  # bytes/s of one connection
AHEAD = 1_600_000
PAUSED = "paused-recoverable-error"


def ranges(client, path):
    """Ranges, as (first, past the last)."""
    return [(first, first + length) for first, length in client.get(path, "Ranges", DOWNLOAD)]


def holds(client, path, first, past):
    """Whether all these bytes are held."""
    return any(begin <= first and past <= end for begin, end in ranges(client, path))


def prioritize(client, path, offset):
    """Prioritize."""
    client.call(path, DOWNLOAD, "Prioritize", "(t)", offset)


def assert_result(world, name, size, seed=1):
    """The file is that content."""
    assert file_sha256(world.path(name)) == Content(size, seed).sha256()


def completed(world, path, name, size, seed=1, timeout=30):
    """Waits for the end, which has to be a good one; the properties then."""
    properties = world.client.wait(path, timeout=timeout)
    assert properties["State"] == "completed", properties
    assert_result(world, name, size, seed)
    return properties


# Random access


def test_random_access(world, server):
    client, content = world.client, Content(SIZE)
    path = client.create(server.url("normal", size=SIZE, rate=RATE), world.path("f"), random_access=True, start=True)
    client.wait_until(lambda: client.get(path, "BytesReceived") > 100_000)
    begun = time.monotonic()
    prioritize(client, path, AHEAD)
    client.wait_until(lambda: holds(client, path, AHEAD, AHEAD + 65536), timeout=5)
    assert time.monotonic() - begun < 2 * client.scale
    assert len(ranges(client, path)) == 2
    fd = client.open_result(path)
    assert os.pread(fd, 65536, AHEAD) == content.read(AHEAD, 65536)
    os.close(fd)
    assert client.get(path, "RandomAccess", DOWNLOAD) is True
    completed(world, path, "f", SIZE)
    asked = sorted((request.first, request.first + request.sent) for request in server.requests)
    assert [first for first, _ in asked][0] == 0
    # What was on its way when it was turned is all that can come twice.
    assert sum(request.sent for request in server.requests) < SIZE + 4 * 65536, asked


def test_prioritize_before_start(world, server):
    client = world.client
    path = client.create(server.url("normal", size=SIZE), world.path("f"), random_access=True)
    prioritize(client, path, AHEAD)
    world.daemon.restart()
    client.verb(path, "Start")
    completed(world, path, "f", SIZE)
    assert [request.first for request in server.requests] == [AHEAD, 0]


def test_prioritize_refused(world, server):
    client = world.client
    ordinary = client.create(server.url("hold", at=1000), world.path("a"), start=True)
    with pytest.raises(Refused) as refused:
        prioritize(client, ordinary, 5)
    assert refused.value.short == "InvalidState"
    path = client.create(server.url("hold", at=1000), world.path("b"), random_access=True, start=True)
    client.wait_until(lambda: client.get(path, "BytesReceived") == 1000)
    with pytest.raises(Refused) as refused:
        prioritize(client, path, 300_000)
    assert refused.value.short == "InvalidArgument"
    client.verb(path, "Cancel")
    with pytest.raises(Refused) as refused:
        prioritize(client, path, 5)
    assert refused.value.short == "InvalidState"


def test_open_before_start(world, server):
    """An empty file that grows, and is the same all the time."""
    client = world.client
    path = client.create(server.url("normal", size=SIZE), world.path("f"), random_access=True)
    fd = client.open_result(path)
    assert os.fstat(fd).st_size == 0 and ranges(client, path) == []
    world.daemon.restart()
    other = client.open_result(path)
    assert os.path.sameopenfile(fd, other)
    os.close(other)
    client.verb(path, "Start")
    completed(world, path, "f", SIZE)
    assert os.pread(fd, SIZE, 0) == Content(SIZE).read(0, SIZE)
    os.close(fd)


def test_open_at_once(world, server):
    """However early after Start."""
    for number in range(10):
        path = world.client.create(server.url("hold", str(number), at=0), world.path(str(number)), random_access=True,
                                   start=True)
        fd = world.client.open_result(path)
        assert os.fstat(fd).st_size == 0
        os.close(fd)
        world.client.verb(path, "Cancel")
    assert world.parts() == []


def test_open_and_cancel(world, server):
    path = world.client.create(server.url("normal"), world.path("f"), random_access=True)
    os.close(world.client.open_result(path))
    assert len(world.parts()) == 1
    world.client.verb(path, "Cancel")
    assert world.parts() == []


@pytest.mark.parametrize("case, status", [
    ("rangeless", "insufficient-range-support"), ("ranges-refused", "insufficient-range-support"),
    ("lengthless", "missing-content-length-support"), ("tagged", "insufficient-range-support"),
])
def test_unfit(world, server, case, status):
    """Found out before anything is written."""
    path = world.client.create(server.url(case), world.path("f"), random_access=True, start=True)
    properties = world.client.wait(path)
    assert (properties["State"], properties["ErrorStatus"]) == ("error", status)
    assert properties["BytesReceived"] == 0 and properties["Ranges"] == []
    assert all(os.path.getsize(part) == 0 for part in world.parts())


# What is told


def test_ranges_downloaded(world, server):
    client, other = world.client, world.new_client()
    path = client.create(server.url("normal", size=SIZE, rate=RATE), world.path("f"), random_access=True)
    client.verb(path, "Start")
    client.wait_until(lambda: client.get(path, "BytesReceived") > 100_000)
    prioritize(client, path, AHEAD)
    completed(world, path, "f", SIZE)
    client.wait_until(lambda: [each for each in client.signals if each.member == "Ended"])
    other.iterate()
    assert other.signals == []
    members = [signal.member for signal in client.signals]
    told = [signal for signal in client.signals if signal.member == "RangesDownloaded"]
    assert members.index("Ended") == len(members) - 1
    held = set()
    for signal in told:
        added, restarted = signal.arguments
        assert not restarted
        for first, length in added:
            held.update(range(first // 1000, (first + length + 999) // 1000))
    assert held == set(range(SIZE // 1000))
    assert any(len(signal.arguments[0]) > 1 or signal.arguments[0][0][0] >= AHEAD for signal in told)
    seconds = told[-1].time - told[0].time
    assert len(told) <= 4 * seconds + 3


def test_ranges_restarted(world, server):
    client = world.client
    path = client.create(server.url("changed", rate=600_000), world.path("f"), start=True)
    completed(world, path, "f", 300_000, seed=2)
    client.wait_until(lambda: [each for each in client.signals if each.member == "Ended"])
    told = [signal.arguments for signal in client.signals if signal.member == "RangesDownloaded"]
    assert [restarted for _, restarted in told].count(True) == 1
    since = told[[restarted for _, restarted in told].index(True):]
    assert sum(length for added, _ in since for _, length in added) == 300_000


def test_ranges_of_idle_and_ended(world, server):
    client = world.client
    path = client.create(server.url("hold", at=1000), world.path("f"))
    assert ranges(client, path) == []
    client.verb(path, "Start")
    client.wait_until(lambda: ranges(client, path) == [(0, 1000)])
    client.verb(path, "Pause")
    client.wait_until(lambda: ranges(client, path) == [(0, 1000)])
    assert world.daemon.end() == []
    world.daemon.start()
    assert ranges(client, path) == [(0, 1000)]
    done = client.create(server.url("normal"), world.path("g"), start=True)
    completed(world, done, "g", 300_000)
    assert ranges(client, done) == [(0, 300_000)]


# Several connections


def test_four_connections(world, server):
    path = world.client.create(server.url("normal", size=SIZE, rate=RATE), world.path("f"), connections=4, start=True)
    properties = completed(world, path, "f", SIZE)
    assert properties["BytesReceived"] == SIZE and properties["Restarts"] == 0
    assert server.most_at_once() == 4
    assert len({request.connection for request in server.requests}) >= 4
    assert all(request.header("If-Range") == '"v1"' for request in server.requests if request.first)


def test_rest_of_a_slow_one_is_taken_over(world, server):
    """Whichever connection has nothing left to do takes what another would need long for."""
    size = 4_000_000
    path = world.client.create(server.url("first-is-slow", size=size), world.path("f"), start=True, connections=2)
    completed(world, path, "f", size, timeout=40)
    slow, *others = server.requests_of("first-is-slow")
    assert slow.sent < size // 2 - 400_000, "it did not have to send its half"
    assert len(others) >= 2 and all(request.status == 206 for request in others)
    firsts = sorted(request.first for request in others)
    assert firsts[0] < size // 2 < firsts[-1] + 1000


@pytest.mark.world(settings={"max-running-per-host": 2})
def test_limit_per_host(world, server):
    path = world.client.create(server.url("normal", size=SIZE, rate=RATE), world.path("f"), connections=8, start=True)
    completed(world, path, "f", SIZE)
    assert server.most_at_once() == 2


@pytest.mark.world(settings={"max-running-per-host": 3})
def test_nobody_starves(world, server):
    """What was lent is given back when another wants to run."""
    client = world.client
    wide = client.create(server.url("normal", "wide", size=7_000_000, rate=RATE), world.path("wide"), connections=8,
                         start=True)
    client.wait_until(lambda: server.most_at_once() == 3)
    small = [client.create(server.url("normal", f"s{n}", size=300_000, rate=RATE), world.path(f"s{n}"), start=True)
             for n in range(3)]
    for number, path in enumerate(small):
        completed(world, path, f"s{number}", 300_000)
    assert client.get(wide, "State") == "running"
    completed(world, wide, "wide", 7_000_000)
    assert server.most_at_once() <= 3


def test_connections_without_ranges(world, server):
    for case in ("rangeless", "lengthless", "tagged"):
        path = world.client.create(server.url(case, case, size=SIZE), world.path(case), connections=4, start=True)
        properties = completed(world, path, case, SIZE)
        assert properties["Restarts"] == 0, [(r.first, r.last, r.status, r.sent, r.ended) for r in server.requests_of(case)]
        assert len(server.requests_of(case)) <= 4


# Mirrors


def mirror(server, case, name, **query):
    """The same server as another origin."""
    return server.url(case, name, **query).replace(server.origin, server.other_origin)


def test_mirror_takes_over(world, server):
    """Each error of one source leaves the download to another, which gets nothing that was the first one's."""
    client = world.client
    path = client.create(
        server.url("dies", size=SIZE, at=SIZE // 2), world.path("f"), start=True,
        headers=[("Authorization", "Bearer abc"), ("X-Token", "t"), ("Accept", "text/plain")],
        mirrors=[mirror(server, "not-found", "x"), mirror(server, "normal", "f", size=SIZE)])
    properties = completed(world, path, "f", SIZE)
    assert properties["Restarts"] == 0 and properties["Attempt"] == 1 and properties["ErrorStatus"] == ""
    last = server.requests_of("normal")[0]
    assert last.first == SIZE // 2 and last.header("If-Range") == '"v1"'
    assert last.header("Authorization") is None and last.header("X-Token") is None
    assert last.header("Accept") == "text/plain"
    assert properties["Response"]["uri"] == mirror(server, "normal", "f", size=SIZE)
    assert properties["Uri"] == server.url("dies", size=SIZE, at=SIZE // 2)


def test_mirror_of_something_else(world, server):
    """Another tag is another file: nothing of it goes to the first one's."""
    client = world.client
    world.write_settings({"retry-delay": 50})
    path = client.create(server.url("cut-once", size=SIZE), world.path("f"), start=True,
                         mirrors=[mirror(server, "tagged", "f", size=SIZE, tag="other", seed=7)])
    completed(world, path, "f", SIZE)
    assert server.requests_of("tagged")[0].header("If-Range") == '"v1"'


def test_mirrors_side_by_side(world, server):
    checksum = "sha256:" + Content(SIZE).sha256()
    path = world.client.create(
        server.url("normal", size=SIZE, rate=RATE), world.path("f"), start=True, connections=3, checksum=checksum,
        expected_size=SIZE, mirrors=[mirror(server, "tagged", "f", size=SIZE, rate=RATE, tag="other"),
                                     mirror(server, "tagged", "g", size=SIZE, rate=RATE)])
    completed(world, path, "f", SIZE)
    assert server.requests_of("tagged", "f") and server.requests_of("tagged", "g")
    assert server.most_at_once() == 3


def test_slow_one_is_left(world, server):
    """The mirror is tried when the first would take long, and kept because it is faster."""
    path = world.client.create(server.url("normal", "slow", size=SIZE, rate=50_000), world.path("f"), start=True,
                               mirrors=[mirror(server, "normal", "fast", size=SIZE)])
    completed(world, path, "f", SIZE, timeout=20)
    assert server.requests_of("normal", "fast")[0].first > 0


# Another URI


def pause_expired(world, server, **options):
    """A download whose URL nobody may have any more; its path."""
    path = world.client.create(server.url("expires", size=SIZE), world.path("f"), start=True,
                               recoverable_errors=["forbidden"], **options)
    properties = world.client.wait(path, PAUSED)
    assert properties["ErrorStatus"] == "forbidden" and properties["BlockedBy"] == ["recoverable-error"]
    assert properties["BytesReceived"] == SIZE * 6 // 10
    return path


@pytest.mark.world(settings={"retry-delay": 50})
@pytest.mark.parametrize("random", [False, True])
def test_expired_uri(world, server, random):
    client = world.client
    path = pause_expired(world, server, random_access=random)
    client.call(path, "org.ferry.Transfer1.Operation", "SetRequestHeader", "(ss)", "X-Ticket", "new")
    client.set(path, "Uri", GLib.Variant("s", server.url("tagged", "new", size=SIZE, tag="new")))
    client.verb(path, "Resume")
    properties = completed(world, path, "f", SIZE)
    assert properties["Restarts"] == 0
    asked = server.requests_of("tagged", "new")
    assert [request.first for request in asked] == [SIZE * 6 // 10 - 65536]
    assert asked[0].header("X-Ticket") == "new"
    assert asked[0].sent == SIZE * 4 // 10 + 65536


@pytest.mark.world(settings={"retry-delay": 50})
@pytest.mark.parametrize("size, seed", [(SIZE, 2), (SIZE - 10, 1)])
def test_expired_uri_other_file(world, server, size, seed):
    client = world.client
    path = pause_expired(world, server)
    client.set(path, "Uri", GLib.Variant("s", server.url("tagged", "new", size=size, seed=seed, tag="v1")))
    client.verb(path, "Resume")
    assert completed(world, path, "f", size, seed)["Restarts"] == 1
