# SPDX-FileCopyrightText: 2026 The Ferry authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How fast transfers may be: of their own and all together, changed while they run.

A limit is never exceeded, however noisy the machine; that it is used is judged with slack. How exactly is measured by
benchmarks/limits.py.
"""

import os
import time

import pytest
from ferrykit.client import GLib
from ferrykit.content import Content, file_sha256

BIG = 40_000_000
SPAN = 1.2  # seconds that a speed is measured over
BURST = 0.2  # seconds of a limit that may come at once


def begin(world, server, name, **options):
    """A download of more than anybody waits for, under way."""
    path = world.client.create(server.url("normal", name, size=BIG), world.path(name), start=True, **options)
    world.client.wait_until(lambda: world.client.get(path, "BytesReceived") > 0)
    return path


def measure(world, paths, counter="BytesReceived", span=SPAN):
    """Bytes/s of each, over so many seconds."""

    def sample():
        return [(time.monotonic(), world.client.get(path, counter)) for path in paths]

    before = sample()
    time.sleep(span)
    return [(n - n_before) / (now - then) for (then, n_before), (now, n) in zip(before, sample())]


def check(speed, limit, span=SPAN):
    """No more than that, and not much less."""
    assert speed <= limit * (1.05 + BURST / span), f"{speed:.0f} bytes/s, limit {limit}"
    assert speed >= limit * 0.6, f"{speed:.0f} bytes/s, limit {limit}"


def test_max_speed(world, server):
    """From the first byte on, also at the server's side; and changed while it runs, up, down and away."""
    began = time.monotonic()
    path = begin(world, server, "a", max_speed=500_000)
    check(measure(world, [path])[0], 500_000)
    total = world.client.get(path, "BytesReceived")
    assert total <= 500_000 * (time.monotonic() - began) + 150_000, "nothing much came at once in the beginning"
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 3_000_000))
    assert world.client.get(path, "MaxSpeed") == 3_000_000
    check(measure(world, [path])[0], 3_000_000)
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 100_000))
    check(measure(world, [path])[0], 100_000)
    assert world.client.get(path, "State") == "running" and len(server.requests) == 1
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 0))
    assert world.client.wait(path, timeout=60)["State"] == "completed"
    assert len(server.requests) == 1, "one request, held and resumed"


@pytest.mark.world(settings={"stall-timeout": 1})
def test_very_slow(world, server):
    """A limit below what counts as stalled is no stall: 4 bytes/s for longer than the stall time-out's window."""
    path = world.client.create(server.url("normal", size=1_000_000), world.path("a"), start=True, max_speed=4)
    time.sleep(3)
    properties = world.client.get_all(path)
    assert (properties["State"], properties["ErrorStatus"], properties["Attempt"]) == ("running", "", 1)
    assert 4 <= properties["BytesReceived"] <= 16
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 1000))
    check(measure(world, [path])[0], 1000)
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 0))
    assert world.client.wait(path)["State"] == "completed"
    assert len(server.requests) == 1


@pytest.mark.world(settings={"download-speed-limit": 900_000})
def test_limit_of_all(world, server):
    """Shared in equal parts, whatever else one of them is limited to; and changed while they run."""
    paths = [begin(world, server, name) for name in "abc"]
    speeds = measure(world, paths)
    check(sum(speeds), 900_000)
    assert max(speeds) <= 1.3 * min(speeds), speeds
    world.client.set(paths[0], "MaxSpeed", GLib.Variant("t", 100_000))
    speeds = measure(world, paths)
    check(speeds[0], 100_000)
    check(sum(speeds), 900_000)
    assert max(speeds[1:]) <= 1.3 * min(speeds[1:]), speeds
    world.set_setting("download-speed-limit", "uint64 300000")
    world.client.set(paths[0], "MaxSpeed", GLib.Variant("t", 0))
    time.sleep(0.3)
    check(sum(measure(world, paths)), 300_000)
    for path in paths:
        world.client.verb(path, "Cancel")


def test_survives_a_kill(world, server):
    """The limit is the operation's, and holds for what is fetched after a restart."""
    path = begin(world, server, "a", max_speed=200_000)
    world.client.set(path, "MaxSpeed", GLib.Variant("t", 400_000))
    world.daemon.kill()
    world.daemon.start()
    world.client.wait_until(lambda: world.client.get(path, "State") == "running")
    world.client.wait_until(lambda: len(server.requests) == 2)
    assert world.client.get(path, "MaxSpeed") == 400_000
    check(measure(world, [path])[0], 400_000)
    world.client.verb(path, "Cancel")


@pytest.mark.world(settings={"upload-speed-limit": 900_000, "retry-delay": 50})
def test_uploads(world, sink):
    """The same for what is sent: of one, of all, changed while it runs; what is received has limits of its own."""
    path = world.path("source")
    with open(path, "wb") as stream:
        stream.write(Content(BIG, 3).read(0, BIG))
    paths = [world.client.upload(sink.url(name), path, start=True, max_speed=limit)
             for name, limit in (("a", 0), ("b", 100_000))]
    for each in paths:
        world.client.wait_until(lambda each=each: world.client.get(each, "BytesSent") > 0)
    speeds = measure(world, paths, "BytesSent")
    check(speeds[1], 100_000)
    check(sum(speeds), 900_000)
    assert sink.received <= sum(world.client.get(each, "BytesSent") for each in paths)
    world.client.set(paths[0], "MaxSpeed", GLib.Variant("t", 300_000))
    check(measure(world, paths, "BytesSent")[0], 300_000)
    assert [world.client.get(each, "State") for each in paths] == ["running", "running"]
    for each in paths:
        world.client.set(each, "MaxSpeed", GLib.Variant("t", 0))
    world.set_setting("upload-speed-limit", "uint64 0")
    for each in paths:
        assert world.client.wait(each, timeout=60)["State"] == "completed"
    assert {file_sha256(upload.path) for upload in sink.uploads} == {Content(BIG, 3).sha256()}
    assert len(sink.uploads) == 2, "one request each, held and let go on"


def test_whole_and_right(world, server):
    """Held and resumed many times, cut in the middle: not a byte is lost or doubled."""
    path = world.client.create(server.url("cut-once", size=1_500_000), world.path("a"), start=True, max_speed=800_000)
    ended = world.client.wait(path)
    assert ended["State"] == "completed", ended
    with open(world.path("a"), "rb") as stream:
        assert stream.read() == b"".join(Content(1_500_000).chunks(0, 1_500_000))
    assert os.path.getsize(world.path("a")) == 1_500_000
